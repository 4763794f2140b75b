/* Oscillatory state-space model: z <- S (z + d (B u - A y)), y <- y + d z, v = Re(C y) + D u.
 * `steps` stands with its sigmoid taken; rows of B are real parts, then imaginary ones; columns of
 * C real parts, then imaginary ones negated. State: y, z, each real parts, then imaginary ones. */
#define CELL_WIDTH(hidden) (hidden)

struct cell {
    int inputs, outputs;
    const float *A_diag, *G_diag, *steps, *D;
    struct matrix B, C;
};

static void cell_step(const struct cell *cell, const float *u, struct moment at, float *y,
                      float *v) {
    int N = OPTION_STATE, H = cell->inputs;
    float drive[2 * OPTION_STATE] = {0}, *z = y + 2 * N;
    multiply(&cell->B, u, drive);
    for (int i = 0; i < N; i++) {
        float delta = cell->steps[i] * at.elapsed, a = relu(cell->A_diag[i]), shrink = 1;
        if (OPTION_DISCRETIZATION_DAMPED) {
            float g = relu(cell->G_diag[i]);
            if (delta > 0) {
                float root = 2 * square_root(1 + delta * g), middle = 2 + delta * g;
                float low = (middle - root) / (delta * delta);
                float high = (middle + root) / (delta * delta);
                a = cell->A_diag[i];
                a = a < low ? low : a > high ? high : a;
            }
            shrink = 1 / (1 + delta * g);
        } else if (OPTION_DISCRETIZATION_IM) {
            shrink = 1 / (1 + delta * delta * a);
        }
        for (int k = i; k < 2 * N; k += N) {
            z[k] = shrink * (z[k] + delta * (drive[k] - a * y[k]));
            y[k] += delta * z[k];
        }
    }
    for (int h = 0; h < H; h++)
        v[h] = cell->D[h] * u[h];
    multiply(&cell->C, y, v);
}
