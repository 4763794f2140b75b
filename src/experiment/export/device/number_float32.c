/* Weights are stored as float. */
typedef float number;

static float from_number(number stored) {
    return stored;
}

static float row_scale(const struct matrix *m, int row) {
    (void)m, (void)row;
    return 1;
}
