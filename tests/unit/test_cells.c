/* What every cell of the table must do, whatever it computes. */
#include "base/file.h"
#include "math/random.h"
#include "model/network.h"
#include "support/cells.h"
#include "support/training_case.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { T = 4, B = 3, INPUTS = 5, HIDDEN = 6, GUARDS = 32 };

static const real guard = 12345;

/* A cell with everything a pass through it needs. Its workspaces are blocks of their own, of the
 * size the cell asks for and followed by guards. */
struct trial {
    struct cell_case test;
    struct cell *cell;
    real *params, *x, *elapsed, *mask, *state, *y, *final, *workspace;
    size_t outputs, states; /* numbers in y and in state */
    size_t workspace_size;
    struct sequence sequence;
};

static real *random_numbers(struct arena *arena, gsl_rng *rng, double low, double high, size_t n) {
    real *values = ARENA_NEW(arena, real, n);
    for (size_t i = 0; i < n; i++)
        values[i] = (real)(low + (high - low) * gsl_rng_uniform(rng));
    return values;
}

static void trial_create(struct trial *trial, const struct cell_type *type, enum phase phase) {
    char model[64];
    struct error error = {0};
    snprintf(model, sizeof model, "{\"cell\": \"%s\", \"hidden\": %d}", type->name, HIDDEN);
    if (!cell_case_create(&trial->test, model, INPUTS, 0, &error))
        fail_msg("%s: %s", model, error.text);
    struct arena *arena = &trial->test.arena;
    gsl_rng *rng = random_stream(3, type->name);
    trial->cell = &trial->test.cell;
    trial->outputs = T * B * (size_t)trial->cell->outputs;
    trial->states = B * (size_t)trial->cell->state;
    trial->params = ARENA_NEW(arena, real, trial->test.params.size);
    trial->cell->type->init(trial->cell, trial->params, rng);
    trial->x = random_numbers(arena, rng, -1, 1, T * B * INPUTS);
    trial->elapsed = random_numbers(arena, rng, 0.2, 2, T * B);
    trial->mask = random_numbers(arena, rng, 1, 1, T * B);
    trial->state = random_numbers(arena, rng, -0.5, 0.5, trial->states);
    trial->y = ARENA_NEW(arena, real, trial->outputs);
    trial->final = ARENA_NEW(arena, real, trial->states);
    trial->workspace_size = trial->cell->type->workspace(trial->cell, T, B, phase);
    trial->workspace = malloc((trial->workspace_size + GUARDS) * sizeof *trial->workspace);
    assert_non_null(trial->workspace);
    memset(trial->workspace, 0xff, trial->workspace_size * sizeof *trial->workspace); /* NaN */
    for (size_t i = 0; i < GUARDS; i++)
        trial->workspace[trial->workspace_size + i] = guard;
    trial->sequence = (struct sequence){
        .phase = phase,
        .steps = T,
        .batch = B,
        .x = trial->x,
        .elapsed = trial->elapsed,
        .mask = trial->mask,
        .state = trial->state,
    };
    gsl_rng_free(rng);
}

static void trial_free(struct trial *trial) {
    free(trial->workspace);
    cell_case_free(&trial->test);
}

static void forward(struct trial *trial) {
    trial->cell->type->forward(trial->cell, trial->params, &trial->sequence, trial->y, trial->final,
                               trial->workspace);
}

/* With d loss / d y = y. */
static void backward(struct trial *trial, real *params, real *x) {
    struct cell_gradient gradient = {.y = trial->y, .params = params, .x = x};
    trial->cell->type->backward(trial->cell, trial->params, &trial->sequence, &gradient,
                                trial->workspace);
}

static void for_every_cell(enum phase phase, void (*check)(struct trial *trial)) {
    const struct cell_type *type;
    for (size_t i = 0; (type = cell_type_at(i)) != NULL; i++) {
        struct trial trial;
        trial_create(&trial, type, phase);
        check(&trial);
        trial_free(&trial);
    }
}

static void expect_intact_guards(const struct trial *trial) {
    for (size_t i = 0; i < GUARDS; i++)
        if (trial->workspace[trial->workspace_size + i] != guard)
            fail_msg("%s writes behind its workspace", trial->cell->type->name);
}

