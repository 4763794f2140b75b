/* What cells share. An exported file gets those of these definitions that it uses; a blank line
 * ends each. */

/* A matrix [rows][columns]. Its numbers stand in blocks of LANES rows (the last block may have
 * fewer), each block column after column. A sparse one has only `count` of them, column after column,
 * so that no sum waits for the one before, and lists where they stand. */
struct matrix {
    int rows, columns;
    const number *values;
    const float *scale;        /* [rows]; of int8 only */
    int count;                 /* 0: not sparse */
    const place *row, *column; /* [count] */
};

enum { LANES = 16 };

/* Of torch.nn.Linear. */
struct linear {
    struct matrix weight;
    const float *bias;
};

/* When a step is: time units since the one before, and since the series began. */
struct moment {
    float elapsed;
    double time;
};

static void copy(int n, const float *from, float *to) {
    for (int i = 0; i < n; i++)
        to[i] = from[i];
}

static void add(int n, const float *from, float *to) {
    for (int i = 0; i < n; i++)
        to[i] += from[i];
}

/* y [rows] += M x [columns]. Four columns at a time keep sums out of memory and compilers to vectors
 * of rows: a shorter loop gcc unrolls, and then finds nothing to vectorise. */
static void multiply(const struct matrix *m, const float *x, float *restrict y) {
    const number *w = m->values;
    int row = 0;
    if (IS_SPARSE && m->count > 0) {
        for (int s = 0; s < m->count; s++)
            y[m->row[s]] += row_scale(m, m->row[s]) * from_number(w[s]) * x[m->column[s]];
        return;
    }
    for (; row + LANES <= m->rows; row += LANES) {
        float sum[LANES] = {0}, scaled[LANES];
        int j = 0;
        for (; j + 4 <= m->columns; j += 4, w += 4 * LANES)
            for (int k = 0; k < LANES; k++)
                sum[k] += (from_number(w[k]) * x[j] + from_number(w[k + LANES]) * x[j + 1]) +
                          (from_number(w[k + 2 * LANES]) * x[j + 2] +
                           from_number(w[k + 3 * LANES]) * x[j + 3]);
        for (; j < m->columns; j++, w += LANES)
            for (int k = 0; k < LANES; k++)
                sum[k] += from_number(w[k]) * x[j];
        for (int k = 0; k < LANES; k++)
            scaled[k] = row_scale(m, row + k) * sum[k];
        add(m->rows - row < LANES ? m->rows - row : LANES, scaled, y + row); /* gcc sees the end */
    }
    for (int j = 0, rest = m->rows - row; j < m->columns; j++, w += rest)
        for (int k = 0; k < rest; k++)
            y[row + k] += row_scale(m, row + k) * from_number(w[k]) * x[j];
}

/* y [rows] = M x + bias. */
static void affine(const struct linear *map, const float *x, float *y) {
    copy(map->weight.rows, map->bias, y);
    multiply(&map->weight, x, y);
}

/* sqrt of x >= 0, rounded as the C library's: a guess from the exponent and Newton's method. */
static float square_root(float x) {
    float inverse = real_from_bits(0x5f375a86 - (real_to_bits(x) >> 1));
    double root;
    if (!(x > 0))
        return x;
    for (int i = 0; i < 3; i++)
        inverse = inverse * (1.5f - 0.5f * x * inverse * inverse);
    root = (double)(x * inverse);
    return (float)(0.5 * (root + (double)x / root));
}

static float relu(float x) {
    return x < 0 ? 0 : x;
}

/* What minGRU and minLSTM remember: positive in the log-space form. */
static float minimal_candidate(float x) {
    return !OPTION_FORM_LOG ? x : x < 0 ? real_sigmoid(x) : x + 0.5f;
}

static float smaller(float a, float b) {
    return a < b ? a : b;
}

