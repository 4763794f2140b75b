/* ODE-LSTM: the memory is an LSTM's, whose output drives an ODE that starts from the old h.
 * State: [h; c]. */
struct cell {
    int inputs, outputs;
    struct matrix weight_ih, weight_hh;
    const float *bias;
    struct {
        struct matrix weight_ih, weight_hh;
        const float *bias, *scale;
    } ode;
};

static void cell_step(const struct cell *cell, const float *x, struct moment at, float *h,
                      float *y) {
    int H = HIDDEN;
    float gates[4 * HIDDEN], u[HIDDEN], drive[HIDDEN];
    struct ctrnn ode;
    ode.hh = &cell->ode.weight_hh, ode.scale = cell->ode.scale, ode.decay = NULL, ode.drive = drive;
    copy(4 * H, cell->bias, gates);
    multiply(&cell->weight_ih, x, gates);
    multiply(&cell->weight_hh, h, gates);
    lstm_gates(H, gates, gates + H, gates + 2 * H, gates + 3 * H, 3, h + H, u);
    copy(H, cell->ode.bias, drive);
    multiply(&cell->ode.weight_ih, u, drive);
    ode_solve(&ode, ctrnn_rate, H, OPTION_UNFOLDS, 1 / (float)OPTION_UNFOLDS * at.elapsed, h);
    copy(H, h, y);
}
