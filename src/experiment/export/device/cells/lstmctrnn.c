/* A coupled LSTM and CT-RNN: each reads the other's state of the step before, the output is the sum
 * of theirs. State: [h; c; v]. */
struct cell {
    int inputs, outputs;
    struct matrix weight_ih, weight_hh; /* reading [x; v; elapsed], and h */
    const float *bias;
    struct {
        struct matrix weight_ih, weight_hh; /* reading [x; h], and v */
        const float *bias, *scale;
    } ode;
};

static void cell_step(const struct cell *cell, const float *x, struct moment at, float *h,
                      float *y) {
    int I = cell->inputs, H = HIDDEN;
    float gates[4 * HIDDEN], reads[MAX_INPUTS + HIDDEN + 1], drive[HIDDEN];
    float *v = h + 2 * H;
    struct ctrnn ode;
    ode.hh = &cell->ode.weight_hh, ode.scale = cell->ode.scale, ode.decay = NULL, ode.drive = drive;
    copy(I, x, reads);
    copy(H, h, reads + I);
    copy(H, cell->ode.bias, drive);
    multiply(&cell->ode.weight_ih, reads, drive);
    copy(H, v, reads + I);
    reads[I + H] = at.elapsed;
    copy(4 * H, cell->bias, gates);
    multiply(&cell->weight_ih, reads, gates);
    multiply(&cell->weight_hh, h, gates);
    lstm_gates(H, gates, gates + H, gates + 2 * H, gates + 3 * H, 1, h + H, h);
    ode_solve(&ode, ctrnn_rate, H, OPTION_UNFOLDS, 1 / (float)OPTION_UNFOLDS * at.elapsed, v);
    copy(H, h, y);
    add(H, v, y);
}
