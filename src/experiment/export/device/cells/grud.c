/* GRU with decay: what the state holds fades with time, and so does an unobserved input towards its
 * mean. The last FLAGS inputs say which of the first were observed. State: [h; last; age]. */
struct cell {
    int inputs, outputs, flags;
    const float *means; /* [flags] */
    struct matrix weight_ih, weight_hh[3];
    const float *bias;
    struct linear hidden_decay;
    struct {
        const float *weight, *bias;
    } input_decay;
};

static float fading(float x) {
    return real_exp(x > 0 ? -x : 0);
}

/* Replaces unobserved values in x; since [K] is the time since each was last observed. */
static void impute(const struct cell *cell, float elapsed, float *last, float *age, float *since,
                   float *x) {
    int K = cell->flags;
    const float *flags = x + cell->inputs - K;
    for (int k = 0; k < K; k++) {
        since[k] = age[k] + elapsed;
        if (flags[k] > 0.5f) {
            last[k] = x[k] - cell->means[k];
            age[k] = 0;
        } else {
            float decay = cell->input_decay.weight[k] * since[k] + cell->input_decay.bias[k];
            x[k] = cell->means[k] + fading(decay) * last[k];
            age[k] = since[k];
        }
    }
}

static void cell_step(const struct cell *cell, const float *x, struct moment at, float *h,
                      float *y) {
    int I = cell->inputs, H = HIDDEN, K = cell->flags;
    float seen[MAX_INPUTS], since[MAX_INPUTS], rows[3 * HIDDEN];
    float decay[HIDDEN], change[HIDDEN];
    copy(I, x, seen);
    since[0] = at.elapsed;
    impute(cell, at.elapsed, h + H, h + H + K, since, seen);
    affine(&cell->hidden_decay, since, decay);
    copy(3 * H, cell->bias, rows);
    multiply(&cell->weight_ih, seen, rows);
    for (int j = 0; j < H; j++)
        h[j] *= fading(decay[j]);
    gru_gates(H, cell->weight_hh, h, rows, change);
    for (int j = 0; j < H; j++)
        y[j] = h[j] = h[j] + change[j];
}
