/* GRU-ODE: dh/dt = (1 - z)(n - h), the gates computed anew in each evaluation. State: h. */
struct cell {
    int inputs, outputs;
    struct matrix weight_ih, weight_hh[3];
    const float *bias;
};

struct gruode {
    const struct cell *cell;
    const float *drive;
};

static void gruode_rate(const void *system, const float *v, float *k) {
    const struct gruode *ode = system;
    gru_gates(HIDDEN, ode->cell->weight_hh, v, ode->drive, k);
}

static void cell_step(const struct cell *cell, const float *x, struct moment at, float *h,
                      float *y) {
    int H = HIDDEN;
    float drive[3 * HIDDEN];
    struct gruode ode;
    ode.cell = cell, ode.drive = drive;
    copy(3 * H, cell->bias, drive);
    multiply(&cell->weight_ih, x, drive);
    ode_solve(&ode, gruode_rate, H, OPTION_UNFOLDS, 1 / (float)OPTION_UNFOLDS * at.elapsed, h);
    copy(H, h, y);
}
