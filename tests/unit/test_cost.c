#include "evaluate/cost.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

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
    assert_true(latency.p99 >= latency.p50);
    assert_true(latency.mean > 0);
}

static void a_slow_step_is_timed_call_by_call(void **state) {
    (void)state;
    size_t calls = 0;
    struct latency latency = latency_measure(sleep_a_little, &calls, 50);
    assert_int_equal(latency.steps, 50);
    assert_true(latency.p50 >= 200);
    assert_true(latency.p99 >= latency.p50);
}

static void few_steps_are_measured_and_none_are_not(void **state) {
    (void)state;
    size_t calls = 0;
    assert_int_equal(latency_measure(count_call, &calls, 0).steps, 0);
    assert_int_equal(calls, 0);
    for (size_t steps = 1; steps < 5; steps++) {
        struct latency latency = latency_measure(count_call, &calls, steps);
        assert_true(latency.steps > 0 && latency.steps <= steps);
        assert_true(latency.p99 >= latency.p50);
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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_step_of_nanoseconds_is_measured),
        cmocka_unit_test(a_slow_step_is_timed_call_by_call),
        cmocka_unit_test(few_steps_are_measured_and_none_are_not),
        cmocka_unit_test(peak_memory_grows_with_what_is_touched),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
