#include "support/two_forms.h"

#include "math/random.h"
#include "support/cells.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { INPUTS = 3 };

/* A forward and a backward pass over T steps of B streams. */
struct pass {
    int T, B;
    real *x, *elapsed, *mask, *state, *dy, *dfinal;
    real *y, *final, *dparams, *dx, *dstate;
};

static real *uniform(struct arena *arena, gsl_rng *rng, size_t n) {
    real *values = ARENA_NEW(arena, real, n);
    for (size_t i = 0; i < n; i++)
        values[i] = (real)(2 * gsl_rng_uniform(rng) - 1);
    return values;
}

static struct pass draw(const struct cell_case *test, struct arena *arena, int T, int B) {
    gsl_rng *rng = random_stream(3, "two forms");
    size_t rows = (size_t)T * (size_t)B, S = (size_t)test->cell.state;
    size_t O = (size_t)test->cell.outputs;
    struct pass pass = {
        .T = T,
        .B = B,
        .x = uniform(arena, rng, rows * INPUTS),
        .elapsed = ARENA_NEW(arena, real, rows),
        .state = uniform(arena, rng, (size_t)B * S),
        .dy = uniform(arena, rng, rows * O),
        .dfinal = uniform(arena, rng, (size_t)B * S),
    };
    for (size_t i = 0; i < rows; i++)
        pass.elapsed[i] = (real)1.5;
    gsl_rng_free(rng);
    return pass;
}

/* rows [n][B][width] with one more stream of zeros. */
static real *with_another(struct arena *arena, const real *rows, int n, int B, int width) {
    real *wider = ARENA_NEW(arena, real, n * (B + 1) * width);
    for (int i = 0; i < n; i++)
        for (int j = 0; j < B * width; j++)
            wider[i * (B + 1) * width + j] = rows[i * B * width + j];
    return wider;
}

static struct pass irregular(const struct cell_case *test, struct arena *arena,
                             const struct pass *pass) {
    int T = pass->T, B = pass->B, S = test->cell.state, O = test->cell.outputs;
    struct pass other = {
        .T = T,
        .B = B + 1,
        .x = with_another(arena, pass->x, T, B, INPUTS),
        .elapsed = with_another(arena, pass->elapsed, T, B, 1),
        .mask = ARENA_NEW(arena, real, T * (B + 1)),
        .state = pass->state == NULL ? NULL : with_another(arena, pass->state, 1, B, S),
        .dy = with_another(arena, pass->dy, T, B, O),
        .dfinal = pass->dfinal == NULL ? NULL : with_another(arena, pass->dfinal, 1, B, S),
    };
    for (int i = 0; i < T * (B + 1); i++)
        other.mask[i] = i != T * (B + 1) - 1;
    return other;
}

static void run(const struct cell_case *test, struct arena *arena, const real *params,
                struct pass *pass) {
    const struct cell *cell = &test->cell;
    size_t rows = (size_t)pass->T * (size_t)pass->B, states = (size_t)(pass->B * cell->state);
    pass->y = ARENA_NEW(arena, real, rows * (size_t)cell->outputs);
    pass->final = pass->dfinal == NULL ? NULL : ARENA_NEW(arena, real, states);
    pass->dparams = ARENA_NEW(arena, real, test->params.size);
    pass->dx = ARENA_NEW(arena, real, rows * INPUTS);
    pass->dstate = pass->state == NULL ? NULL : ARENA_NEW(arena, real, states);
    struct sequence sequence = {
        .steps = pass->T,
        .batch = pass->B,
        .x = pass->x,
        .elapsed = pass->elapsed,
        .mask = pass->mask,
        .state = pass->state,
    };
    struct cell_gradient gradient = {
        .y = pass->dy,
        .final = pass->dfinal,
        .params = pass->dparams,
        .x = pass->dx,
        .state = pass->dstate,
    };
    real *workspace =
        ARENA_NEW(arena, real, cell->type->workspace(cell, pass->T, pass->B, PHASE_TRAIN));
    cell->type->forward(cell, params, &sequence, pass->y, pass->final, workspace);
    cell->type->backward(cell, params, &sequence, &gradient, workspace);
}

/* Between rows [n][B][width] and the same streams of [n][B + 1][width], of the largest number. */
static double difference(const real *rows, const real *wider, int n, int B, int width) {
    double largest = 1e-3, worst = 0;
    for (int i = 0; rows != NULL && i < n; i++)
        for (int j = 0; j < B * width; j++) {
            double own = (double)rows[i * B * width + j];
            double others = (double)wider[i * (B + 1) * width + j];
            largest = fmax(largest, fabs(own));
            worst = fmax(worst, isfinite(own - others) ? fabs(own - others) : INFINITY);
        }
    return worst / largest;
}

struct form_difference compare_forms(const char *model, int steps, int batch, bool carried) {
    struct cell_case test;
    struct error error;
    if (!cell_case_create(&test, model, INPUTS, 0, &error))
        fail_msg("%s: %s", model, error.text);
    struct arena arena = {0};
    int S = test.cell.state;
    gsl_rng *rng = random_stream(5, "parameters");
    real *params = ARENA_NEW(&arena, real, test.params.size);
    test.cell.type->init(&test.cell, params, rng);
    gsl_rng_free(rng);
    struct pass pass = draw(&test, &arena, steps, batch);
    if (!carried)
        pass.state = pass.dfinal = NULL;
    struct pass other = irregular(&test, &arena, &pass);
    run(&test, &arena, params, &pass);
    run(&test, &arena, params, &other);
    struct form_difference found = {
        .forward = fmax(difference(pass.y, other.y, steps, batch, test.cell.outputs),
                        difference(pass.final, other.final, 1, batch, S)),
        .backward = fmax(difference(pass.dx, other.dx, steps, batch, INPUTS),
                         difference(pass.dstate, other.dstate, 1, batch, S)),
    };
    for (int i = 0; i < test.params.count; i++) {
        size_t at = test.params.items[i].offset;
        found.backward = fmax(found.backward, difference(pass.dparams + at, other.dparams + at, 1,
                                                         1, (int)test.params.items[i].size));
    }
    arena_free(&arena);
    cell_case_free(&test);
    return found;
}
