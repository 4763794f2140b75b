/* Optimizers, schedules, losses and the trainer. */
#include "evaluate/metric.h"
#include "math/random.h"
#include "support/toy_dataset.h"
#include "train/loss.h"
#include "train/optimizer.h"
#include "train/schedule.h"
#include "train/trainer.h"
#include "train/training_step.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/near.h"

static struct train_options defaults(const char *json, struct arena *arena) {
    struct train_options options = {0};
    struct error error = {0};
    struct field_target target = {train_fields, &options};
    cJSON *config = cJSON_Parse(json);
    if (!fields_read(&target, 1, config, "train", arena, &error))
        fail_msg("%s", error.text);
    cJSON_Delete(config);
    return options;
}

/* Three updates of w = (1, −2) and an undecayed b = 0.5; expected values from PyTorch 2.13. */
static void check_optimizer(const char *name, const double expected[3]) {
    static const real gradients[3][3] = {
        {0.5f, -1, 0.3f}, {0.25f, 0.5f, -0.2f}, {-0.1f, 0.4f, 0.6f}};
    static const real decays[3] = {1, 1, 0};
    struct arena arena = {0};
    struct train_options options = defaults("{\"momentum\": 0.9, \"weight_decay\": 0.01}", &arena);
    const struct optimizer_type *optimizer = optimizer_find(name);
    real parameters[3] = {1, -2, 0.5f}, state[6] = {0};
    for (int update = 1; update <= 3; update++) {
        real gradient[3];
        memcpy(gradient, gradients[update - 1], sizeof gradient);
        optimizer->update(&options, 0.1, update, 3, decays, gradient, state, parameters);
    }
    for (int i = 0; i < 3; i++)
        assert_near((double)parameters[i], expected[i], 2e-6);
    arena_free(&arena);
}

static void optimizers_agree_with_pytorch(void **state) {
    (void)state;
    check_optimizer("sgd", (const double[]){0.821609749, -1.853119498, 0.396700000});
    check_optimizer("rmsprop", (const double[]){-0.080384751, -1.522416271, -0.288606428});
    check_optimizer("adam", (const double[]){0.745384847, -1.870507344, 0.325029597});
    check_optimizer("adamw", (const double[]){0.744407056, -1.869752460, 0.325029597});
}

static void schedules_warm_up_and_decay(void **state) {
    (void)state;
    struct arena arena = {0};
    struct train_options options =
        defaults("{\"learning_rate\": 0.1, \"epochs\": 12, \"schedule\": {\"type\": \"cosine\", "
                 "\"warmup\": 2, \"floor\": 0.1}}",
                 &arena);
    assert_near(schedule_rate(&options, 1), 0.05, 1e-12);
    assert_near(schedule_rate(&options, 2), 0.1, 1e-12);
    assert_near(schedule_rate(&options, 7), 0.055, 1e-12);
    assert_near(schedule_rate(&options, 12), 0.01, 1e-12);
    assert_string_equal(schedule_name(1), "exponential");
    options.schedule = (struct schedule_options){.type = 2, .decay = 0.5};
    assert_near(schedule_rate(&options, 2), 0.025, 1e-12);
    assert_near(schedule_rate(&options, 0.5), 0.1 * sqrt(0.5), 1e-12);
    options.schedule.type = 3; /* staircase: the first epoch has the rate itself */
    assert_near(schedule_rate(&options, 0.25), 0.1, 1e-12);
    assert_near(schedule_rate(&options, 1), 0.1, 1e-12);
    assert_near(schedule_rate(&options, 1.25), 0.05, 1e-12);
    assert_near(schedule_rate(&options, 3), 0.025, 1e-12);
    assert_string_equal(schedule_name(0), "constant");
    options.schedule.type = 1;
    assert_near(schedule_rate(&options, 9), 0.1, 1e-12);
    arena_free(&arena);
}

static void mse_leaves_out_what_is_not_scored(void **state) {
    (void)state;
    struct dataset dataset = {.width = 2};
    const real out[] = {1, 2, 3, 4}, y[] = {0, (real)NAN, 1, 4};
    real gradient[4];
    struct loss_sum loss = loss_find("mse")->evaluate(&dataset, 2, out, y, gradient);
    assert_near(loss.sum, 5, 1e-6);
    assert_near(loss.weight, 3, 0);
    assert_near((double)gradient[0], 2, 1e-6);
    assert_near((double)gradient[1], 0, 0);
    assert_near((double)gradient[2], 4, 1e-6);
}

