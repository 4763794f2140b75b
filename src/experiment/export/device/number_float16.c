/* Weights are stored as IEEE half precision: no hardware is needed to read them. */
typedef uint16_t number;

/* Shifted into the place of a float's fraction and exponent, 2^112 too small. */
static float from_number(number stored) {
    float size = real_from_bits((int32_t)(stored & 0x7fffu) << 13) * 5.192296858534828e33f;
    return stored & 0x8000u ? -size : size;
}

static float row_scale(const struct matrix *m, int row) {
    (void)m, (void)row;
    return 1;
}
