/* Softmax and the log of its sum neither overflow nor lose a class that is far behind. */
#include "math/softmax.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/near.h"

static void equal_scores_share_equally(void **state) {
    (void)state;
    double scores[] = {-1000, -1000, -1000, -1000};
    assert_near(softmax(scores, 4), -1000 + log(4), 1e-12);
    for (int c = 0; c < 4; c++)
        assert_near(scores[c], 0.25, 1e-15);
}

static void large_scores_do_not_overflow(void **state) {
    (void)state;
    double scores[] = {1e4, 1e4 - 1, -1e4};
    assert_near(softmax(scores, 3), 1e4 + log1p(exp(-1)), 1e-8);
    assert_near(scores[0], 1 / (1 + exp(-1)), 1e-12);
    assert_near(scores[1], 1 / (1 + exp(1)), 1e-12);
    assert_true(scores[2] == 0);
}

static void a_class_can_be_left_out_of_the_sum(void **state) {
    (void)state;
    double scores[] = {1, 800, 2};
    assert_near(log_sum_exp(scores, 3, 1), log(exp(1) + exp(2)), 1e-14);
    assert_true(log_sum_exp(scores, 1, 0) == -INFINITY);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_scores_share_equally),
        cmocka_unit_test(large_scores_do_not_overflow),
        cmocka_unit_test(a_class_can_be_left_out_of_the_sum),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
