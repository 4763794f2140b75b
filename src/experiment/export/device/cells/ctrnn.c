/* Continuous-time RNN: dh/dt = -h / tau + s tanh(W x + U h + b). State: h. */
struct cell {
    int inputs, outputs;
    struct matrix weight_ih, weight_hh;
    const float *bias, *scale, *log_tau; /* log_tau stands as 1 / tau */
};

static void cell_step(const struct cell *cell, const float *x, struct moment at, float *h,
                      float *y) {
    int H = HIDDEN;
    float drive[HIDDEN], decay[HIDDEN];
    struct ctrnn ode;
    ode.hh = &cell->weight_hh, ode.scale = cell->scale, ode.decay = decay, ode.drive = drive;
    for (int j = 0; j < H; j++)
        decay[j] = OPTION_LEARN_TAU ? cell->log_tau[j] : (float)(1 / OPTION_TAU);
    copy(H, cell->bias, drive);
    multiply(&cell->weight_ih, x, drive);
    ode_solve(&ode, ctrnn_rate, H, OPTION_UNFOLDS, 1 / (float)OPTION_UNFOLDS * at.elapsed, h);
    copy(H, h, y);
}