/* An LSTM's pointwise part; gates [H] each come in as sums:
 * c <- s(f + forget_bias) c + s(i) tanh(g), h <- s(o) tanh(c). */
static void lstm_gates(int H, const float *i, const float *f, const float *g, const float *o,
                       float forget_bias, float *c, float *h) {
    for (int j = 0; j < H; j++) {
        float kept = real_sigmoid(f[j] + forget_bias) * c[j];
        c[j] = kept + real_sigmoid(i[j]) * real_tanh(g[j]);
        h[j] = real_sigmoid(o[j]) * real_tanh(c[j]);
    }
}

/* A GRU whose reset acts on the state: r, z and n of rows [3H] come in as what inputs contribute;
 * change [H] = (1 - z)(n - h). hh: [H][H] each of r, z, n. */
static void gru_gates(int H, const struct matrix *hh, const float *h, const float *rows,
                      float *change) {
    float r[MAX_HIDDEN], z[MAX_HIDDEN];
    copy(H, rows, r);
    copy(H, rows + H, z);
    copy(H, rows + 2 * H, change);
    multiply(&hh[0], h, r);
    multiply(&hh[1], h, z);
    for (int j = 0; j < H; j++)
        r[j] = real_sigmoid(r[j]) * h[j];
    multiply(&hh[2], r, change);
    for (int j = 0; j < H; j++)
        change[j] = (1 - real_sigmoid(z[j])) * (real_tanh(change[j]) - h[j]);
}

#define STAGES (OPTION_SOLVER_RK4 ? 4 : OPTION_SOLVER_HEUN ? 2 : 1)

/* v [n] follows dv/dt = rate(v) for `steps` steps of a length, by Euler's, Heun's or the classical
 * Runge-Kutta method. */
static void ode_solve(const void *system, void (*rate)(const void *, const float *, float *), int n,
                      int steps, float length, float *v) {
    static const float reach[] = {0, OPTION_SOLVER_HEUN ? 1.0f : 0.5f, 0.5f, 1};
    static const float euler[] = {1}, heun[] = {0.5f, 0.5f};
    static const float rk4[] = {1 / 6.0f, 1 / 3.0f, 1 / 3.0f, 1 / 6.0f};
    const float *share = OPTION_SOLVER_RK4 ? rk4 : OPTION_SOLVER_HEUN ? heun : euler;
    float at[MAX_HIDDEN], end[MAX_HIDDEN], k[MAX_HIDDEN];
    for (int step = 0; step < steps; step++) {
        copy(n, v, at);
        copy(n, v, end);
        for (int i = 0; i < STAGES; i++) {
            for (int j = 0; i > 0 && j < n; j++)
                at[j] = v[j] + reach[i] * length * k[j];
            rate(system, at, k);
            for (int j = 0; j < n; j++)
                end[j] += share[i] * length * k[j];
        }
        copy(n, end, v);
    }
}

/* A continuous-time RNN: dv/dt = -decay v + scale tanh(drive + U v). */
struct ctrnn {
    const struct matrix *hh;            /* U [H][H] */
    const float *scale, *decay, *drive; /* [H]; decay NULL: 1 */
};

static void ctrnn_rate(const void *system, const float *v, float *k) {
    const struct ctrnn *ode = system;
    int H = ode->hh->rows;
    float sum[MAX_HIDDEN];
    copy(H, ode->drive, sum);
    multiply(ode->hh, v, sum);
    for (int j = 0; j < H; j++)
        k[j] = ode->scale[j] * real_tanh(sum[j]) - (ode->decay != NULL ? ode->decay[j] : 1) * v[j];
}

/* Synapses from sources v to neurons, each with a sigmoid of its own:
 * a = s(sigma (v - mu)),  num += h a,  den += w a,  where h is w e with `multiplies`. */
struct synapses {
    const struct matrix *sigma, *mu, *w, *h;
    int multiplies;
};

