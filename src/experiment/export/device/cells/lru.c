/* Linear recurrent unit: s <- lambda^elapsed s + gain B u, v = Re(C s) + D u, in complex numbers.
 * nu_log, theta_log and gamma_log stand with their exp taken. State: Re s, Im s. */
#define CELL_WIDTH(hidden) (hidden)

struct cell {
    int inputs, outputs;
    const float *nu_log, *theta_log, *gamma_log, *D;
    struct matrix B_re, B_im, C_re, C_im;
};

static void cell_step(const struct cell *cell, const float *u, struct moment at, float *s,
                      float *v) {
    int N = OPTION_STATE, H = cell->inputs;
    float re[OPTION_STATE] = {0}, im[OPTION_STATE] = {0};
    multiply(&cell->B_re, u, re);
    multiply(&cell->B_im, u, im);
    for (int i = 0; i < N; i++) {
        float size = real_exp(-cell->nu_log[i] * at.elapsed),
              angle = cell->theta_log[i] * at.elapsed;
        float cosine = size * real_cos(angle), sine = size * real_sin(angle);
        float gain = cell->gamma_log[i], before = s[i];
        s[i] = cosine * before - sine * s[N + i] + gain * re[i];
        s[N + i] = sine * before + cosine * s[N + i] + gain * im[i];
        im[i] = -s[N + i];
    }
    for (int h = 0; h < H; h++)
        v[h] = cell->D[h] * u[h];
    multiply(&cell->C_re, s, v);
    multiply(&cell->C_im, im, v);
}
