/* Gated recurrent unit as torch.nn.GRU; rows of the weights are r, z, n:
 * n = tanh(W x + b + r (U h + b')), h <- n + z (h - n). State: h. */
struct cell {
    int inputs, outputs;
    struct matrix weight_ih, weight_hh;
    const float *bias_ih, *bias_hh;
};

static void cell_step(const struct cell *cell, const float *x, struct moment at, float *h,
                      float *y) {
    int H = HIDDEN;
    float in[3 * HIDDEN], own[3 * HIDDEN];
    (void)at;
    copy(3 * H, cell->bias_ih, in);
    copy(3 * H, cell->bias_hh, own);
    multiply(&cell->weight_ih, x, in);
    multiply(&cell->weight_hh, h, own);
    for (int j = 0; j < H; j++) {
        float r = device_sigmoid(in[j] + own[j]), z = device_sigmoid(in[H + j] + own[H + j]);
        float n = device_tanh(in[2 * H + j] + r * own[2 * H + j]);
        h[j] = y[j] = n + z * (h[j] - n);
    }
}
