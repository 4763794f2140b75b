#include "experiment/run/claim.h"

#include "base/file.h"
#include "support/folder.h"

#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static const double LONG = 1000, NONE = -1; /* seconds of patience */

static struct folder folder;
static char path[2 * FOLDER_PATH];
static struct trial_claim own;
static struct error error;

static int set_up(void **state) {
    (void)state;
    folder = folder_new();
    folder_path(&folder, "trial.json", path);
    own = claim_of_this_process();
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    folder_remove(&folder);
    return 0;
}

static void write_claim(const char *place, const char *pid, const char *started) {
    char text[600];
    snprintf(text, sizeof text,
             "{\"host\": \"x\", \"place\": \"%s\", \"pid\": %s, \"started\": %s, \"since\": 1}\n",
             place, pid, started);
    folder_write(&folder, "trial.json", text);
}

static void write_own(long pid, unsigned long long started) {
    char numbers[2][32];
    snprintf(numbers[0], sizeof numbers[0], "%ld", pid);
    snprintf(numbers[1], sizeof numbers[1], "%llu", started);
    write_claim(own.place, numbers[0], numbers[1]);
}

/* What one look with so much patience gives. */
static enum claim_result look(double patience) {
    struct claim_watch watch = {0};
    return claim_take(path, &own, &watch, patience, &error);
}

/* A claim whose holder is unknown: it is held until it was untouched for long enough. */
static void assert_waits_until_stale(void) {
    assert_int_equal(look(LONG), CLAIM_HELD);
    assert_int_equal(look(NONE), CLAIM_TAKEN_OVER);
    assert_int_equal(folder_count(&folder), 1);
}

/* A process that is there until it is told to end. */
static pid_t start_process(void) {
    pid_t process = fork();
    if (process == 0) {
        pause();
        _exit(0);
    }
    return process;
}

static void end_process(pid_t process) {
    kill(process, SIGKILL);
    waitpid(process, NULL, 0);
}

static void a_free_trial_is_taken_once(void **state) {
    (void)state;
    assert_int_equal(look(NONE), CLAIM_TAKEN);
    assert_int_equal(look(NONE), CLAIM_HELD);
    struct trial_claim claim;
    assert_true(claim_read(path, &claim, NULL, NULL));
    assert_int_equal(claim.pid, getpid());
    assert_int_equal(claim_holder(&claim, &own), HOLDER_ALIVE);
    claim_release(path, &own);
    assert_int_equal(folder_count(&folder), 0);
}

static void news_reach_whoever_reads_the_claim_and_change_only_our_own(void **state) {
    (void)state;
    const struct claim_news told = {3, 40, 1.5, 0.75, 2.5, 0.25, 0.125};
    struct trial_claim claim;
    struct claim_news news;
    assert_int_equal(look(NONE), CLAIM_TAKEN);
    assert_true(claim_read(path, &claim, &news, NULL));
    assert_int_equal(news.epoch, 0);
    claim_beat(path, &own, &told);
    assert_true(claim_read(path, &claim, &news, NULL));
    assert_int_equal(claim.pid, getpid());
    assert_int_equal(news.epoch, 3);
    assert_int_equal(news.epochs, 40);
    assert_true(news.trained == 1.5 && news.cpu == 0.75 && news.seconds == 2.5 &&
                news.valid == 0.25 && news.best == 0.125);
    write_claim("elsewhere", "1", "1");
    claim_beat(path, &own, &told);
    assert_true(claim_read(path, &claim, &news, NULL));
    assert_int_equal(claim.pid, 1);
    assert_int_equal(news.epoch, 0);
}

/* --- the rows of the table in docs/clusters.md ------------------------------------------------ */

static void one_whose_process_is_there_is_held_for_ever(void **state) {
    (void)state;
    write_own(getpid(), own.started);
    assert_int_equal(look(NONE), CLAIM_HELD);
}

static void one_whose_process_has_ended_is_taken_over_at_once(void **state) {
    (void)state;
    pid_t process = start_process();
    end_process(process);
    write_own(process, 12345);
    assert_int_equal(look(LONG), CLAIM_TAKEN_OVER);
}

static void one_whose_process_nobody_has_waited_for_is_taken_over_at_once(void **state) {
    (void)state;
    pid_t process = start_process();
    kill(process, SIGKILL);
    siginfo_t info;
    assert_int_equal(waitid(P_PID, (id_t)process, &info, WEXITED | WNOWAIT), 0);
    write_own(process, 12345);
    assert_int_equal(look(LONG), CLAIM_TAKEN_OVER);
    end_process(process);
}

static void one_whose_number_another_process_has_by_now_is_taken_over_at_once(void **state) {
    (void)state;
    write_own(getpid(), own.started + 1);
    assert_int_equal(look(LONG), CLAIM_TAKEN_OVER);
}

