#include "math/random.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

/* numpy.random.RandomState(seed).permutation(20) */
static void assert_permutation(uint32_t seed, const size_t expected[20]) {
    size_t order[20];
    random_numpy_permutation(seed, 20, order);
    for (int i = 0; i < 20; i++)
        assert_int_equal(order[i], expected[i]);
}

static void uniform_numbers_are_those_of_numpys_rand(void **state) {
    (void)state;
    gsl_rng *rng = random_numpy_stream(891374);
    /* numpy.random.RandomState(891374).rand(3) */
    assert_true(fabs(random_numpy_uniform(rng) - 0.56693553) < 1e-8);
    assert_true(fabs(random_numpy_uniform(rng) - 0.63880349) < 1e-8);
    assert_true(fabs(random_numpy_uniform(rng) - 0.56735296) < 1e-8);
    gsl_rng_free(rng);
}

static void permutation_is_the_one_numpy_draws(void **state) {
    (void)state;
    assert_permutation(
        893429, (size_t[]){14, 19, 4, 9, 7, 18, 10, 8, 12, 15, 1, 5, 13, 17, 3, 16, 2, 11, 6, 0});
    assert_permutation(
        125487, (size_t[]){7, 5, 8, 12, 2, 3, 10, 11, 6, 15, 18, 14, 19, 9, 1, 0, 16, 13, 17, 4});
    assert_permutation(4294967295u, (size_t[]){11, 17, 19, 15, 1, 5, 8, 16, 13, 18,
                                               14, 9,  10, 6,  0, 4, 7, 12, 2,  3});
}

static void permutation_for_seed_zero_is_numpys_too(void **state) {
    (void)state;
    assert_permutation(
        0, (size_t[]){18, 1, 19, 8, 10, 17, 6, 13, 4, 2, 5, 14, 9, 7, 16, 11, 3, 0, 15, 12});
}

static void long_permutation_is_numpys(void **state) {
    (void)state;
    enum { N = 100000 };
    size_t *order = malloc(N * sizeof *order);
    random_numpy_permutation(23489, N, order);
    assert_int_equal(order[0], 62472);
    assert_int_equal(order[1], 84109);
    assert_int_equal(order[2], 44963);
    assert_int_equal(order[49999], 65137);
    assert_int_equal(order[99999], 18048);
    free(order);
}

static void permutations_of_nothing_and_of_one_are_fine(void **state) {
    (void)state;
    size_t order[1] = {7};
    random_numpy_permutation(1, 0, order);
    assert_int_equal(order[0], 7);
    random_numpy_permutation(1, 1, order);
    assert_int_equal(order[0], 0);
}

static unsigned long first_draw(uint64_t seed, const char *purpose) {
    gsl_rng *rng = random_stream(seed, purpose);
    unsigned long value = gsl_rng_get(rng);
    gsl_rng_free(rng);
    return value;
}

static void streams_differ_by_seed_and_purpose_and_repeat(void **state) {
    (void)state;
    assert_int_equal(first_draw(1, "init"), first_draw(1, "init"));
    assert_int_not_equal(first_draw(1, "init"), first_draw(2, "init"));
    assert_int_not_equal(first_draw(1, "init"), first_draw(1, "shuffle"));
    assert_int_not_equal(first_draw(1, "init"), first_draw((uint64_t)1 << 40 | 1, "init"));
}

static void shuffle_keeps_every_element_once(void **state) {
    (void)state;
    enum { N = 100 };
    size_t order[N];
    int seen[N] = {0}, moved = 0;
    for (size_t i = 0; i < N; i++)
        order[i] = i;
    gsl_rng *rng = random_stream(3, "shuffle");
    random_shuffle(rng, order, N);
    gsl_rng_free(rng);
    for (size_t i = 0; i < N; i++) {
        seen[order[i]]++;
        moved += order[i] != i;
    }
    for (size_t i = 0; i < N; i++)
        assert_int_equal(seen[i], 1);
    assert_true(moved > N / 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(uniform_numbers_are_those_of_numpys_rand),
        cmocka_unit_test(permutation_is_the_one_numpy_draws),
        cmocka_unit_test(permutation_for_seed_zero_is_numpys_too),
        cmocka_unit_test(long_permutation_is_numpys),
        cmocka_unit_test(permutations_of_nothing_and_of_one_are_fine),
        cmocka_unit_test(streams_differ_by_seed_and_purpose_and_repeat),
        cmocka_unit_test(shuffle_keeps_every_element_once),
    };
    return cmocka_run_group_tests_name("random", tests, NULL, NULL);
}
