/* The test between two models keeps its level on real seeds, and finds real differences with few of
 * them. `make calibration` measures all candidates, with more draws. */
#include "support/calibration.h"

#include "evaluate/significance.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

enum { DRAWS = 40 };

static double welch(const double *a, const double *b, size_t n) {
    return welch_test(a, n, b, n);
}

static double signed_ranks(const double *a, const double *b, size_t n) {
    return wilcoxon_signed_rank(a, b, n).p;
}

static int load(void **state) {
    static struct calibration calibration;
    struct error error;
    *state = &calibration;
    return calibration_load(&calibration, "results/reference/calibration/scores.csv", &error) ? 0
                                                                                              : 1;
}

static int release(void **state) {
    calibration_free(*state);
    return 0;
}

static void welch_test_keeps_its_level_on_real_seeds(void **state) {
    static const size_t groups[] = {3, 5, 8};
    for (size_t i = 0; i < 3; i++) {
        struct error_rates rates = calibration_measure(*state, welch, groups[i], 0.05, DRAWS);
        assert_true(rates.same_model <= 0.05);
        assert_true(rates.same_mean <= 0.06);
    }
}

static void welch_test_finds_differences_with_three_seeds(void **state) {
    struct error_rates rates = calibration_measure(*state, welch, 3, 0.05, DRAWS);
    assert_true(rates.power >= 0.35);
}

static void signed_ranks_find_nothing_with_five_seeds(void **state) {
    struct error_rates rates = calibration_measure(*state, signed_ranks, 5, 0.05, DRAWS);
    assert_true(rates.power == 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(welch_test_keeps_its_level_on_real_seeds),
        cmocka_unit_test(welch_test_finds_differences_with_three_seeds),
        cmocka_unit_test(signed_ranks_find_nothing_with_five_seeds),
    };
    return cmocka_run_group_tests(tests, load, release);
}
