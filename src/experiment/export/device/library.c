/* What cells share. An exported file gets those of these definitions that it uses; a blank line
 * ends each. */

/* A matrix [rows][columns]. Its numbers stand in blocks of LANES rows, those of the rest in blocks of
 * FEW_LANES rows and at last of one; each block column after column. A sparse one has only `count` of
 * them, column after column, so that no sum waits for the one before, and lists where they stand. */
struct matrix {
    int rows, columns;
    const number *values;
    const float *scale;        /* [rows]; of int8 only */
    int count;                 /* 0: not sparse */
    const place *row, *column; /* [count] */
};

enum { LANES = 16, FEW_LANES = 4 };

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

/* x, no farther from 0 than `most`: a number even where x is none. In whole numbers, because a
 * comparison of floats keeps gcc's vectors waiting. */
static inline float device_limit(float x, float most) {
    int32_t bits = real_to_bits(x), size = bits & 0x7fffffff, largest = real_to_bits(most);
    return real_from_bits((size < largest ? size : largest) | (bits & INT32_MIN));
}

/* The sigmoid, 1 / (1 + 2^t) with t = -x log2 e: t = n + f with n whole and |f| <= 1/2, 2^f by a
 * polynomial that interpolates at the Chebyshev nodes, to 1e-7. What waits for a result before it is
 * kept short, so that a processor can work at several sigmoids at once. NaN stays NaN. */
static inline float device_sigmoid(float x) {
    float one = x != x ? x : 1.0f, limited = device_limit(x, 68.0f);
    float shifted = limited * -1.44269504f + 12582912.0f; /* 1.5 * 2^23: n is in the low bits */
    float f = limited * -1.44269504f - (shifted - 12582912.0f), f2 = f * f;
    float p = (1.0f + 6.93147188e-1f * f) + f2 * (2.40221075e-1f + 5.55035711e-2f * f);
    uint32_t power = ((uint32_t)real_to_bits(shifted) << 23) + 0x3f800000u;
    p += (f2 * f2) * (9.67603192e-3f + 1.33908634e-3f * f);
    return 1.0f / (one + real_from_bits((int32_t)power) * p);
}

/* tanh x = -m / (m + 2) with m = 2^t - 1 = 2^n (2^f - 1) + 2^n - 1 for t = -2 x log2 e: nothing
 * cancels near 0. (2^f - 1) / f is a polynomial that interpolates at the Chebyshev nodes, to 1e-8. */
static inline float device_tanh(float x) {
    float two = x != x ? x : 2.0f, limited = device_limit(x, 20.0f);
    float shifted = limited * -2.88539008f + 12582912.0f;
    float f = limited * -2.88539008f - (shifted - 12582912.0f), f2 = f * f;
    float p = (6.93147188e-1f + 2.40226508e-1f * f) + f2 * (5.55035711e-2f + 9.61808256e-3f * f);
    uint32_t bits = ((uint32_t)real_to_bits(shifted) << 23) + 0x3f800000u;
    float power = real_from_bits((int32_t)bits), m;
    p += (f2 * f2) * (1.33908634e-3f + 1.54531629e-4f * f);
    m = power * (f * p) + (power - 1.0f);
    return -m / (m + two);
}

/* The block of `lanes` rows that begins with `row`: y [rows] += M x. Four columns at a time keep sums
 * out of memory; those of the last one to three that are not there are zeros. */