static void check_evaluation_space(struct trial *trial) {
    forward(trial);
    expect_intact_guards(trial);
    for (size_t i = 0; i < trial->outputs; i++)
        if (!isfinite((double)trial->y[i]))
            fail_msg("%s reads its workspace before it writes it", trial->cell->type->name);
}

static void check_training_space(struct trial *trial) {
    struct arena *arena = &trial->test.arena;
    size_t size = trial->test.params.size;
    real *params = ARENA_NEW(arena, real, size), *x = ARENA_NEW(arena, real, T * B * INPUTS);
    forward(trial);
    backward(trial, params, x);
    expect_intact_guards(trial);
    for (size_t i = 0; i < size; i++)
        if (!isfinite((double)params[i]))
            fail_msg("%s: a gradient is not finite", trial->cell->type->name);
}

static void cells_need_no_more_and_no_cleaner_memory_than_they_say(void **state) {
    (void)state;
    for_every_cell(PHASE_EVALUATE, check_evaluation_space);
    for_every_cell(PHASE_TRAIN, check_training_space);
}

static void expect_close(const struct trial *trial, const char *what, real actual, real expected) {
    double difference = fabs((double)actual - (double)expected);
    if (!(difference <= 1e-5 * fmax(1, fabs((double)expected))))
        fail_msg("%s: %s is %g, not %g", trial->cell->type->name, what, (double)actual,
                 (double)expected);
}

static void check_accumulation(struct trial *trial) {
    struct arena *arena = &trial->test.arena;
    size_t size = trial->test.params.size;
    real *once = ARENA_NEW(arena, real, size), *twice = ARENA_NEW(arena, real, size);
    real *x = ARENA_NEW(arena, real, T * B * INPUTS),
         *x_again = ARENA_NEW(arena, real, T * B * INPUTS);
    forward(trial);
    backward(trial, once, x);
    for (int pass = 0; pass < 2; pass++) {
        forward(trial);
        backward(trial, twice, x_again);
    }
    for (size_t i = 0; i < size; i++)
        expect_close(trial, "a parameter's gradient", twice[i], 2 * once[i]);
    for (size_t i = 0; i < T * B * INPUTS; i++)
        expect_close(trial, "an input's gradient", x_again[i], x[i]);
}

static void backward_adds_to_parameter_gradients_and_replaces_input_gradients(void **state) {
    (void)state;
    for_every_cell(PHASE_TRAIN, check_accumulation);
}

static void check_absence(struct trial *trial) {
    memset(trial->mask, 0, T * B * sizeof *trial->mask);
    forward(trial);
    for (size_t i = 0; i < trial->states; i++)
        if (trial->final[i] != trial->state[i])
            fail_msg("%s: the state changes without an observation", trial->cell->type->name);
    for (size_t i = 0; i < trial->outputs; i++)
        if (trial->cell->type->streams && trial->y[i] != trial->y[i % (trial->outputs / T)])
            fail_msg("%s: the output changes without an observation", trial->cell->type->name);
}

static void absent_steps_hold_the_state(void **state) {
    (void)state;
    for_every_cell(PHASE_EVALUATE, check_absence);
}

static void check_divergence(struct trial *trial) {
    trial->x[0] = (real)NAN;
    forward(trial);
    bool noticed = false;
    for (size_t i = 0; i < trial->outputs; i++)
        noticed |= isnan((double)trial->y[i]);
    if (!noticed)
        fail_msg("%s hides a NaN", trial->cell->type->name);
}

static void a_nan_reaches_the_outputs(void **state) {
    (void)state;
    for_every_cell(PHASE_EVALUATE, check_divergence);
}

/* As many operations as weights, at least, and no more than an exponential or two for each in
 * every solver step. */
static void check_operations(struct trial *trial) {
    double flops = trial->cell->type->flops(trial->cell), size = (double)trial->test.params.size;
    if (!(flops >= size && flops < 300 * size))
        fail_msg("%s counts %g operations for %g parameters", trial->cell->type->name, flops, size);
}

static void a_step_counts_operations_in_proportion_to_its_parameters(void **state) {
    (void)state;
    for_every_cell(PHASE_EVALUATE, check_operations);
}

/* Of docs/models.md: the section of the cell, with at least one equation and what it starts from,
 * agrees with and keeps. */
