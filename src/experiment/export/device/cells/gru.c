/* Gated recurrent unit as torch.nn.GRU; rows of the weights are r, z, n:
 * n = tanh(W x + b + r (U h + b')), h <- n + z (h - n). State: h. */
struct cell {
    int inputs, hidden, outputs;
    struct matrix weight_ih, weight_hh;
    const float *bias_ih, *bias_hh;
};

static void cell_step(const struct cell *cell, const float *x, struct moment at, float *h,
                      float *y) {
    int H = cell->hidden;
    float in[3 * MAX_HIDDEN], own[3 * MAX_HIDDEN];
    (void)at;
    copy(3 * H, cell->bias_ih, in);
    copy(3 * H, cell->bias_hh, own);
    multiply(&cell->weight_ih, x, in);
    multiply(&cell->weight_hh, h, own);
    for (int j = 0; j < H; j++) {
        float r = real_sigmoid(in[j] + own[j]), z = real_sigmoid(in[H + j] + own[H + j]);
        float n = real_tanh(in[2 * H + j] + r * own[2 * H + j]);
        h[j] = y[j] = n + z * (h[j] - n);
    }
}