static BLOCK void multiply_block(const struct matrix *m, int lanes, int row,
                                 const float *restrict x, float *restrict y) {
    const number *restrict w = m->values + (size_t)row * (size_t)m->columns;
    float sum[LANES];
    int j = 0, rest = m->columns % 4;
    copy(lanes, y + row, sum);
    for (; j + 4 <= m->columns; j += 4, w += 4 * lanes)
        for (int k = 0; k < lanes; k++)
            sum[k] += row_scale(m, row + k) *
                      ((from_number(w[k]) * x[j] + from_number(w[k + lanes]) * x[j + 1]) +
                       (from_number(w[k + 2 * lanes]) * x[j + 2] +
                        from_number(w[k + 3 * lanes]) * x[j + 3]));
    if (rest > 0) {
        const number *restrict second = rest > 1 ? w + lanes : w;
        const number *restrict third = rest > 2 ? w + 2 * lanes : w;
        float x_second = rest > 1 ? x[j + 1] : 0, x_third = rest > 2 ? x[j + 2] : 0;
        ROLLED
        for (int k = 0; k < lanes; k++)
            sum[k] += row_scale(m, row + k) *
                      (from_number(w[k]) * x[j] +
                       (from_number(second[k]) * x_second + from_number(third[k]) * x_third));
    }
    copy(lanes, sum, y + row);
}

/* y [rows] += M x [columns]. */
static APART void multiply(const struct matrix *m, const float *restrict x, float *restrict y) {
    int row = 0, rows = m->rows;
    if (IS_SPARSE && m->count > 0) {
        for (int s = 0; s < m->count; s++)
            y[m->row[s]] += row_scale(m, m->row[s]) * from_number(m->values[s]) * x[m->column[s]];
        return;
    }
    for (; row + LANES <= rows; row += LANES)
        multiply_block(m, LANES, row, x, y);
    for (; row + FEW_LANES <= rows; row += FEW_LANES)
        multiply_block(m, FEW_LANES, row, x, y);
    for (; row < rows; row++)
        multiply_block(m, 1, row, x, y);
}

/* y [rows] = M x + bias. */
static void affine(const struct linear *map, const float *restrict x, float *restrict y) {
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
    return !OPTION_FORM_LOG ? x : x < 0 ? device_sigmoid(x) : x + 0.5f;
}

static float smaller(float a, float b) {
    return a < b ? a : b;
}

/* An LSTM's pointwise part; gates [H] each come in as sums:
 * c <- s(f + forget_bias) c + s(i) tanh(g), h <- s(o) tanh(c). */
static void lstm_gates(int H, const float *i, const float *f, const float *g, const float *o,
                       float forget_bias, float *c, float *h) {
    for (int j = 0; j < H; j++) {
        float kept = device_sigmoid(f[j] + forget_bias) * c[j];
        c[j] = kept + device_sigmoid(i[j]) * device_tanh(g[j]);
        h[j] = device_sigmoid(o[j]) * device_tanh(c[j]);
    }
}

/* A GRU whose reset acts on the state: r, z and n of rows [3H] come in as what inputs contribute;
 * change [H] = (1 - z)(n - h). hh: [H][H] each of r, z, n. */
static void gru_gates(int H, const struct matrix *hh, const float *h, const float *rows,
                      float *change) {
    float r[HIDDEN], z[HIDDEN];
    copy(H, rows, r);
    copy(H, rows + H, z);
    copy(H, rows + 2 * H, change);
    multiply(&hh[0], h, r);
    multiply(&hh[1], h, z);
    for (int j = 0; j < H; j++)
        r[j] = device_sigmoid(r[j]) * h[j];
    multiply(&hh[2], r, change);
    for (int j = 0; j < H; j++)
        change[j] = (1 - device_sigmoid(z[j])) * (device_tanh(change[j]) - h[j]);
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
    float at[HIDDEN], end[HIDDEN], k[HIDDEN];
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
    float sum[HIDDEN];
    copy(H, ode->drive, sum);
    multiply(ode->hh, v, sum);
    for (int j = 0; j < H; j++)
        k[j] =
            ode->scale[j] * device_tanh(sum[j]) - (ode->decay != NULL ? ode->decay[j] : 1) * v[j];
}

/* Synapses from sources v to neurons, each with a sigmoid of its own:
 * a = s(sigma (v - mu)),  num += h a,  den += w a,  where h is w e of a cell that `multiplies`. */
struct synapses {
    const struct matrix *sigma, *mu, *w, *h;
};