static void one_of_another_machine_or_container_waits_until_it_is_stale(void **state) {
    (void)state;
    write_claim("elsewhere", "1", "1");
    assert_waits_until_stale();
}

/* As where /proc hides the processes of others, or was not there when the claim was written. */
static void one_whose_start_is_not_known_waits_until_it_is_stale(void **state) {
    (void)state;
    write_own(getpid(), 0);
    assert_waits_until_stale();
}

static void one_of_a_place_that_is_not_known_waits_until_it_is_stale(void **state) {
    (void)state;
    own.place[0] = '\0';
    write_claim("", "1", "1");
    assert_waits_until_stale();
}

static void one_that_cannot_be_read_waits_until_it_is_stale(void **state) {
    (void)state;
    write_own(getpid(), own.started + 1);
    assert_int_equal(chmod(path, 0), 0);
    if (geteuid() == 0) { /* root reads everything: a link to nowhere can be read by nobody */
        unlink(path);
        assert_int_equal(symlink("nowhere", path), 0);
    }
    assert_waits_until_stale();
}

static void one_that_says_nothing_waits_until_it_is_stale(void **state) {
    (void)state;
    static const char *const texts[] = {"", "{", "[1, 2]", "null", "{\"pid\": \"1\"}"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        folder_write(&folder, "trial.json", texts[i]);
        assert_waits_until_stale();
    }
}

static void numbers_that_are_none_of_a_process_wait_until_they_are_stale(void **state) {
    (void)state;
    static const char *const pids[] = {"0", "-1", "1.5", "4294967297", "1e300", "-1e300", "null"};
    for (size_t i = 0; i < sizeof pids / sizeof pids[0]; i++) {
        write_claim(own.place, pids[i], "1");
        assert_waits_until_stale();
        write_claim(own.place, "1", strcmp(pids[i], "0") != 0 ? pids[i] : "-2");
        if (i != 3) /* 2^32 + 1 ticks are a time */
            assert_waits_until_stale();
    }
}

static void fifos_and_folders_in_its_place_wait_until_they_are_stale(void **state) {
    (void)state;
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_waits_until_stale();
    unlink(path);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_waits_until_stale();
}

static void one_that_is_touched_is_not_stale(void **state) {
    (void)state;
    struct claim_watch watch = {0};
    write_claim("elsewhere", "1", "1");
    struct timespec times[2] = {{.tv_sec = 1}, {.tv_sec = 1}};
    for (int i = 0; i < 5; i++) {
        times[1].tv_sec += 10;
        assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
        assert_int_equal(claim_take(path, &own, &watch, 0, &error), CLAIM_HELD);
    }
    assert_int_equal(claim_take(path, &own, &watch, 0, &error), CLAIM_TAKEN_OVER);
}

/* --- the rest --------------------------------------------------------------------------------- */

static void only_what_is_ours_is_released_and_only_what_is_dead_is_cleared(void **state) {
    (void)state;
    write_claim("elsewhere", "1", "1");
    claim_release(path, &own);
    claim_clear(path, &own);
    assert_int_equal(folder_count(&folder), 1);
    write_own(getpid(), own.started + 1);
    claim_release(path, &own);
    assert_int_equal(folder_count(&folder), 1);
    claim_clear(path, &own);
    assert_int_equal(folder_count(&folder), 0);
}

static void a_place_where_nothing_can_be_written_is_an_error(void **state) {
    (void)state;
    folder_path(&folder, "absent/trial.json", path);
    assert_int_equal(look(LONG), CLAIM_FAILED);
    assert_non_null(strstr(error.text, "absent/trial.json: cannot write: No such file"));
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_free_trial_is_taken_once),
        TEST(news_reach_whoever_reads_the_claim_and_change_only_our_own),
        TEST(one_whose_process_is_there_is_held_for_ever),
        TEST(one_whose_process_has_ended_is_taken_over_at_once),
        TEST(one_whose_process_nobody_has_waited_for_is_taken_over_at_once),
        TEST(one_whose_number_another_process_has_by_now_is_taken_over_at_once),
        TEST(one_of_another_machine_or_container_waits_until_it_is_stale),
        TEST(one_whose_start_is_not_known_waits_until_it_is_stale),
        TEST(one_of_a_place_that_is_not_known_waits_until_it_is_stale),
        TEST(one_that_cannot_be_read_waits_until_it_is_stale),
        TEST(one_that_says_nothing_waits_until_it_is_stale),
        TEST(numbers_that_are_none_of_a_process_wait_until_they_are_stale),
        TEST(fifos_and_folders_in_its_place_wait_until_they_are_stale),
        TEST(one_that_is_touched_is_not_stale),
        TEST(only_what_is_ours_is_released_and_only_what_is_dead_is_cleared),
        TEST(a_place_where_nothing_can_be_written_is_an_error),
    };
    return cmocka_run_group_tests_name("claim", tests, NULL, NULL);
}
