/* Every cell's gradients against central differences, in double precision: of parameters, inputs,
 * initial state and elapsed time, with irregular times and absent steps, and with neither: for regular
 * times and whole sequences some cells have shorter ways. */
#include "engine/cell.h"
#include "math/random.h"
#include "support/cells.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { T = 5, B = 3, INPUTS = 4 };

/* What is checked of each cell: its options, in single quotes for readability. */
static const struct {
    const char *cell, *options;
} models[] = {
    {"rnn", "'hidden': 5"},
    {"gru", "'hidden': 5"},
    {"gru", "'hidden': 300"}, /* weights in panels */
    {"lstm", "'hidden': 5"},
    {"lstm", "'hidden': 210"}, /* weights in panels */
    {"lstm", "'hidden': 1"},
    {"lstm", "'hidden': 5, 'peephole': true"},
    {"bilstm", "'hidden': 5"},
    {"mingru", "'hidden': 5"},
    {"mingru", "'hidden': 3, 'form': 'plain', 'bias': false"},
    {"minlstm", "'hidden': 5, 'forget_bias': 1"},
    {"minlstm", "'hidden': 3, 'form': 'plain', 'bias': false"},
    {"slstm", "'hidden': 5"},
    {"slstm", "'hidden': 6, 'heads': 3, 'recurrent_init': 'standard', 'bias_init': 'small'"},
    {"slstm", "'hidden': 2, 'heads': 2"},
    {"lem", "'hidden': 5"},
    {"lem", "'hidden': 3, 'dt': 0.7, 'use_elapsed': true"},
    {"cornn", "'hidden': 5"},
    {"cornn", "'hidden': 3, 'dt': 0.5, 'gamma': 2, 'epsilon': 1"},
    {"tcn", "'hidden': 5"},
    {"tcn", "'hidden': 4, 'kernel': 2, 'dropout': 0.3"},
    {"tcn", "'hidden': 3, 'kernel': 1, 'weight_norm': false"},
    {"ltc", "'hidden': 5"},
    {"ltc", "'hidden': 3, 'init': 'ltc2021', 'unfolds': 2"},
    {"ltc", "'hidden': 3, 'constraint': 'softplus'"},
    {"ltc", "'hidden': 5, 'variant': 'hasani2022'"},
    {"ltc", "'hidden': 5, 'solver': 'euler'"},
    {"ltc", "'hidden': 3, 'solver': 'heun'"},
    {"ltc", "'hidden': 3, 'solver': 'rk4', 'constraint': 'softplus', 'unfolds': 2"},
    {"ltc", "'hidden': 5, 'mixed_memory': true"},
    {"ltc", "'hidden': 3, 'mixed_memory': true, 'init': 'ltc2021', 'constraint': 'softplus'"},
    {"ltc", "'hidden': 9, 'wiring': {'type': 'random', 'outputs': 4}"},
    {"ltc", "'hidden': 5, 'wiring': {'type': 'fully_connected', 'outputs': 2}"},
    {"ltc", "'wiring': {'type': 'auto_ncp', 'units': 11, 'outputs': 3}"},
    {"ltc", "'wiring': {'type': 'auto_ncp', 'units': 11}, 'constraint': 'softplus'"},
    {"ltc", "'wiring': {'type': 'auto_ncp', 'units': 9}, 'mixed_memory': true"},
    {"ltc", "'wiring': {'type': 'ncp', 'inter': 5, 'command': 3, 'motor': 2}, 'solver': 'rk4'"},
    {"lrc", "'hidden': 5"},
    {"lrc", "'hidden': 3, 'solver': 'fused', 'unfolds': 3"},
    {"lrc", "'hidden': 3, 'elastance': 'asymmetric', 'unfolds': 2"},
    {"lrc", "'hidden': 3, 'elastance': 'none', 'solver': 'fused'"},
    {"lrc", "'hidden': 3, 'forget': false, 'unfolds': 2"},
    {"lrc", "'wiring': {'type': 'auto_ncp', 'units': 11, 'outputs': 3}"},
    {"lrc", "'wiring': {'type': 'auto_ncp', 'units': 9}, 'solver': 'fused', 'unfolds': 2"},
    {"lrc", "'hidden': 7, 'wiring': {'type': 'random'}, 'forget': false"},
    {"cfc", "'hidden': 5, 'backbone': {'units': 6}"},
    {"cfc", "'hidden': 5, 'head_activation': 'lecun_tanh', 'backbone': {'units': 6}"},
    {"cfc", "'hidden': 5, 'variant': 'hasani2022', 'backbone': {'units': 6, 'dropout': 0.3}"},
    {"cfc", "'hidden': 5, 'variant': 'hasani2022', 'mode': 'no_gate', 'backbone': {'units': 6}"},
    {"cfc", "'hidden': 5, 'variant': 'hasani2022', 'mode': 'pure', 'backbone': {'units': 6}"},
    {"cfc", "'hidden': 5, 'mixed_memory': true, 'backbone': {'units': 6}"},
    {"cfc", "'hidden': 5, 'mixed_memory': true, 'variant': 'hasani2022', 'backbone': {'units': 6, "
            "'layers': 2, 'dropout': 0.3}"},
    {"cfc", "'hidden': 5, 'backbone': {'layers': 0}"},
    {"cfc", "'hidden': 5, 'backbone': {'units': 6, 'layers': 3, 'dropout': 0.3}"},
    {"cfc", "'hidden': 5, 'backbone': {'units': 6, 'layers': 2, 'activation': 'silu'}"},
    {"cfc", "'hidden': 5, 'backbone': {'units': 6, 'activation': 'tanh'}"},
    {"cfc", "'hidden': 5, 'backbone': {'units': 6, 'activation': 'gelu'}"},
    {"cfc", "'hidden': 5, 'backbone': {'units': 6, 'activation': 'relu'}"},
    {"cfc", "'hidden': 5, 'mode': 'no_gate', 'backbone': {'units': 6}"},
    {"cfc", "'hidden': 5, 'mode': 'no_gate', 'backbone': {'layers': 0}"},
    {"cfc", "'hidden': 5, 'mode': 'pure', 'backbone': {'units': 6}"},
    {"cfc", "'hidden': 5, 'mode': 'pure', 'backbone': {'layers': 0}"},
    {"cfc", "'wiring': {'type': 'auto_ncp', 'units': 11, 'outputs': 3}"},
    {"cfc", "'wiring': {'type': 'auto_ncp', 'units': 11}, 'mode': 'no_gate'"},
    {"cfc", "'wiring': {'type': 'auto_ncp', 'units': 11}, 'mode': 'pure'"},
    {"cfc", "'wiring': {'type': 'auto_ncp', 'units': 9}, 'variant': 'hasani2022'"},
    {"cfc", "'wiring': {'type': 'auto_ncp', 'units': 9}, 'mixed_memory': true"},
    {"cfc", "'hidden': 7, 'wiring': {'type': 'random', 'outputs': 4}"},
    {"ctrnn", "'hidden': 5"},
    {"ctrnn", "'hidden': 5, 'unfolds': 1, 'tau': 2"},
    {"ctrnn", "'hidden': 5, 'solver': 'heun', 'unfolds': 3, 'learn_tau': true"},
    {"ctrnn", "'hidden': 5, 'solver': 'rk4', 'unfolds': 2, 'learn_tau': true, 'tau': 0.5"},
    {"node", "'hidden': 5, 'unfolds': 2"},
    {"liquids4", "'hidden': 3, 'state': 4"},
    {"liquids4", "'hidden': 2, 'state': 3, 'liquid_degree': 4"},
    {"liquids4", "'hidden': 2, 'state': 1, 'liquid_degree': 1, 'dt_max': 1"},
    {"liquids4", "'hidden': 3, 'state': 2, 'block': 'linoss'"},
    {"lru", "'hidden': 3, 'state': 4"},
    {"lru", "'hidden': 3, 'state': 2, 'block': 'none'"},
    {"lru", "'hidden': 4, 'state': 2, 'block': 'linoss'"},
    {"lru", "'hidden': 5, 'state': 2, 'block': {'type': 'lru', 'place': 'post', 'dropout': 0}"},
    {"lru", "'hidden': 3, 'state': 2, 'block': {'norm': 'none', 'gate': 'none', 'skip': false}"},
    {"linoss", "'hidden': 3, 'state': 4"},
    {"linoss", "'hidden': 3, 'state': 2, 'discretization': 'imex', 'block': 'none'"},
    {"linoss", "'hidden': 3, 'state': 5, 'discretization': 'damped'"},
    {"linoss", "'hidden': 3, 'state': 2, 'block': {'place': 'post', 'dropout': 0.3}"},
    {"lrcssm", "'hidden': 3, 'state': 4"},
    {"lrcssm", "'hidden': 5, 'state': 5"},
    {"lrcssm", "'hidden': 3, 'state': 4, 'block': 'none', 'solver': 'fused', 'dt': 0.5"},
    {"lrcssm", "'hidden': 3, 'state': 2, 'block': 'linoss', 'elastance': 'symmetric'"},
    {"node", "'hidden': 1, 'solver': 'euler', 'unfolds': 3"},
    {"grud", "'hidden': 5"},
    {"grud", "'hidden': 5, 'flags': 2"},
    {"grud", "'hidden': 5, 'flags': 1"},
    {"gruode", "'hidden': 5"},
    {"gruode", "'hidden': 5, 'solver': 'rk4', 'unfolds': 1"},
    {"ctgru", "'hidden': 5"},
    {"ctgru", "'hidden': 3, 'scales': 1"},
    {"ctgru", "'hidden': 5, 'variant': 'hasani2021'"},
    {"plstm", "'hidden': 5, 'open_ratio': 0.5, 'longest_period': 4"},
    {"plstm", "'hidden': 5"},
    {"plstm", "'hidden': 5, 'variant': 'lechner2020'"},
    {"odelstm", "'hidden': 5"},
    {"odelstm", "'hidden': 5, 'solver': 'heun', 'unfolds': 2"},
    {"lstmctrnn", "'hidden': 5"},
    {"lstmctrnn", "'hidden': 1"},
    {"lstmctrnn", "'hidden': 5, 'solver': 'rk4', 'unfolds': 2"},
    {"rnndecay", "'hidden': 5"},
};