static void check_docs(struct trial *trial) {
    struct error error;
    size_t size;
    const char *name = trial->cell->type->name;
    char heading[64];
    char *docs = file_read("docs/models.md", &trial->test.arena, &size, &error);
    assert_non_null(docs);
    snprintf(heading, sizeof heading, "\n### `%s`\n", name);
    char *section = strstr(docs, heading);
    if (section == NULL) {
        fail_msg("docs/models.md has no section on %s", name);
        return; /* which fail_msg() does not tell the compiler */
    }
    char *end = strstr(section + 1, "\n##");
    *(end != NULL ? end : docs + size - 1) = '\0';
    if (strstr(section, "\n    ") == NULL)
        fail_msg("docs/models.md has no equation of %s", name);
    if (strstr(section, "State:") == NULL)
        fail_msg("docs/models.md does not say what %s keeps", name);
}

static void every_cell_is_documented_with_its_equations(void **state) {
    (void)state;
    for_every_cell(PHASE_EVALUATE, check_docs);
}

/* GRU-D never reads a value that its flag calls missing. */
static void a_time_input_leaves_observation_flags_last(void **state) {
    (void)state;
    enum { VALUES = 2, FLAGS = 2 };
    struct arena arena = {0};
    struct error error = {0};
    struct network network;
    struct network_options options = {
        .cell = "grud", .hidden = HIDDEN, .layers = 1, .time_input = true};
    assert_true(network_create(&network, &options, VALUES + FLAGS, FLAGS, 1, 0, &arena, &error));
    real *params = ARENA_NEW(&arena, real, network.params.size);
    real *workspace = ARENA_NEW(&arena, real, network_workspace(&network, 1, 1, PHASE_EVALUATE));
    real x[VALUES + FLAGS] = {REAL(0.3), REAL(0.7), 1, 0}, out[2];
    network_init(&network, params, 1);
    for (int pass = 0; pass < 2; pass++) {
        real *memory = ARENA_NEW(&arena, real, network.state);
        network_step(&network, params, x, 0, 1, pass > 0, memory, &out[pass], workspace);
        x[1] = 1000;
    }
    assert_true(out[0] == out[1]);
    arena_free(&arena);
}

/* A network of one layer, and memory for passes over STEPS steps of one stream. */
enum { STEPS = 12, VALUES = 2, FLAGS = 2, WIDTH = VALUES + FLAGS };

struct bench {
    struct arena arena;
    struct network network;
    real *params, *workspace;
};

static void make_network(struct bench *bench, const char *cell, int inputs, int flags) {
    static const double plstm_options[] = {4, 0.5, 0}; /* longest period, open ratio, default */
    struct network_options options = {
        .cell = cell, .hidden = HIDDEN, .layers = 1, .cell_options = plstm_options};
    struct error error = {0};
    *bench = (struct bench){0};
    if (!network_create(&bench->network, &options, inputs, flags, 1, 0, &bench->arena, &error))
        fail_msg("%s", error.text);
    bench->params = ARENA_NEW(&bench->arena, real, bench->network.params.size);
    bench->workspace = ARENA_NEW(&bench->arena, real,
                                 network_workspace(&bench->network, STEPS, 1, PHASE_EVALUATE));
    network_init(&bench->network, bench->params, 1);
}

/* Outputs of `steps` steps, each 1 later than the one before. */
static void pass(struct bench *bench, int steps, const real *x, double time, const real *state,
                 real *out, real *final) {
    real elapsed[STEPS];
    for (int t = 0; t < STEPS; t++)
        elapsed[t] = 1;
    struct sequence sequence = {
        .steps = steps, .batch = 1, .x = x, .elapsed = elapsed, .state = state, .time = &time};
    network_forward(&bench->network, bench->params, &sequence, PHASE_EVALUATE, out, final,
                    bench->workspace);
}

static void assert_same(const real *a, const real *b, int count, double tolerance) {
    for (int i = 0; i < count; i++)
        assert_true(fabs((double)a[i] - (double)b[i]) <= tolerance);
}

