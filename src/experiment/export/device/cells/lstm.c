/* LSTM as torch.nn.LSTM, on request with peepholes; rows of the weights are i, f, g, o.
 * State: [h; c]. */
struct cell {
    int inputs, outputs;
    struct matrix weight_ih, weight_hh;
    const float *bias_ih, *bias_hh, *weight_ci, *weight_cf, *weight_co;
};

static void cell_step(const struct cell *cell, const float *x, struct moment at, float *h,
                      float *y) {
    int H = HIDDEN;
    float gates[4 * HIDDEN], *i = gates, *f = gates + H, *g = gates + 2 * H, *o = gates + 3 * H;
    float *c = h + H;
    (void)at;
    copy(4 * H, cell->bias_ih, gates);
    add(4 * H, cell->bias_hh, gates);
    multiply(&cell->weight_ih, x, gates);
    multiply(&cell->weight_hh, h, gates);
    if (!OPTION_PEEPHOLE)
        lstm_gates(H, i, f, g, o, 0, c, h);
    for (int j = 0; OPTION_PEEPHOLE && j < H; j++) {
        float kept = device_sigmoid(f[j] + cell->weight_cf[j] * c[j]) * c[j];
        c[j] = kept + device_sigmoid(i[j] + cell->weight_ci[j] * c[j]) * device_tanh(g[j]);
        h[j] = device_sigmoid(o[j] + cell->weight_co[j] * c[j]) * device_tanh(c[j]);
    }
    copy(H, h, y);
}
