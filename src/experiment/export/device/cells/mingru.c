/* minGRU: h <- h + z (c - h) with z and c of the input alone. State: h. */
struct cell {
    int inputs, outputs;
    struct linear to_hidden_and_gate;
};

static void cell_step(const struct cell *cell, const float *x, struct moment at, float *h,
                      float *y) {
    int H = HIDDEN;
    float rows[2 * HIDDEN] = {0};
    (void)at;
    if (OPTION_BIAS)
        copy(2 * H, cell->to_hidden_and_gate.bias, rows);
    multiply(&cell->to_hidden_and_gate.weight, x, rows);
    for (int j = 0; j < H; j++) {
        float c = minimal_candidate(rows[j]);
        h[j] = y[j] = h[j] + device_sigmoid(rows[H + j]) * (c - h[j]);
    }
}
