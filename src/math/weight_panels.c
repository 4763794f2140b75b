#include "math/weight_panels.h"

/* Where row `row` begins in the panel of column j; *columns: how many that panel has. */
static real *row_at(int n, int k, int row, int j, real *panels, int *columns) {
    int width = panel_width(n, k);
    *columns = n - j < width ? n - j : width;
    return panels + (size_t)j * (size_t)k + (size_t)row * (size_t)*columns;
}

void panels_set_transposed(int n, int k, int first, int rows, const real *weight, int stride,
                           real *panels) {
    for (int j = 0, columns; j < n; j += columns) {
        real *part = row_at(n, k, first, j, panels, &columns);
        matrix_transpose(columns, rows, weight + (size_t)j * (size_t)stride, stride, part);
    }
}

void panels_set_row(int n, int k, int row, const real *a, const real *b, real *panels) {
    for (int j = 0, columns; j < n; j += columns) {
        real *part = row_at(n, k, row, j, panels, &columns);
        for (int i = 0; i < columns; i++)
            part[i] = b == NULL ? a[j + i] : a[j + i] + b[j + i];
    }
}

size_t panels_room(int n, int k) {
    return panel_width(n, k) < n ? (size_t)n * (size_t)k : 0;
}

const real *panels_of(int n, int k, const real *b, real *room) {
    if (panels_room(n, k) == 0)
        return b;
    for (int row = 0; row < k; row++)
        panels_set_row(n, k, row, b + (size_t)row * (size_t)n, NULL, room);
    return room;
}