static const double step = 1e-5, tolerance = 1e-6;

/* All that a cell reads and what the loss weighs its outputs with. */
struct problem {
    struct cell_case test;
    real *params, *x, *elapsed, *mask, *state, *y_weight, *final_weight;
    real *y, *final, *workspace;
    struct sequence sequence;
};

static real *random_numbers(struct arena *arena, gsl_rng *rng, double low, double high, size_t n) {
    real *values = ARENA_NEW(arena, real, n);
    for (size_t i = 0; i < n; i++)
        values[i] = low + (high - low) * gsl_rng_uniform(rng);
    return values;
}

static void problem_create(struct problem *problem, const char *model, bool is_regular) {
    struct error error = {0};
    if (!cell_case_create(&problem->test, model, INPUTS, 0, &error))
        fail_msg("%s: %s", model, error.text);
    struct cell *cell = &problem->test.cell;
    struct arena *arena = &problem->test.arena;
    gsl_rng *rng = random_stream(7, model);
    size_t outputs = (size_t)cell->outputs, state = (size_t)cell->state;

    problem->params = ARENA_NEW(arena, real, problem->test.params.size);
    cell->type->init(cell, problem->params, rng);
    for (size_t i = 0; i < problem->test.params.size; i++)
        problem->params[i] += 0.1 * gsl_rng_uniform(rng); /* away from zeros and ones */
    problem->x = random_numbers(arena, rng, -1, 1, T * B * INPUTS);
    for (int i = 0; i < T * B * INPUTS; i++)
        if (i % INPUTS >= INPUTS - cell->flags)
            problem->x[i] = problem->x[i] > 0;
    problem->elapsed = random_numbers(arena, rng, 0.2, 2, T * B);
    problem->mask = ARENA_NEW(arena, real, T * B);
    for (size_t i = 0; i < T * B; i++)
        problem->mask[i] = gsl_rng_uniform(rng) < 0.75;
    for (size_t i = 0; is_regular && i < T * B; i++)
        problem->elapsed[i] = 0.7;
    problem->state = random_numbers(arena, rng, -0.5, 0.5, B * state);
    problem->y_weight = random_numbers(arena, rng, -1, 1, T * B * outputs);
    problem->final_weight = random_numbers(arena, rng, -1, 1, B * state);
    problem->y = ARENA_NEW(arena, real, T * B * outputs);
    problem->final = ARENA_NEW(arena, real, B * state);
    problem->workspace = ARENA_NEW(arena, real, cell->type->workspace(cell, T, B, PHASE_TRAIN));
    problem->sequence = (struct sequence){
        .steps = T,
        .batch = B,
        .x = problem->x,
        .elapsed = problem->elapsed,
        .mask = is_regular ? NULL : problem->mask,
        .state = problem->state,
        .dropout = 11,
    };
    gsl_rng_free(rng);
}

