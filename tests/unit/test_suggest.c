#include "base/suggest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* The nearest of the names, which NULL ends. */
static const char *nearest(const char *wanted, const char *const *names) {
    struct suggestion suggestion = {.wanted = wanted};
    for (; *names != NULL; names++)
        suggestion_offer(&suggestion, *names);
    return suggestion.nearest;
}

static const char *const keys[] = {"hidden", "layers", "dropout", "learning_rate", NULL};

static void a_slip_of_the_pen_is_recognised(void **state) {
    (void)state;
    assert_string_equal(nearest("hiden", keys), "hidden");
    assert_string_equal(nearest("hiddenn", keys), "hidden");
    assert_string_equal(nearest("hiddne", keys), "hidden");
    assert_string_equal(nearest("learning-rate", keys), "learning_rate");
    assert_string_equal(nearest("layer", keys), "layers");
}

static void what_is_like_nothing_known_gets_no_suggestion(void **state) {
    (void)state;
    assert_null(nearest("wavelength", keys));
    assert_null(nearest("", keys));
    assert_null(nearest("x", (const char *const[]){NULL}));
}

static void the_nearest_wins_and_the_first_of_equals(void **state) {
    (void)state;
    assert_string_equal(nearest("mse", (const char *const[]){"mae", "rmse", "mse", NULL}), "mse");
    assert_string_equal(nearest("mxe", (const char *const[]){"mae", "mse", NULL}), "mae");
}

static void names_of_any_length_are_taken(void **state) {
    (void)state;
    static char longest[5001];
    memset(longest, 'a', sizeof longest - 1);
    assert_null(nearest(longest, keys));
    assert_null(nearest("hidden", (const char *const[]){longest, NULL}));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_slip_of_the_pen_is_recognised),
        cmocka_unit_test(what_is_like_nothing_known_gets_no_suggestion),
        cmocka_unit_test(the_nearest_wins_and_the_first_of_equals),
        cmocka_unit_test(names_of_any_length_are_taken),
    };
    return cmocka_run_group_tests_name("suggest", tests, NULL, NULL);
}
