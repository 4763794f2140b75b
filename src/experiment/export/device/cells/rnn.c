/* Simple recurrent network: h <- tanh(W x + b + U h + b'). State: h. */
struct cell {
    int inputs, outputs;
    struct matrix weight_ih, weight_hh;
    const float *bias_ih, *bias_hh;
};

static void cell_step(const struct cell *cell, const float *x, struct moment at, float *h,
                      float *y) {
    int H = HIDDEN;
    float sum[HIDDEN];
    (void)at;
    copy(H, cell->bias_ih, sum);
    add(H, cell->bias_hh, sum);
    multiply(&cell->weight_ih, x, sum);
    multiply(&cell->weight_hh, h, sum);
    for (int j = 0; j < H; j++)
        h[j] = y[j] = device_tanh(sum[j]);
}
