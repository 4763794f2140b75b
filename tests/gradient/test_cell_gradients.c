/* Every cell's gradients against central differences, in double precision: of parameters, inputs,
 * initial state and elapsed time, with irregular times and absent steps. */
#include "math/random.h"
#include "support/cells.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

enum { T = 5, B = 3, INPUTS = 4 };

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

static void problem_create(struct problem *problem, const char *model) {
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
    problem->elapsed = random_numbers(arena, rng, 0.2, 2, T * B);
    problem->mask = ARENA_NEW(arena, real, T * B);
    for (size_t i = 0; i < T * B; i++)
        problem->mask[i] = gsl_rng_uniform(rng) < 0.75;
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
        .mask = problem->mask,
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

/* Compares n derivatives with central differences, relative to the largest among them. */
static void check(struct problem *problem, const char *model, const char *what, real *values,
                  const real *gradient, size_t n) {
    double largest = 1e-3, worst = 0;
    for (size_t i = 0; i < n; i++)
        largest = fmax(largest, fabs((double)gradient[i]));
    for (size_t i = 0; i < n; i++) {
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

static void check_model(const char *model) {
    struct problem problem;
    problem_create(&problem, model);
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
              gradient.params + param->offset, param->size);
    }
    check(&problem, model, "the inputs", problem.x, gradient.x, T * B * INPUTS);
    check(&problem, model, "the initial state", problem.state, gradient.state,
          B * (size_t)cell->state);
    if (cell->type->takes_time)
        check(&problem, model, "elapsed time", problem.elapsed, gradient.elapsed, T * B);
    cell_case_free(&problem.test);
}

static void lstm_gradient_matches_finite_differences(void **state) {
    (void)state;
    check_model("{\"cell\": \"lstm\", \"hidden\": 5}");
    check_model("{\"cell\": \"lstm\", \"hidden\": 1}");
}

static void ltc_gradient_matches_finite_differences(void **state) {
    (void)state;
    check_model("{\"cell\": \"ltc\", \"hidden\": 5}");
    check_model("{\"cell\": \"ltc\", \"hidden\": 3, \"init\": \"ltc2021\", \"unfolds\": 2}");
    check_model("{\"cell\": \"ltc\", \"hidden\": 3, \"constraint\": \"softplus\"}");
    check_model("{\"cell\": \"ltc\", \"hidden\": 5, \"variant\": \"hasani2022\"}");
}

static void cfc_gradient_matches_finite_differences(void **state) {
    (void)state;
    static const char *const modes[] = {"default", "no_gate", "pure"};
    static const char *const backbones[] = {
        "{\"units\": 6}",
        "{\"units\": 6, \"layers\": 0}",
        "{\"units\": 6, \"layers\": 3, \"dropout\": 0.3, \"activation\": \"silu\"}",
        "{\"units\": 6, \"activation\": \"tanh\"}",
        "{\"units\": 6, \"activation\": \"gelu\"}",
        "{\"units\": 6, \"activation\": \"relu\"}",
    };
    char model[256];
    for (size_t m = 0; m < sizeof modes / sizeof modes[0]; m++) {
        for (size_t b = 0; b < sizeof backbones / sizeof backbones[0]; b++) {
            snprintf(model, sizeof model,
                     "{\"cell\": \"cfc\", \"hidden\": 5, \"mode\": \"%s\", \"backbone\": %s}",
                     modes[m], backbones[b]);
            check_model(model);
        }
    }
    check_model("{\"cell\": \"cfc\", \"hidden\": 5, \"head_activation\": \"lecun_tanh\"}");
    for (size_t m = 0; m < sizeof modes / sizeof modes[0]; m++) {
        snprintf(model, sizeof model,
                 "{\"cell\": \"cfc\", \"hidden\": 5, \"mode\": \"%s\", \"variant\": "
                 "\"hasani2022\", \"backbone\": {\"units\": 6, \"layers\": 2, \"dropout\": 0.3}}",
                 modes[m]);
        check_model(model);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lstm_gradient_matches_finite_differences),
        cmocka_unit_test(ltc_gradient_matches_finite_differences),
        cmocka_unit_test(cfc_gradient_matches_finite_differences),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
