/* Liquid-S4: each of H channels a diagonal complex system of N states with a liquid term, between
 * two linear maps. log_dt stands with its exp taken, log_A_real as the real part of A; B and C are
 * real and imaginary parts in turn. State: Re s [H][N], Im s [H][N], the last inputs, newest first. */
#define CELL_WIDTH(hidden) (hidden)
#define EARLIER            (OPTION_LIQUID_DEGREE - 1)

struct cell {
    int inputs, outputs;
    struct linear input_map, output_map;
    const float *log_dt, *log_A_real, *A_imag, *B, *C, *D;
};

/* z <- z (re + i im) */
static void turn(float *z, float re, float im) {
    float before = z[0];
    z[0] = before * re - z[1] * im;
    z[1] = before * im + z[1] * re;
}

/* One state of channel h moves on; kernels [EARLIER][N] get Re(C bbar^q) for q = 2 ..., N numbers apart.
 * Returns Re(C s). */
static float state_move(const struct cell *cell, int at, float delta, float u, float *s_re,
                        float *s_im, float *restrict kernels) {
    float a = cell->log_A_real[at], w = cell->A_imag[at], size = a * a + w * w;
    float half = 0.5f * delta * w, sine = real_sin(half), cosine = real_cos(half);
    float grown = real_expm1(delta * a), twice = 2 * sine * sine;
    float rise[2], hold[2], power[2], s[2];
    const float *b = cell->B + 2 * at, *c = cell->C + 2 * at;
    rise[0] = grown * (1 - twice) - twice;
    rise[1] = (1 + grown) * 2 * sine * cosine;
    hold[0] = rise[0], hold[1] = rise[1];
    turn(hold, a / size, -w / size);
    turn(hold, b[0], b[1]);
    s[0] = *s_re, s[1] = *s_im;
    turn(s, 1 + rise[0], rise[1]);
    *s_re = s[0] + hold[0] * u;
    *s_im = s[1] + hold[1] * u;
    power[0] = hold[0], power[1] = hold[1];
    for (int q = 0; q < EARLIER; q++) {
        turn(power, hold[0], hold[1]);
        kernels[q * OPTION_STATE] = c[0] * power[0] - c[1] * power[1];
    }
    return c[0] * *s_re - c[1] * *s_im;
}

/* Terms are computed side by side and then summed, because compilers keep the order of a sum. */
static void cell_step(const struct cell *cell, const float *x, struct moment at, float *state,
                      float *y) {
    int H = HIDDEN, N = OPTION_STATE;
    float u[HIDDEN], v[HIDDEN], *re = state, *im = state + H * N, *last = im + H * N;
    affine(&cell->input_map, x, u);
    for (int h = 0; h < H; h++) {
        float terms[EARLIER + 1][OPTION_STATE], sums[EARLIER + 1] = {0}, product = u[h];
        float *s_re = re + h * N, *s_im = im + h * N;
        float delta = cell->log_dt[h] * at.elapsed;
        for (int n = 0; n < N; n++)
            terms[EARLIER][n] =
                state_move(cell, h * N + n, delta, u[h], s_re + n, s_im + n, &terms[0][n]);
        for (int n = 0; n < N; n++)
            for (int q = 0; q <= EARLIER; q++)
                sums[q] += terms[q][n];
        v[h] = 2 * sums[EARLIER] + cell->D[h] * u[h];
        for (int q = 0; q < EARLIER; q++) {
            product *= last[q * H + h];
            v[h] += 2 * sums[q] * product;
        }
    }
    for (int q = EARLIER; q-- > 0;)
        copy(H, q > 0 ? last + (q - 1) * H : u, last + q * H);
    for (int h = 0; h < H; h++)
        v[h] = gelu(v[h]);
    affine(&cell->output_map, v, y);
}
