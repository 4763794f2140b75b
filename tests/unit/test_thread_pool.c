#include "base/thread_pool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

enum { TASKS = 100, ROUNDS = 2000 };

struct tally {
    int threads;
    int done[TASKS];      /* how often */
    atomic_int strangers; /* tasks done by a thread that is not of the pool */
};

static void do_task(void *context, int thread, int number) {
    struct tally *tally = context;
    tally->done[number]++;
    if (thread < 0 || thread >= tally->threads)
        tally->strangers++;
}

static void every_task_is_done_once_a_round(void **state) {
    (void)state;
    for (int threads = 1; threads <= 4; threads++) {
        struct arena arena = {0};
        struct thread_pool *pool = thread_pool_start(threads, &arena);
        struct tally tally = {.threads = threads};
        for (int round = 0; round < ROUNDS; round++)
            thread_pool_run(pool, round % (TASKS + 1), do_task, &tally);
        for (int number = 0; number < TASKS; number++) {
            int expected = 0;
            for (int round = 0; round < ROUNDS; round++)
                expected += number < round % (TASKS + 1);
            assert_int_equal(tally.done[number], expected);
        }
        assert_int_equal(tally.strangers, 0);
        thread_pool_end(pool);
        arena_free(&arena);
    }
}

static void a_pool_that_went_to_sleep_wakes_up(void **state) {
    (void)state;
    struct arena arena = {0};
    struct thread_pool *pool = thread_pool_start(3, &arena);
    struct tally tally = {.threads = 3};
    for (int round = 1; round <= 5; round++) {
        const struct timespec pause = {.tv_nsec = 5000000};
        nanosleep(&pause, NULL);
        thread_pool_run(pool, TASKS, do_task, &tally);
        for (int number = 0; number < TASKS; number++)
            assert_int_equal(tally.done[number], round);
    }
    thread_pool_end(pool);
    arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_task_is_done_once_a_round),
        cmocka_unit_test(a_pool_that_went_to_sleep_wakes_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
