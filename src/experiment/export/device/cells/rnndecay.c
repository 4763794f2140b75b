/* RNN with decay: n = tanh(W x + U h + b), h <- W' n + b' - elapsed a. State: h. */
struct cell {
    int inputs, outputs;
    struct matrix weight_ih, weight_hh, weight_out;
    const float *bias, *bias_out, *decay;
};

static void cell_step(const struct cell *cell, const float *x, struct moment at, float *h,
                      float *y) {
    int H = HIDDEN;
    float inner[HIDDEN];
    copy(H, cell->bias, inner);
    multiply(&cell->weight_ih, x, inner);
    multiply(&cell->weight_hh, h, inner);
    for (int j = 0; j < H; j++) {
        inner[j] = device_tanh(inner[j]);
        h[j] = cell->bias_out[j];
    }
    multiply(&cell->weight_out, inner, h);
    for (int j = 0; j < H; j++)
        y[j] = h[j] = h[j] - at.elapsed * cell->decay[j];
}
