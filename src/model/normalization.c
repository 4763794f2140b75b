#include "model/normalization.h"

#include <math.h>
#include <string.h>

static const real epsilon = REAL(1e-5), weight_epsilon = REAL(1e-10);

const char *normalize_name(size_t position) {
    static const char *const names[] = {"last", "revin", "revin_fixed", NULL};
    return names[position];
}

void normalization_declare(struct normalization *normalization, struct param_list *list) {
    if (!normalization_is_affine(normalization))
        return;
    normalization->weight = param_declare(list, "affine_weight", normalization->channels, 0);
    normalization->bias = param_declare(list, "affine_bias", normalization->channels, 0);
}

void normalization_init(const struct normalization *normalization, real *params) {
    for (int c = 0; c < normalization->channels && normalization_is_affine(normalization); c++) {
        params[normalization->weight + (size_t)c] = 1;
        params[normalization->bias + (size_t)c] = 0;
    }
}

static real weight_of(const struct normalization *normalization, const real *params, int c) {
    return normalization_is_affine(normalization) ? params[normalization->weight + (size_t)c] : 1;
}

static real bias_of(const struct normalization *normalization, const real *params, int c) {
    return normalization_is_affine(normalization) ? params[normalization->bias + (size_t)c] : 0;
}

static bool is_present(const struct sequence *sequence, int t, int b) {
    return sequence->mask == NULL || sequence->mask[t * sequence->batch + b] != 0;
}

/* m and s of channel c of window b; of a window without a present step 0 and 1. */
static void measure(const struct normalization *normalization, const struct sequence *sequence,
                    int b, int c, real *m, real *s) {
    double mean = 0, square = 0, last = 0;
    int count = 0;
    for (int t = 0; t < sequence->steps; t++) {
        if (!is_present(sequence, t, b))
            continue;
        size_t row = (size_t)(t * sequence->batch + b);
        last = (double)sequence->x[row * (size_t)normalization->inputs + (size_t)c];
        double change = last - mean;
        mean += change / ++count;
        square += change * (last - mean);
    }
    bool is_last = normalization->kind == NORMALIZE_LAST;
    *m = (real)(is_last ? last : mean);
    *s = is_last || count == 0 ? 1 : (real)sqrt(square / count + (double)epsilon);
}

void normalize(const struct normalization *normalization, const real *params,
               const struct sequence *sequence, real *statistics, real *to) {
    int B = sequence->batch, I = normalization->inputs, C = normalization->channels;
    real *m = statistics, *s = m + B * C;
    memcpy(to, sequence->x, (size_t)(sequence->steps * B) * (size_t)I * sizeof *to);
    for (int b = 0; b < B; b++)
        for (int c = 0; c < C; c++) {
            int at = b * C + c;
            real w = weight_of(normalization, params, c), bias = bias_of(normalization, params, c);
            measure(normalization, sequence, b, c, &m[at], &s[at]);
            for (int t = 0; t < sequence->steps; t++) {
                real *own = to + (size_t)(t * B + b) * (size_t)I + c;
                *own = (*own - m[at]) / s[at] * w + bias;
            }
        }
}

void denormalize(const struct normalization *normalization, const real *params, int steps,
                 int batch, const real *statistics, real *kept, real *out) {
    int C = normalization->channels, O = normalization->outputs;
    const real *m = statistics, *s = m + batch * C;
    for (int row = 0; row < steps * batch; row++)
        for (int k = 0; k < O; k++) {
            int target = k % normalization->targets, c = normalization->target_input[target];
            int at = row % batch * C + c;
            size_t place = (size_t)row * (size_t)O + (size_t)k;
            real normed = (out[place] - bias_of(normalization, params, c)) /
                          (weight_of(normalization, params, c) + weight_epsilon);
            if (kept != NULL)
                kept[place] = normed;
            out[place] = (real)((double)(normed * s[at] + m[at]) * normalization->scale[target] +
                                normalization->shift[target]);
        }
}

void denormalize_backward(const struct normalization *normalization, const real *params, int steps,
                          int batch, const real *statistics, const real *kept, const real *dout,
                          real *dnetwork, real *gradient) {
    int C = normalization->channels, O = normalization->outputs;
    const real *s = statistics + batch * C;
    bool affine = normalization_is_affine(normalization);
    for (int row = 0; row < steps * batch; row++)
        for (int k = 0; k < O; k++) {
            int target = k % normalization->targets, c = normalization->target_input[target];
            size_t place = (size_t)row * (size_t)O + (size_t)k;
            real d = dout[place] * (real)normalization->scale[target] * s[row % batch * C + c] /
                     (weight_of(normalization, params, c) + weight_epsilon);
            dnetwork[place] = d;
            if (!affine)
                continue;
            gradient[normalization->weight + (size_t)c] -= d * kept[place];
            gradient[normalization->bias + (size_t)c] -= d;
        }
}

void normalize_backward(const struct normalization *normalization, const struct sequence *sequence,
                        const real *statistics, const real *dx, int width, real *gradient) {
    int B = sequence->batch, C = normalization->channels;
    const real *m = statistics, *s = m + B * C;
    for (int row = 0; row < sequence->steps * B; row++)
        for (int c = 0; c < C; c++) {
            int at = row % B * C + c;
            real d = dx[(size_t)row * (size_t)width + (size_t)c];
            real x = sequence->x[(size_t)row * (size_t)normalization->inputs + (size_t)c];
            gradient[normalization->weight + (size_t)c] += d * (x - m[at]) / s[at];
            gradient[normalization->bias + (size_t)c] += d;
        }
}
