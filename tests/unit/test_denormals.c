/* The processor's treatment of numbers below 1e-38, in this thread and those of a pool. */
#include "base/thread_pool.h"
#include "math/denormals.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static float tenth(float value) {
    volatile float small = value;
    return small / 10;
}

static void divide(void *context, int thread, int number) {
    (void)thread;
    ((float *)context)[number] = tenth(1e-38f);
}

static void denormals_become_zero_in_this_thread_and_in_those_it_starts(void **state) {
    (void)state;
#if !defined(__SSE2__) && !defined(__aarch64__)
    skip();
#endif
    enum { TASKS = 1000 };
    float quotients[TASKS];
    assert_true(tenth(1e-38f) > 0);
    denormals_are_zero();
    struct arena arena = {0};
    struct thread_pool *pool = thread_pool_start(2, &arena);
    thread_pool_run(pool, TASKS, divide, quotients);
    thread_pool_end(pool);
    for (int i = 0; i < TASKS; i++)
        assert_true(quotients[i] == 0);
    assert_true(tenth(1e-36f) > 0);
    arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(denormals_become_zero_in_this_thread_and_in_those_it_starts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