/* One synapse, number `at` of the tensors, to neuron `row`: a / w, w and h. */
static inline float synapse_gate(const struct synapses *s, int at, int row, float v) {
    float mu = row_scale(s->mu, row) * from_number(s->mu->values[at]);
    return device_sigmoid(row_scale(s->sigma, row) * from_number(s->sigma->values[at]) * (v - mu));
}

static inline float synapse_weight(const struct synapses *s, int at, int row) {
    return row_scale(s->w, row) * from_number(s->w->values[at]);
}

static inline float synapse_pull(const struct synapses *s, int multiplies, int at, int row) {
    float h = row_scale(s->h, row) * from_number(s->h->values[at]);
    return multiplies ? synapse_weight(s, at, row) * h : h;
}

/* The block of `lanes` neurons that begins with `row`: num, den [H] += from v. */
static BLOCK void synapses_add_block(const struct synapses *s, int multiplies, int lanes, int row,
                                     const float *restrict v, float *restrict num,
                                     float *restrict den) {
    float sum_num[LANES], sum_den[LANES];
    int columns = s->sigma->columns, at = row * columns;
    copy(lanes, num + row, sum_num);
    copy(lanes, den + row, sum_den);
    for (int j = 0; j < columns; j++, at += lanes)
        for (int k = 0; k < lanes; k++) {
            float a = synapse_gate(s, at + k, row + k, v[j]);
            sum_num[k] += a * synapse_pull(s, multiplies, at + k, row + k);
            sum_den[k] += a * synapse_weight(s, at + k, row + k);
        }
    copy(lanes, sum_num, num + row);
    copy(lanes, sum_den, den + row);
}

/* `count` synapses of a sparse wiring, from number `at` on. */
static BLOCK void synapses_add_some(const struct synapses *s, int multiplies, int count, int at,
                                    const float *restrict v, float *restrict num,
                                    float *restrict den) {
    const place *row = s->sigma->row + at, *column = s->sigma->column + at;
    float from[LANES], one_num[LANES], one_den[LANES];
    for (int k = 0; k < count; k++)
        from[k] = v[column[k]];
    for (int k = 0; k < count; k++) {
        float a = synapse_gate(s, at + k, row[k], from[k]);
        one_num[k] = a * synapse_pull(s, multiplies, at + k, row[k]);
        one_den[k] = a * synapse_weight(s, at + k, row[k]);
    }
    for (int k = 0; k < count; k++) {
        num[row[k]] += one_num[k];
        den[row[k]] += one_den[k];
    }
}

/* num, den [H] += from v. */
static APART void synapses_add(const struct synapses *s, int multiplies, const float *restrict v,
                               float *restrict num, float *restrict den) {
    int at = 0, row = 0, rows = s->sigma->rows, count = s->sigma->count;
    if (IS_SPARSE && count > 0) {
        for (; at + LANES <= count; at += LANES)
            synapses_add_some(s, multiplies, LANES, at, v, num, den);
        synapses_add_some(s, multiplies, count - at, at, v, num, den);
        return;
    }
    for (; row + LANES <= rows; row += LANES)
        synapses_add_block(s, multiplies, LANES, row, v, num, den);
    for (; row + FEW_LANES <= rows; row += FEW_LANES)
        synapses_add_block(s, multiplies, FEW_LANES, row, v, num, den);
    for (; row < rows; row++)
        synapses_add_block(s, multiplies, 1, row, v, num, den);
}

/* Inverse capacitance of a liquid neuron from z and its width k. */
static float elastance(float z, float k) {
    if (OPTION_ELASTANCE_SYMMETRIC)
        return device_sigmoid(z + k) - device_sigmoid(z - k);
    return OPTION_ELASTANCE_ASYMMETRIC ? device_sigmoid(z) : 1;
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
    return x * device_sigmoid(1.5957691216057308f * x * (1 + 0.044715f * x * x));
}