/* One synapse: number `at` of the tensors, to neuron `row`. */
static inline void synapse(const struct synapses *s, int at, int row, float v, float *num,
                           float *den) {
    float sigma = row_scale(s->sigma, row) * from_number(s->sigma->values[at]);
    float mu = row_scale(s->mu, row) * from_number(s->mu->values[at]);
    float h = row_scale(s->h, row) * from_number(s->h->values[at]);
    float w = row_scale(s->w, row) * from_number(s->w->values[at]);
    float a = real_sigmoid(sigma * (v - mu));
    *num = a * (s->multiplies ? w * h : h);
    *den = a * w;
}

/* num, den [H] += from v. */
static void synapses_add(const struct synapses *s, const float *v, float *num, float *den) {
    const struct matrix *m = s->sigma;
    float one_num[LANES], one_den[LANES], from[LANES];
    int at = 0, row = 0;
    if (IS_SPARSE && m->count > 0) {
        for (; at < m->count; at += LANES) {
            int count = m->count - at < LANES ? m->count - at : LANES;
            for (int k = 0; k < count; k++)
                from[k] = v[m->column[at + k]];
            for (int k = 0; k < count; k++)
                synapse(s, at + k, m->row[at + k], from[k], &one_num[k], &one_den[k]);
            for (int k = 0; k < count; k++) {
                num[m->row[at + k]] += one_num[k];
                den[m->row[at + k]] += one_den[k];
            }
        }
        return;
    }
    for (; row + LANES <= m->rows; row += LANES) {
        float sum_num[LANES] = {0}, sum_den[LANES] = {0};
        for (int j = 0; j < m->columns; j++, at += LANES)
            for (int k = 0; k < LANES; k++) {
                synapse(s, at + k, row + k, v[j], &one_num[k], &one_den[k]);
                sum_num[k] += one_num[k];
                sum_den[k] += one_den[k];
            }
        add(LANES, sum_num, num + row);
        add(LANES, sum_den, den + row);
    }
    for (int j = 0, rest = m->rows - row; j < m->columns; j++, at += rest)
        for (int k = 0; k < rest; k++) {
            synapse(s, at + k, row + k, v[j], &one_num[k], &one_den[k]);
            num[row + k] += one_num[k];
            den[row + k] += one_den[k];
        }
}

/* Inverse capacitance of a liquid neuron from z and its width k. */
static float elastance(float z, float k) {
    if (OPTION_ELASTANCE_SYMMETRIC)
        return real_sigmoid(z + k) - real_sigmoid(z - k);
    return OPTION_ELASTANCE_ASYMMETRIC ? real_sigmoid(z) : 1;
}

/* One step of length delta of v' = epsilon (e q - f v). */
static float lrc_move(float delta, float epsilon, float e, float q, float f, float v) {
    float length = delta * epsilon;
    return OPTION_SOLVER_FUSED ? (v + length * (e * q)) / (1 + length * f)
                               : v + length * (e * q - f * v);
}

/* x <- (x - mean) / sqrt(variance + epsilon), times scale plus shift where there are some. */
static void layer_norm(int H, float epsilon, const float *scale, const float *shift, float *x) {
    float mean = 0, variance = 0, inverse;
    for (int j = 0; j < H; j++)
        mean += x[j];
    mean /= (float)H;
    for (int j = 0; j < H; j++)
        variance += (x[j] - mean) * (x[j] - mean);
    inverse = 1 / square_root(variance / (float)H + epsilon);
    for (int j = 0; j < H; j++)
        x[j] = (x[j] - mean) * inverse * (scale != NULL ? scale[j] : 1) +
               (shift != NULL ? shift[j] : 0);
}

/* x times the normal distribution function. */
static float gelu(float x) {
    return x * real_normal_cdf(x);
}

/* Its approximation by a tanh. */
static float gelu_tanh(float x) {
    return x * real_sigmoid(1.5957691216057308f * x * (1 + 0.044715f * x * x));
}
