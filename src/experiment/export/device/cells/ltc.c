/* Liquid time-constant network: C v' = g (V - v) + num - den v, with num and den the sums over
 * synapses. State: v. */
#define MEMORY_FEEDS_INPUT 0
#define MEMORY_FORGET_BIAS 1.0f
#define IS_HASANI2022      OPTION_VARIANT_HASANI2022
#define UNFOLDS            (OPTION_UNFOLDS > 0 ? OPTION_UNFOLDS : IS_HASANI2022 ? 3 : 6)

struct cell {
    int inputs, outputs;
    const float *gleak, *vleak, *cm;
    struct matrix sigma, mu, w, erev, sensory_sigma, sensory_mu, sensory_w, sensory_erev;
    const float *input_w, *input_b, *output_w, *output_b;
};

/* The equation for one observation: what the inputs contribute to num and den [H]. */
struct observation {
    const struct cell *cell;
    const float *num, *den;
};

static void sum_synapses(const struct observation *seen, const float *v, float *num, float *den) {
    const struct cell *cell = seen->cell;
    struct synapses own = {&cell->sigma, &cell->mu, &cell->w, &cell->erev};
    copy(HIDDEN, seen->num, num);
    copy(HIDDEN, seen->den, den);
    synapses_add(&own, 1, v, num, den);
}

static void ltc_rate(const void *system, const float *v, float *k) {
    const struct observation *seen = system;
    const struct cell *cell = seen->cell;
    float num[HIDDEN], den[HIDDEN];
    sum_synapses(seen, v, num, den);
    for (int i = 0; i < HIDDEN; i++)
        k[i] = (cell->gleak[i] * (cell->vleak[i] - v[i]) + num[i] - den[i] * v[i]) / cell->cm[i];
}

/* A step of the fused semi-implicit solver. */
static void fused_step(const struct observation *seen, float delta, float *v) {
    const struct cell *cell = seen->cell;
    float num[HIDDEN], den[HIDDEN];
    sum_synapses(seen, v, num, den);
    for (int i = 0; i < HIDDEN; i++) {
        float cm = cell->cm[i], g = cell->gleak[i];
        float inverse = 1 / (cm + delta * (g + den[i] + 1e-8f));
        v[i] = (cm * v[i] + delta * (g * cell->vleak[i] + num[i])) * inverse;
    }
}

static void cell_step(const struct cell *cell, const float *x, struct moment at, float *v,
                      float *y) {
    float u[MAX_INPUTS], num[HIDDEN] = {0}, den[HIDDEN] = {0};
    struct synapses sensory = {&cell->sensory_sigma, &cell->sensory_mu, &cell->sensory_w,
                               &cell->sensory_erev};
    struct observation seen;
    float fraction = OPTION_SOLVER_FUSED ? 1 / (float)UNFOLDS : 0.1f;
    float delta = fraction * at.elapsed + (IS_HASANI2022 ? 0.001f : 0.0f) * fraction;
    seen.cell = cell, seen.num = num, seen.den = den;
    for (int i = 0; i < cell->inputs; i++)
        u[i] = x[i] * cell->input_w[i] + cell->input_b[i];
    synapses_add(&sensory, 1, u, num, den);
    if (!OPTION_SOLVER_FUSED)
        ode_solve(&seen, ltc_rate, HIDDEN, UNFOLDS, delta, v);
    for (int step = 0; OPTION_SOLVER_FUSED && delta != 0 && step < UNFOLDS; step++)
        fused_step(&seen, delta, v);
    for (int i = 0; i < cell->outputs; i++)
        y[i] = cell->output_w != NULL ? v[i] * cell->output_w[i] + cell->output_b[i] : v[i];
}