static double loss(struct problem *problem) {
    const struct cell *cell = &problem->test.cell;
    cell->type->forward(cell, problem->params, &problem->sequence, problem->y, problem->final,
                        problem->workspace);
    double sum = 0;
    for (size_t i = 0; i < T * B * (size_t)cell->outputs; i++)
        sum += problem->y[i] * problem->y_weight[i];
    for (size_t i = 0; i < B * (size_t)cell->state; i++)
        sum += problem->final[i] * problem->final_weight[i];
    return sum;
}

/* Compares n derivatives, or about 16 of very many, with central differences, relative to the largest
 * among them. Of each `row` numbers, the last `flags` are choices, not numbers. */
static void check(struct problem *problem, const char *model, const char *what, real *values,
                  const real *gradient, size_t n, size_t row, size_t flags) {
    double largest = 1e-3, worst = 0;
    size_t every = n > 400 ? n / 16 | 1 : 1;
    for (size_t i = 0; i < n; i++)
        largest = fmax(largest, fabs((double)gradient[i]));
    for (size_t i = 0; i < n; i += every) {
        if (i % row >= row - flags)
            continue;
        real kept = values[i];
        values[i] = kept + step;
        double above = loss(problem);
        values[i] = kept - step;
        double below = loss(problem);
        values[i] = kept;
        worst = fmax(worst, fabs((above - below) / (2 * step) - (double)gradient[i]) / largest);
    }
    if (!(worst <= tolerance))
        fail_msg("%s: gradient of %s is off by %.3g of its largest entry", model, what, worst);
}

