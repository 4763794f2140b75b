#include "engine/cells/neuron_arrays.h"

void neurons_put(int transposed, int B, int width, const real *rows, real *array) {
    if (transposed > 0)
        zero((size_t)width * (size_t)transposed, array);
    for (int b = 0; b < B; b++)
        for (int i = 0; i < width; i++)
            array[neuron_place(transposed, width, b, i)] =
                rows[(size_t)b * (size_t)width + (size_t)i];
}

void neurons_get(int transposed, int B, int width, const real *array, bool added, real *rows) {
    for (int b = 0; b < B; b++)
        for (int i = 0; i < width; i++, rows++)
            *rows = (added ? *rows : 0) + array[neuron_place(transposed, width, b, i)];
}

void neurons_map_in(int transposed, int B, int n, const real *w, const real *bias, const real *rows,
                    real *array) {
    if (transposed > 0)
        zero((size_t)n * (size_t)transposed, array);
    for (int b = 0; b < B; b++, rows += n)
        for (int k = 0; k < n; k++)
            array[neuron_place(transposed, n, b, k)] = rows[k] * w[k] + bias[k];
}

void neurons_map_out(int transposed, int B, int width, int n, const real *w, const real *bias,
                     const real *array, real *rows) {
    for (int b = 0; b < B; b++, rows += n)
        for (int i = 0; i < n; i++) {
            real value = array[neuron_place(transposed, width, b, i)];
            rows[i] = w != NULL ? value * w[i] + bias[i] : value;
        }
}

/* One stream's part of the backward passes below, whose numbers are `stride` apart in the arrays
 * (constant where this is inlined). */
static inline __attribute__((always_inline)) void
map_out_stream_backward(int n, size_t stride, const real *w, const real *dy, const real *v,
                        real *dv, real *dw, real *dbias) {
#pragma omp simd
    for (int i = 0; i < n; i++) {
        dv[(size_t)i * stride] += dy[i] * w[i];
        dw[i] += dy[i] * v[(size_t)i * stride];
        dbias[i] += dy[i];
    }
}

void neurons_map_out_backward(int transposed, int B, int width, int n, const real *w,
                              const real *drows, const real *array, real *darray, real *dw,
                              real *dbias) {
    for (int b = 0; b < B; b++, drows += n) {
        size_t first = neuron_place(transposed, width, b, 0);
        real *own = darray + first;
        if (w == NULL)
            for (int i = 0; i < n; i++)
                own[neuron_place(transposed, width, 0, i)] += drows[i];
        else if (transposed > 0)
            map_out_stream_backward(n, (size_t)transposed, w, drows, array + first, own, dw, dbias);
        else
            map_out_stream_backward(n, 1, w, drows, array + first, own, dw, dbias);
    }
}

static inline __attribute__((always_inline)) void map_in_stream_backward(int n, size_t stride,
                                                                         const real *darray,
                                                                         const real *x, real *dw,
                                                                         real *dbias) {
#pragma omp simd
    for (int k = 0; k < n; k++) {
        dw[k] += darray[(size_t)k * stride] * x[k];
        dbias[k] += darray[(size_t)k * stride];
    }
}

void neurons_map_in_backward(int transposed, int B, int n, const real *w, const real *rows,
                             const real *darray, real *dw, real *dbias, real *drows) {
    for (int b = 0; b < B; b++, rows += n) {
        const real *own = darray + neuron_place(transposed, n, b, 0);
        if (transposed > 0)
            map_in_stream_backward(n, (size_t)transposed, own, rows, dw, dbias);
        else
            map_in_stream_backward(n, 1, own, rows, dw, dbias);
        for (int k = 0; drows != NULL && k < n; k++)
            *drows++ = own[neuron_place(transposed, n, 0, k)] * w[k];
    }
}