static void a_rhythm_follows_the_time_since_the_series_began(void **state) {
    (void)state;
    struct bench bench;
    make_network(&bench, "plstm", 1, 0);
    real x[STEPS], whole[STEPS], parts[STEPS], streamed[STEPS], final[3 * HIDDEN + 1],
        stream[3 * HIDDEN + 1] = {0};
    for (int t = 0; t < STEPS; t++)
        x[t] = (real)sin(t);
    pass(&bench, STEPS, x, 0, NULL, whole, NULL);
    pass(&bench, 5, x, 0, NULL, parts, final);
    final[2 * HIDDEN] = 77; /* the sequence says better what time it is */
    pass(&bench, STEPS - 5, x + 5, 5, final, parts + 5, NULL);
    assert_same(whole, parts, STEPS, 1e-6);
    for (int t = 0; t < STEPS; t++)
        network_step(&bench.network, bench.params, x + t, t, 1, t > 0, stream, streamed + t,
                     bench.workspace);
    assert_same(whole, streamed, STEPS, 1e-6);
    /* Elsewhere in the series, the gates are open elsewhere. */
    pass(&bench, STEPS, x, 2.5, NULL, parts, NULL);
    assert_true(fabs((double)(whole[STEPS - 1] - parts[STEPS - 1])) > 1e-4);
    arena_free(&bench.arena);
}

static void a_rhythm_is_as_exact_after_a_hundred_million_periods(void **state) {
    (void)state;
    struct bench bench;
    make_network(&bench, "plstm", 1, 0);
    const struct param_list *list = &bench.network.params;
    real period = 0;
    for (int i = 0; i < list->count; i++)
        for (size_t j = 0; strcmp(list->items[i].name, "raw_period") == 0 && j < HIDDEN; j++)
            bench.params[list->items[i].offset + j] = 3;
    period = (real)log1p(exp(3.0));
    real x[STEPS], early[STEPS], late[STEPS];
    for (int t = 0; t < STEPS; t++)
        x[t] = (real)sin(t);
    pass(&bench, STEPS, x, 0, NULL, early, NULL);
    pass(&bench, STEPS, x, 1e8 * (double)period, NULL, late, NULL);
    assert_same(early, late, STEPS, 1e-4);
    arena_free(&bench.arena);
}

/* Mean square of n numbers. */
static double mean_square(const real *values, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (double)values[i] * (double)values[i] / (double)n;
    return sum;
}

static void a_he_readout_starts_with_variance_two_over_its_inputs(void **state) {
    (void)state;
    enum { WIDE = 100, OUTPUTS = 100 };
    struct arena arena = {0};
    struct error error;
    real *params[2];
    struct network network;
    for (int he = 0; he < 2; he++) {
        struct network_options options = {
            .cell = "rnn", .hidden = WIDE, .layers = 1, .readout_init = he ? READOUT_INIT_HE : 0};
        assert_true(network_create(&network, &options, 1, 0, OUTPUTS, 0, &arena, &error));
        params[he] = ARENA_NEW(&arena, real, network.params.size);
        network_init(&network, params[he], 1);
    }
    size_t weight = network.readout_weight, bias = network.readout_bias;
    double torch = mean_square(params[0] + weight, bias - weight);
    double he = mean_square(params[1] + weight, bias - weight);
    assert_true(fabs(torch * WIDE - 1.0 / 3) < 0.02);
    assert_true(fabs(he * WIDE - 2) < 0.1);
    assert_memory_equal(params[0], params[1], weight * sizeof(real)); /* the cell */
    assert_memory_equal(params[0] + bias, params[1] + bias, OUTPUTS * sizeof(real));
    arena_free(&arena);
}

static const real *find_param(const struct training_case *test, const char *name, size_t *size) {
    const struct param_list *list = &test->network.params;
    for (int i = 0; i < list->count; i++)
        if (strcmp(list->items[i].name, name) == 0) {
            *size = list->items[i].size;
            return test->params + list->items[i].offset;
        }
    fail_msg("there is no parameter %s", name);
    return NULL;
}

/* w_tau and A: ncps draws them as matrices of one row, the authors' release sets them to 0 and 1. */
static void a_pure_cfc_starts_as_its_variant_does(void **state) {
    (void)state;
    static const char *const models[] = {
        "{\"cell\": \"cfc\", \"mode\": \"pure\", \"hidden\": 600}",
        "{\"cell\": \"cfc\", \"mode\": \"pure\", \"hidden\": 600, \"variant\": \"hasani2022\"}"};
    static const char *const names[] = {"w_tau", "A"};
    for (int m = 0; m < 2; m++) {
        struct training_case test;
        struct error error;
        if (!training_case_create(&test, models[m], 2, 2, &error))
            fail_msg("%s", error.text);
        for (int k = 0; k < 2; k++) {
            size_t size = 0;
            const real *values = find_param(&test, names[k], &size);
            double bound = sqrt(6.0 / 601), expected = m == 0 ? bound * bound / 3 : k;
            assert_true(fabs(mean_square(values, size) - expected) <= 0.1 * expected);
            for (size_t i = 0; i < size && m == 0; i++)
                assert_true(fabs((double)values[i]) <= bound);
        }
        training_case_free(&test);
    }
}

