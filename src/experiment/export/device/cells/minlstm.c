/* minLSTM: h <- h + z (c - h), z = s(i) / (s(f) + s(i)); rows of the weights are c, f, i.
 * State: h. */
struct cell {
    int inputs, outputs;
    struct linear to_hidden_and_f_i_gate;
};

/* With all terms over the largest, so that no sum is 0 or infinite. */
static float share_of_input(float f, float i) {
    float m = f < i ? -f : -i, one, from_f;
    m = m < 0 ? 0 : m;
    one = real_exp(-m);
    from_f = one + real_exp(-f - m);
    return from_f / (from_f + (one + real_exp(-i - m)));
}

static void cell_step(const struct cell *cell, const float *x, struct moment at, float *h,
                      float *y) {
    int H = HIDDEN;
    float rows[3 * HIDDEN] = {0};
    (void)at;
    if (OPTION_BIAS)
        copy(3 * H, cell->to_hidden_and_f_i_gate.bias, rows);
    multiply(&cell->to_hidden_and_f_i_gate.weight, x, rows);
    for (int j = 0; j < H; j++) {
        float c = minimal_candidate(rows[j]), z = share_of_input(rows[H + j], rows[2 * H + j]);
        h[j] = y[j] = h[j] + z * (c - h[j]);
    }
}
