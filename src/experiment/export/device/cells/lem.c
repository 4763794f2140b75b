/* Long expressive memory: y and z move towards candidates by gated steps. Rows of inp2hid are the
 * gates of y and z, then the candidates of y and z; of hid2hid both gates and z's candidate.
 * State: y, z. */
struct cell {
    int inputs, outputs;
    struct linear inp2hid, hid2hid, transform_z;
};

static void cell_step(const struct cell *cell, const float *x, struct moment at, float *state,
                      float *out) {
    int H = HIDDEN;
    float in[4 * HIDDEN], own[3 * HIDDEN], candidate[HIDDEN], *z = state + H;
    float dt = OPTION_USE_ELAPSED ? smaller((float)OPTION_DT * at.elapsed, 1) : (float)OPTION_DT;
    affine(&cell->inp2hid, x, in);
    affine(&cell->hid2hid, state, own);
    for (int j = 0; j < H; j++) {
        float open = device_sigmoid(in[H + j] + own[H + j]);
        z[j] += dt * open * (device_tanh(in[3 * H + j] + own[2 * H + j]) - z[j]);
    }
    affine(&cell->transform_z, z, candidate);
    for (int j = 0; j < H; j++) {
        float open = device_sigmoid(in[j] + own[j]);
        state[j] += dt * open * (device_tanh(candidate[j] + in[2 * H + j]) - state[j]);
        out[j] = state[j];
    }
}
