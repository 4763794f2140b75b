/* Neural ODE: dh/dt = s tanh(W x + U h + b). State: h. */
struct cell {
    int inputs, outputs;
    struct matrix weight_ih, weight_hh;
    const float *bias, *scale;
};

static void cell_step(const struct cell *cell, const float *x, struct moment at, float *h,
                      float *y) {
    int H = HIDDEN;
    float drive[HIDDEN];
    static const float decay[HIDDEN] = {0};
    struct ctrnn ode;
    ode.hh = &cell->weight_hh, ode.scale = cell->scale, ode.decay = decay, ode.drive = drive;
    copy(H, cell->bias, drive);
    multiply(&cell->weight_ih, x, drive);
    ode_solve(&ode, ctrnn_rate, H, OPTION_UNFOLDS, 1 / (float)OPTION_UNFOLDS * at.elapsed, h);
    copy(H, h, y);
}
