#include "base/thread_pool.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
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

static void *keep_busy(void *argument) {
    atomic_bool *ends = argument;
    while (!atomic_load(ends))
        continue;
    return NULL;
}

static void do_long_task(void *context, int thread, int number) {
    for (volatile int i = 0; i < 50000; i++)
        continue;
    do_task(context, thread, number);
}

/* Others take the processors away in the middle of tasks. */
static void every_task_is_done_once_beside_busy_threads(void **state) {
    (void)state;
    enum { FEW = 4, BUSY = 2, BUSY_ROUNDS = 300 };
    int threads = processor_count();
    struct arena arena = {0};
    struct tally tally = {.threads = threads};
    pthread_t busy[BUSY];
    atomic_bool ends = false;
    for (int i = 0; i < BUSY; i++)
        assert_int_equal(pthread_create(&busy[i], NULL, keep_busy, &ends), 0);
    struct thread_pool *pool = thread_pool_start(threads, &arena);
    for (int round = 0; round < BUSY_ROUNDS; round++)
        thread_pool_run(pool, FEW, do_long_task, &tally);
    thread_pool_end(pool);
    atomic_store(&ends, true);
    for (int i = 0; i < BUSY; i++)
        pthread_join(busy[i], NULL);
    for (int number = 0; number < FEW; number++)
        assert_int_equal(tally.done[number], BUSY_ROUNDS);
    assert_int_equal(tally.strangers, 0);
    arena_free(&arena);
}

static void the_caller_has_all_its_processors_again(void **state) {
    (void)state;
    struct arena arena = {0};
    int before = processor_count();
    struct thread_pool *pool = thread_pool_start(before, &arena);
    thread_pool_end(pool);
    assert_int_equal(processor_count(), before);
    arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_task_is_done_once_a_round),
        cmocka_unit_test(a_pool_that_went_to_sleep_wakes_up),
        cmocka_unit_test(every_task_is_done_once_beside_busy_threads),
        cmocka_unit_test(the_caller_has_all_its_processors_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
