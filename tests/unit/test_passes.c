/* Passes over batches: the same bits for every number of threads, and less memory with
 * checkpointing. tests/gradient/test_checkpoint.c compares the gradients. */
#include "math/matmul.h"
#include "math/random.h"
#include "support/training_case.h"
#include "train/passes.h"
#include "train/trainer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/near.h"

static void create(struct training_case *test, const char *model, int windows, int window) {
    struct error error;
    if (!training_case_create(test, model, windows, window, &error))
        fail_msg("%s", error.text);
}

/* Parameters after two epochs in batches of 70 of 150 windows, so that the last batch is another
 * size. */
static struct train_result train_with(struct training_case *test, int threads, const char *more) {
    char json[200];
    snprintf(json, sizeof json,
             "{\"batch\": 70, \"epochs\": 2, \"learning_rate\": 0.01, \"threads\": %d%s}", threads,
             more);
    struct train_options options = training_options(test, json);
    return train(&test->network, test->dataset, &options, 1, NULL, NULL, &test->arena);
}

static void check_threads(const char *model, const char *more) {
    struct training_case test;
    create(&test, model, 150, 9);
    struct train_result one = train_with(&test, 1, more);
    assert_int_equal(one.epochs, 2);
    for (int threads = 2; threads <= 4; threads++) {
        struct train_result several = train_with(&test, threads, more);
        assert_memory_equal(one.params, several.params, test.network.params.size * sizeof(real));
        assert_memory_equal(one.curve, several.curve, 2 * sizeof *one.curve);
    }
    training_case_free(&test);
}

static void every_number_of_threads_gives_the_same_bits(void **state) {
    (void)state;
    check_threads("{\"cell\": \"lstm\", \"hidden\": 5, \"layers\": 2}", "");
    check_threads("{\"cell\": \"ltc\", \"hidden\": 5, \"mixed_memory\": true}", "");
    check_threads("{\"cell\": \"liquids4\", \"hidden\": 5}", ", \"clip_norm\": 0.1");
    check_threads("{\"cell\": \"bilstm\", \"hidden\": 5, \"time_input\": true}",
                  ", \"select\": \"mae\"");
    check_threads("{\"cell\": \"lstm\", \"hidden\": 5}", ", \"checkpoint\": true");
    check_threads("{\"cell\": \"lstm\", \"hidden\": 5}", ", \"slice\": 2");
    check_threads("{\"cell\": \"lstm\", \"hidden\": 5}", ", \"slice\": 23");
    check_threads("{\"cell\": \"cfc\", \"hidden\": 5, \"backbone\": "
                  "{\"units\": 8, \"layers\": 2, \"dropout\": 0.3}}",
                  "");
}

static struct passes begin(struct training_case *test, int batch, const char *json,
                           struct memory_cost *memory) {
    struct train_options *options = ARENA_NEW(&test->arena, struct train_options, 1);
    *options = training_options(test, json);
    *memory = (struct memory_cost){0};
    return passes_begin(&test->network, test->dataset, batch, options, memory, &test->arena);
}

static void slices_give_the_loss_and_gradient_of_the_whole_batch(void **state) {
    (void)state;
    struct training_case test;
    create(&test, "{\"cell\": \"gru\", \"hidden\": 6}", 40, 7);
    size_t n = test.network.params.size;
    struct memory_cost memory;
    struct passes passes = begin(&test, 40, "{}", &memory);
    gsl_rng *dropout = random_stream(0, "dropout");
    const struct split *split = &test.dataset->train;
    struct loss_sum whole = passes_train(&passes, test.params, split, NULL, 0, 40, dropout);
    real *gradient = ARENA_NEW(&test.arena, real, n), *sum = ARENA_NEW(&test.arena, real, n);
    memcpy(gradient, passes_gradient(&passes), n * sizeof *gradient);
    struct loss_sum loss = {0, 0};
    for (int first = 0; first < 40; first += 8) {
        struct loss_sum part =
            passes_train(&passes, test.params, split, NULL, (size_t)first, 8, dropout);
        loss.sum += part.sum;
        loss.weight += part.weight;
        for (size_t i = 0; i < n; i++)
            sum[i] += passes_gradient(&passes)[i] * (real)(part.weight / whole.weight);
    }
    assert_near(loss.sum, whole.sum, 1e-5 * whole.sum);
    assert_near(loss.weight, whole.weight, 0);
    for (size_t i = 0; i < n; i++)
        assert_near((double)sum[i], (double)gradient[i], 1e-6);
    gsl_rng_free(dropout);
    passes_end(&passes);
    training_case_free(&test);
}

/* Bytes of activations for windows of T steps. */
static size_t activations(int window, const char *json) {
    struct training_case test;
    create(&test, "{\"cell\": \"lstm\", \"hidden\": 32}", 4, window);
    struct memory_cost memory;
    struct passes passes = begin(&test, 4, json, &memory);
    passes_end(&passes);
    training_case_free(&test);
    return memory.activations;
}

static void checkpointing_needs_memory_for_the_square_root_of_the_steps(void **state) {
    (void)state;
    size_t plain = activations(1024, "{}");
    size_t saving = activations(1024, "{\"checkpoint\": true}");
    assert_true(saving < plain / 10);
    /* What grows with the steps themselves is the data. */
    size_t numbers_a_step = 3 + 2 + 1 + 1, more_data = numbers_a_step * 3 * 1024 * 4 * sizeof(real);
    size_t longer = activations(4096, "{\"checkpoint\": true}");
    assert_true(longer - more_data < 2 * saving);
    assert_true(activations(4096, "{}") > 3 * plain);
}

static void threads_beyond_the_slices_cost_no_memory(void **state) {
    (void)state;
    struct train_options options = {.threads = 16, .slice = 16};
    assert_int_equal(passes_threads(&options, 1), 1);
    assert_int_equal(passes_threads(&options, 16), 1);
    assert_int_equal(passes_threads(&options, 17), 2);
    assert_int_equal(passes_threads(&options, 64), 4);
    assert_int_equal(passes_threads(&options, 65536), 16);
    options.threads = 3;
    assert_int_equal(passes_threads(&options, 65536), 3);
    options.slice = 8;
    assert_int_equal(passes_threads(&options, 8), 1);
    assert_int_equal(passes_threads(&options, 16), 2);
    options.slice = 100;
    assert_int_equal(passes_threads(&options, 100), 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_number_of_threads_gives_the_same_bits),
        cmocka_unit_test(slices_give_the_loss_and_gradient_of_the_whole_batch),
        cmocka_unit_test(checkpointing_needs_memory_for_the_square_root_of_the_steps),
        cmocka_unit_test(threads_beyond_the_slices_cost_no_memory),
    };
    matmul_prepare();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
