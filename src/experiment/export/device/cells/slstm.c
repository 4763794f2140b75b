/* sLSTM: exponential gates, kept in range by the running maximum m of their logarithms; units of a
 * head see each other. Rows of the weights are i, f, z, o. State: y, c, n, m. */
struct cell {
    int inputs, outputs;
    struct matrix weight_ih;
    struct matrix _recurrent_kernel_[OPTION_HEADS]; /* of each head, [4D][D] */
    const float *_bias_;
};

static void cell_step(const struct cell *cell, const float *x, struct moment at, float *state,
                      float *y) {
    int H = HIDDEN, D = H / OPTION_HEADS;
    float gates[4 * HIDDEN], own[4 * HIDDEN];
    float *c = state + H, *n = c + H, *m = n + H;
    (void)at;
    copy(4 * H, cell->_bias_, gates);
    multiply(&cell->weight_ih, x, gates);
    for (int head = 0; head < OPTION_HEADS; head++) {
        for (int j = 0; j < 4 * D; j++)
            own[j] = 0;
        multiply(&cell->_recurrent_kernel_[head], state + head * D, own);
        for (int gate = 0; gate < 4; gate++)
            add(D, own + gate * D, gates + gate * H + head * D);
    }
    for (int j = 0; j < H; j++) {
        float i = gates[j], f = gates[H + j], l = m[j] + real_log_sigmoid(f);
        float max = n[j] == 0 ? i : i < l ? l : i;
        i = real_exp(i - max);
        f = real_exp(l > max ? 0 : l - max);
        c[j] = f * c[j] + i * device_tanh(gates[2 * H + j]);
        n[j] = f * n[j] + i;
        m[j] = max;
        state[j] = y[j] = device_sigmoid(gates[3 * H + j]) * c[j] / n[j];
    }
}
