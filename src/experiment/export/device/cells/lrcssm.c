/* LrcSSM: liquid-resistance liquid-capacitance neurons that see only themselves and a sigmoid of
 * each channel. State: v. */
#define CELL_WIDTH(hidden) OPTION_STATE

struct cell {
    int inputs, outputs;
    const float *weight_sensory_mu, *weight_sensory_sigma, *weight_mu, *weight_sigma, *weight_w;
    const float *weight_h, *weight_gleak, *weight_vleak, *weight_elastance_kernel;
    const float *weight_elastance_bias, *weight_elastance_shift;
    struct matrix weight_sensory_w, weight_sensory_h;
};

static void cell_step(const struct cell *cell, const float *u, struct moment at, float *v,
                      float *y) {
    int H = cell->inputs, N = OPTION_STATE;
    float a[HIDDEN], q[OPTION_STATE], f[OPTION_STATE], delta = (float)OPTION_DT * at.elapsed;
    for (int j = 0; j < H; j++)
        a[j] = device_sigmoid(cell->weight_sensory_sigma[j] * (u[j] - cell->weight_sensory_mu[j]));
    for (int i = 0; i < N; i++)
        q[i] = f[i] = 0;
    multiply(&cell->weight_sensory_w, a, f);
    multiply(&cell->weight_sensory_h, a, q);
    for (int i = 0; i < N; i++) {
        float n = device_sigmoid(cell->weight_sigma[i] * (v[i] - cell->weight_mu[i]));
        float g = cell->weight_gleak[i];
        float z = cell->weight_elastance_kernel[i] * v[i] + cell->weight_elastance_bias[i];
        float width = OPTION_ELASTANCE_SYMMETRIC ? cell->weight_elastance_shift[i] : 0;
        v[i] = lrc_move(delta, elastance(z, width), cell->weight_vleak[i],
                        device_tanh(q[i] + g + cell->weight_h[i] * n),
                        device_sigmoid(f[i] + g + cell->weight_w[i] * n), v[i]);
        y[i] = v[i];
    }
}