static void cross_entropy_weighs_classes(void **state) {
    (void)state;
    double weights[] = {0.1, 1.6};
    struct task_options task = {.class_weights = {2, weights}};
    struct dataset dataset = {.outputs = 2, .width = 1, .task_options = &task};
    const real out[] = {0, 0, 100, -100, 5, 5}, y[] = {1, 0, (real)NAN};
    real gradient[6];
    struct loss_sum loss = loss_find("cross_entropy")->evaluate(&dataset, 3, out, y, gradient);
    assert_near(loss.sum, 1.6 * log(2), 1e-6);
    assert_near(loss.weight, 1.7, 1e-6);
    assert_near((double)gradient[0], 0.8, 1e-6);
    assert_near((double)gradient[1], -0.8, 1e-6);
    assert_near((double)gradient[4], 0, 0);
}

/* A sine wave to be forecast, and a network for it. */
struct fixture {
    struct arena arena;
    struct dataset *dataset;
    struct network network;
};

static void setup(struct fixture *fixture) {
    enum { ROWS = 200 };
    *fixture = (struct fixture){{0}, NULL, {0}};
    real x[ROWS];
    for (int t = 0; t < ROWS; t++)
        x[t] = (real)sin(0.3 * t);
    struct toy toy = {
        .task = TASK_FORECAST, .rows = ROWS, .inputs = 1, .targets = 1, .window = 16, .stride = 4};
    fixture->dataset = toy_dataset(&toy, x, NULL, &fixture->arena);
    fixture->dataset->valid = fixture->dataset->test;
    const struct cell_type *lstm = cell_type_find("lstm");
    struct error error;
    struct network_options options = {
        .cell = "lstm",
        .hidden = 8,
        .layers = 1,
        .cell_options = arena_alloc(&fixture->arena, lstm->options_size), /* zeros: the defaults */
    };
    assert_true(network_create(&fixture->network, &options, 1, 0, 1, 0, &fixture->arena, &error));
}

/* Gradient descent at rate 1 moves every tensor by its clipped gradient. */
static void each_tensor_can_be_clipped_alone(void **state) {
    (void)state;
    struct fixture fixture;
    setup(&fixture);
    const struct param_list *params = &fixture.network.params;
    struct train_options options =
        defaults("{\"optimizer\": \"sgd\", \"clip_each\": 0.5}", &fixture.arena);
    struct memory_cost memory = {0};
    struct updater updater = updater_begin(&fixture.network, &options, &memory, &fixture.arena);
    real *gradient = ARENA_NEW(&fixture.arena, real, params->size);
    for (int i = 0; i < params->count; i++)
        gradient[params->items[i].offset] = i == 0 ? REAL(0.25) : (real)(i + 1);
    assert_true(updater_apply(&updater, 1, gradient) > 1);
    for (int i = 0; i < params->count; i++)
        assert_near((double)updater.params[params->items[i].offset], i == 0 ? -0.25 : -0.5, 1e-6);
    arena_free(&fixture.arena);
}

static struct train_result run(struct fixture *fixture, const char *json, uint64_t seed) {
    struct train_options *options = ARENA_NEW(&fixture->arena, struct train_options, 1);
    *options = defaults(json, &fixture->arena);
    return train(&fixture->network, fixture->dataset, options, seed, NULL, NULL, &fixture->arena);
}

static void training_lowers_the_loss_and_keeps_the_best_epoch(void **state) {
    (void)state;
    struct fixture fixture;
    setup(&fixture);
    struct train_result result =
        run(&fixture, "{\"learning_rate\": 0.02, \"epochs\": 40, \"batch\": 8}", 1);
    assert_int_equal(result.status, TRAIN_OK);
    assert_int_equal(result.epochs, 40);
    double best = result.curve[result.best_epoch - 1].valid;
    assert_true(best < 0.05 * result.curve[0].valid);
    for (int i = 0; i < result.epochs; i++)
        assert_true(result.curve[i].valid >= best);
    size_t n = fixture.network.params.size;
    assert_true(result.memory.parameters >= n * sizeof(real));
    assert_true(result.memory.parameters < n * sizeof(real) + 64);
    arena_free(&fixture.arena);
}

