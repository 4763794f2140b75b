/* Coupled oscillatory RNN: z <- z + d (tanh(W [x; z; y] + b) - gamma y - epsilon z), y <- y + d z.
 * State: z, y. */
struct cell {
    int inputs, outputs;
    struct linear i2h;
};

static void cell_step(const struct cell *cell, const float *x, struct moment at, float *z,
                      float *out) {
    int H = HIDDEN, I = cell->inputs;
    float reads[MAX_INPUTS + 2 * HIDDEN], drive[HIDDEN], *y = z + H;
    const float gamma = (float)OPTION_GAMMA, epsilon = (float)OPTION_EPSILON;
    const float longest = 4 / (epsilon + square_root(epsilon * epsilon + 4 * gamma));
    float dt = smaller((float)OPTION_DT * at.elapsed, longest);
    copy(I, x, reads);
    copy(2 * H, z, reads + I);
    affine(&cell->i2h, reads, drive);
    for (int j = 0; j < H; j++) {
        z[j] += dt * (device_tanh(drive[j]) - gamma * y[j] - epsilon * z[j]);
        out[j] = y[j] = y[j] + dt * z[j];
    }
}
