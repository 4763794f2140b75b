#include "base/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void memory_is_zeroed_aligned_and_apart(void **state) {
    (void)state;
    struct arena arena = {0};
    static const size_t sizes[] = {1, 63, 64, 65, 0, 40000, 40000, 1 << 20, 3};
    unsigned char *blocks[sizeof sizes / sizeof *sizes];
    size_t count = sizeof sizes / sizeof *sizes;
    for (size_t i = 0; i < count; i++) {
        blocks[i] = arena_alloc(&arena, sizes[i]);
        assert_int_equal((uintptr_t)blocks[i] % 64, 0);
        for (size_t k = 0; k < sizes[i]; k++)
            assert_int_equal(blocks[i][k], 0);
        memset(blocks[i], (int)i + 1, sizes[i]);
    }
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < sizes[i]; k++)
            assert_int_equal(blocks[i][k], i + 1);
    arena_free(&arena);
}

static void allocated_counts_whole_cache_lines(void **state) {
    (void)state;
    struct arena arena = {0};
    arena_alloc(&arena, 1);
    arena_alloc(&arena, 65);
    assert_int_equal(arena.allocated, 3 * 64);
    arena_free(&arena);
    assert_int_equal(arena.allocated, 0);
}

static void a_freed_arena_can_be_used_again(void **state) {
    (void)state;
    struct arena arena = {0};
    arena_free(&arena);
    assert_string_equal(arena_strdup(&arena, "one"), "one");
    arena_free(&arena);
    assert_string_equal(arena_printf(&arena, "%s %d", "two", 2), "two 2");
    arena_free(&arena);
}

static void texts_of_any_length_are_printed_whole(void **state) {
    (void)state;
    struct arena arena = {0};
    char *text = arena_printf(&arena, "%*s|", 300000, "x");
    assert_int_equal(strlen(text), 300001);
    assert_string_equal(text + 299999, "x|");
    assert_string_equal(arena_printf(&arena, "%s", ""), "");
    arena_free(&arena);
}

/* The exit code of a process that asks for `count` elements of 8 bytes. */
static int exit_code_of_asking_for(size_t count) {
    pid_t child = fork();
    if (child == 0) {
        struct arena arena = {0};
        close(STDERR_FILENO);
        ARENA_NEW(&arena, double, count);
        _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void too_much_ends_the_process_with_the_code_for_it(void **state) {
    (void)state;
    assert_int_equal(exit_code_of_asking_for(10), 0);
    assert_int_equal(exit_code_of_asking_for(SIZE_MAX / 8 - 100), EXIT_OUT_OF_MEMORY);
    assert_int_equal(exit_code_of_asking_for((size_t)-1), EXIT_OUT_OF_MEMORY);
}

static void a_size_that_overflows_is_too_much(void **state) {
    (void)state;
    assert_int_equal(exit_code_of_asking_for(SIZE_MAX / 8 + 2), EXIT_OUT_OF_MEMORY);
}

static void growing_memory_keeps_what_it_holds(void **state) {
    (void)state;
    enum { COUNT = 1000 };
    int *numbers = NULL;
    for (size_t i = 0; i < COUNT; i++) {
        numbers = mem_grow(numbers, i, sizeof *numbers);
        numbers[i] = (int)i;
    }
    for (int i = 0; i < COUNT; i++)
        assert_int_equal(numbers[i], i);
    free(numbers);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(growing_memory_keeps_what_it_holds),
        cmocka_unit_test(memory_is_zeroed_aligned_and_apart),
        cmocka_unit_test(allocated_counts_whole_cache_lines),
        cmocka_unit_test(a_freed_arena_can_be_used_again),
        cmocka_unit_test(texts_of_any_length_are_printed_whole),
        cmocka_unit_test(too_much_ends_the_process_with_the_code_for_it),
        cmocka_unit_test(a_size_that_overflows_is_too_much),
    };
    return cmocka_run_group_tests_name("arena", tests, NULL, NULL);
}