static void the_last_epoch_can_count(void **state) {
    (void)state;
    struct fixture fixture;
    setup(&fixture);
    struct train_result best =
        run(&fixture, "{\"learning_rate\": 0.5, \"epochs\": 60, \"batch\": 8}", 1);
    struct train_result last = run(
        &fixture, "{\"learning_rate\": 0.5, \"epochs\": 60, \"batch\": 8, \"keep\": \"last\"}", 1);
    assert_true(best.best_epoch < 60);
    assert_int_equal(last.best_epoch, 60);
    size_t bytes = fixture.network.params.size * sizeof(real);
    assert_memory_not_equal(best.params, last.params, bytes);
    char until_best[100];
    snprintf(until_best, sizeof until_best,
             "{\"learning_rate\": 0.5, \"epochs\": %d, \"batch\": 8, \"keep\": \"last\"}",
             best.best_epoch);
    struct train_result stopped = run(&fixture, until_best, 1);
    assert_memory_equal(best.params, stopped.params, bytes);
    arena_free(&fixture.arena);
}

static void the_same_seed_gives_the_same_bits(void **state) {
    (void)state;
    struct fixture fixture;
    setup(&fixture);
    const char *options = "{\"learning_rate\": 0.01, \"epochs\": 3, \"batch\": 8}";
    struct train_result first = run(&fixture, options, 5), second = run(&fixture, options, 5);
    struct train_result other = run(&fixture, options, 6);
    size_t bytes = fixture.network.params.size * sizeof(real);
    assert_memory_equal(first.params, second.params, bytes);
    assert_memory_not_equal(first.params, other.params, bytes);
    arena_free(&fixture.arena);
}

static void a_loss_that_is_not_finite_ends_the_training_as_diverged(void **state) {
    (void)state;
    struct fixture fixture;
    setup(&fixture);
    struct train_result result =
        run(&fixture, "{\"optimizer\": \"sgd\", \"learning_rate\": 1e30, \"epochs\": 10}", 1);
    assert_int_equal(result.status, TRAIN_DIVERGED);
    assert_true(result.epochs < 10);
    arena_free(&fixture.arena);
}

static void training_stops_when_patience_is_over(void **state) {
    (void)state;
    struct fixture fixture;
    setup(&fixture);
    struct train_result result = run(
        &fixture, "{\"learning_rate\": 0.5, \"epochs\": 200, \"patience\": 3, \"batch\": 8}", 1);
    assert_true(result.epochs < 200);
    assert_int_equal(result.epochs, result.best_epoch + 3);
    arena_free(&fixture.arena);
}

static void a_metric_can_select_the_epoch(void **state) {
    (void)state;
    struct fixture fixture;
    setup(&fixture);
    struct train_result result = run(
        &fixture, "{\"learning_rate\": 0.02, \"epochs\": 10, \"batch\": 8, \"select\": \"r2\"}", 1);
    for (int i = 0; i < result.epochs; i++)
        assert_true(result.curve[i].valid <= result.curve[result.best_epoch - 1].valid);
    arena_free(&fixture.arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(optimizers_agree_with_pytorch),
        cmocka_unit_test(schedules_warm_up_and_decay),
        cmocka_unit_test(mse_leaves_out_what_is_not_scored),
        cmocka_unit_test(cross_entropy_weighs_classes),
        cmocka_unit_test(training_lowers_the_loss_and_keeps_the_best_epoch),
        cmocka_unit_test(each_tensor_can_be_clipped_alone),
        cmocka_unit_test(the_last_epoch_can_count),
        cmocka_unit_test(the_same_seed_gives_the_same_bits),
        cmocka_unit_test(a_loss_that_is_not_finite_ends_the_training_as_diverged),
        cmocka_unit_test(training_stops_when_patience_is_over),
        cmocka_unit_test(a_metric_can_select_the_epoch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