static void check_model(const char *model, bool is_regular) {
    struct problem problem;
    problem_create(&problem, model, is_regular);
    const struct cell *cell = &problem.test.cell;
    struct arena *arena = &problem.test.arena;
    struct cell_gradient gradient = {
        .y = problem.y_weight,
        .final = problem.final_weight,
        .params = ARENA_NEW(arena, real, problem.test.params.size),
        .x = ARENA_NEW(arena, real, T * B * INPUTS),
        .state = ARENA_NEW(arena, real, B * cell->state),
        .elapsed = ARENA_NEW(arena, real, T * B),
    };
    loss(&problem);
    cell->type->backward(cell, problem.params, &problem.sequence, &gradient, problem.workspace);
    for (int i = 0; i < problem.test.params.count; i++) {
        const struct param *param = &problem.test.params.items[i];
        check(&problem, model, param->name, problem.params + param->offset,
              gradient.params + param->offset, param->size, 1, 0);
    }
    check(&problem, model, "the inputs", problem.x, gradient.x, T * B * INPUTS, INPUTS,
          (size_t)cell->flags);
    check(&problem, model, "the initial state", problem.state, gradient.state,
          B * (size_t)cell->state, 1, 0);
    if (cell->type->takes_time)
        check(&problem, model, "elapsed time", problem.elapsed, gradient.elapsed, T * B, 1, 0);
    cell_case_free(&problem.test);
}

static void check_cell(void **state) {
    const char *cell = *state;
    int checked = 0;
    for (size_t i = 0; i < sizeof models / sizeof models[0]; i++) {
        if (strcmp(models[i].cell, cell) != 0)
            continue;
        char model[256];
        snprintf(model, sizeof model, "{'cell': '%s', %s}", cell, models[i].options);
        for (char *quote = model; (quote = strchr(quote, '\'')) != NULL;)
            *quote = '"';
        check_model(model, false);
        check_model(model, true);
        checked++;
    }
    assert_true(checked > 0);
}

int main(void) {
    enum { MAX_CELLS = 100 };
    static char names[MAX_CELLS][80];
    struct CMUnitTest tests[MAX_CELLS] = {{0}};
    size_t count = 0;
    for (const char *cell; count < MAX_CELLS && (cell = cell_type_name(count)) != NULL; count++) {
        snprintf(names[count], sizeof names[count], "%s_gradient_matches_finite_differences", cell);
        tests[count] = (struct CMUnitTest){names[count], check_cell, NULL, NULL, (char *)cell};
    }
    return _cmocka_run_group_tests("cell gradients", tests, count, NULL, NULL);
}
