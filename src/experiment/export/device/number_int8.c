/* Weights are stored as whole numbers from -127 to 127, times one scale for each row. */
typedef int8_t number;

static float from_number(number stored) {
    return (float)stored;
}

static float row_scale(const struct matrix *m, int row) {
    return m->scale[row];
}