/* Data that are not centred, with a bias that makes up for it, are the same data to a GRU-D that
 * knows their means: before and after the first observation of an input. */
static void unobserved_inputs_fade_to_their_mean_whatever_the_scale(void **state) {
    (void)state;
    static const double means[FLAGS] = {50, -3};
    struct bench centred, raw;
    make_network(&centred, "grud", WIDTH, FLAGS);
    make_network(&raw, "grud", WIDTH, FLAGS);
    network_set_means(&raw.network, means);
    const struct cell *cell = &raw.network.cells[0];
    const real *weight = raw.params + cell->offset[0]; /* weight_ih [3H][I] */
    real *bias = raw.params + cell->offset[2];
    for (int row = 0; row < 3 * HIDDEN; row++)
        for (int k = 0; k < FLAGS; k++)
            bias[row] -= weight[row * WIDTH + k] * (real)means[k];
    real x[STEPS * WIDTH], shifted[STEPS * WIDTH], expected[STEPS], actual[STEPS];
    for (int t = 0; t < STEPS; t++)
        for (int k = 0; k < FLAGS; k++) {
            bool observed = (t + 2 * k) % 4 == 1;
            x[t * WIDTH + k] = observed ? (real)sin(t + k) : 0;
            shifted[t * WIDTH + k] = observed ? x[t * WIDTH + k] + (real)means[k] : 1000;
            x[t * WIDTH + VALUES + k] = shifted[t * WIDTH + VALUES + k] = observed;
        }
    pass(&centred, STEPS, x, 0, NULL, expected, NULL);
    pass(&raw, STEPS, shifted, 0, NULL, actual, NULL);
    assert_same(expected, actual, STEPS, 1e-4);
    arena_free(&centred.arena);
    arena_free(&raw.arena);
}

/* On regular data CfC's weights are prepared for the time between steps. */
static void a_prepared_cfc_follows_a_change_of_the_time_between_steps(void **state) {
    (void)state;
    static const real between[][2] = {
        {1, 1}, {2, 2}, {1, 2}, {2, 2}}; /* of the first step, the others */
    struct trial prepared, fresh;
    trial_create(&prepared, cell_type_find("cfc"), PHASE_EVALUATE);
    for (size_t n = 0; n < sizeof between / sizeof between[0]; n++) {
        trial_create(&fresh, cell_type_find("cfc"), PHASE_EVALUATE);
        for (size_t i = 0; i < T * B; i++)
            prepared.elapsed[i] = fresh.elapsed[i] = between[n][i >= B];
        forward(&prepared);
        forward(&fresh);
        assert_same(prepared.y, fresh.y, (int)fresh.outputs, 0);
        prepared.sequence.is_prepared = true;
        trial_free(&fresh);
    }
    trial_free(&prepared);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_need_no_more_and_no_cleaner_memory_than_they_say),
        cmocka_unit_test(backward_adds_to_parameter_gradients_and_replaces_input_gradients),
        cmocka_unit_test(absent_steps_hold_the_state),
        cmocka_unit_test(a_nan_reaches_the_outputs),
        cmocka_unit_test(a_step_counts_operations_in_proportion_to_its_parameters),
        cmocka_unit_test(every_cell_is_documented_with_its_equations),
        cmocka_unit_test(a_he_readout_starts_with_variance_two_over_its_inputs),
        cmocka_unit_test(a_pure_cfc_starts_as_its_variant_does),
        cmocka_unit_test(a_time_input_leaves_observation_flags_last),
        cmocka_unit_test(a_rhythm_follows_the_time_since_the_series_began),
        cmocka_unit_test(a_rhythm_is_as_exact_after_a_hundred_million_periods),
        cmocka_unit_test(a_prepared_cfc_follows_a_change_of_the_time_between_steps),
        cmocka_unit_test(unobserved_inputs_fade_to_their_mean_whatever_the_scale),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
