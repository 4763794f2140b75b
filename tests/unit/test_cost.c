#include "evaluate/cost.h"

#include "base/file.h"
#include "evaluate/energy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "support/folder.h"
#include "support/near.h"

static void count_call(void *context) {
    ++*(volatile size_t *)context;
}

static void sleep_a_little(void *context) {
    count_call(context);
    struct timespec pause = {.tv_nsec = 200000};
    nanosleep(&pause, NULL);
}

static void a_step_of_nanoseconds_is_measured(void **state) {
    (void)state;
    size_t calls = 0;
    struct latency latency = latency_measure(count_call, &calls, 20000);
    assert_true(calls > latency.steps); /* there was a warm-up */
    assert_true(latency.steps > 19900 && latency.steps <= 20000);
    assert_true(latency.p50 > 0);
    assert_true(latency.p50 < 1);
    assert_true(latency.p90 >= latency.p50 && latency.p99 >= latency.p90);
    assert_true(latency.mean > 0);
}

static void a_slow_step_is_timed_call_by_call(void **state) {
    (void)state;
    size_t calls = 0;
    struct latency latency = latency_measure(sleep_a_little, &calls, 50);
    assert_int_equal(latency.steps, 50);
    assert_true(latency.p50 >= 200);
    assert_true(latency.p90 >= latency.p50 && latency.p99 >= latency.p90);
}

static void few_steps_are_measured_and_none_are_not(void **state) {
    (void)state;
    size_t calls = 0;
    assert_int_equal(latency_measure(count_call, &calls, 0).steps, 0);
    assert_int_equal(calls, 0);
    for (size_t steps = 1; steps < 5; steps++) {
        struct latency latency = latency_measure(count_call, &calls, steps);
        assert_true(latency.steps > 0 && latency.steps <= steps);
        assert_true(latency.p90 >= latency.p50 && latency.p99 >= latency.p90);
    }
}

static void peak_memory_grows_with_what_is_touched(void **state) {
    (void)state;
    enum { SIZE = 64 << 20 };
    size_t before = peak_rss_bytes();
    assert_true(before > 100000);
    char *memory = malloc(SIZE);
    assert_non_null(memory);
    memset(memory, 1, SIZE);
    assert_true(((volatile char *)memory)[SIZE / 2] == 1);
    size_t with = peak_rss_bytes();
    assert_true(with >= before + SIZE / 2);
    free(memory);
    assert_true(peak_rss_bytes() >= with);
}

/* Writes a package's counter into the folder, in microjoules. */
static void set_counter(const struct folder *folder, int package, const char *joules) {
    char name[64], path[2 * FOLDER_PATH];
    struct error error;
    snprintf(name, sizeof name, "intel-rapl:%d", package);
    assert_true(file_make_directory(folder_path(folder, name, path), &error));
    snprintf(name, sizeof name, "intel-rapl:%d/max_energy_range_uj", package);
    folder_write(folder, name, "10000000\n");
    snprintf(name, sizeof name, "intel-rapl:%d/energy_uj", package);
    folder_write(folder, name, joules);
}

static void energy_is_summed_over_packages_and_counters_wrap_around(void **state) {
    (void)state;
    struct folder folder = folder_new();
    struct energy_meter none = energy_begin(folder.path);
    assert_true(isnan(energy_since(&none)));
    set_counter(&folder, 0, "1000000\n");
    set_counter(&folder, 1, "9000000\n");
    struct energy_meter meter = energy_begin(folder.path);
    assert_near(energy_since(&meter), 0, 0);
    set_counter(&folder, 0, "1500000\n");
    set_counter(&folder, 1, "2000000\n");
    assert_near(energy_since(&meter), 0.5 + 3, 1e-9);
    set_counter(&folder, 1, "broken\n");
    assert_near(energy_since(&meter), 0.5, 1e-9);
    folder_remove(&folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_step_of_nanoseconds_is_measured),
        cmocka_unit_test(a_slow_step_is_timed_call_by_call),
        cmocka_unit_test(few_steps_are_measured_and_none_are_not),
        cmocka_unit_test(energy_is_summed_over_packages_and_counters_wrap_around),
        cmocka_unit_test(peak_memory_grows_with_what_is_touched),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
