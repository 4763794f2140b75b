/* Phased LSTM: units change only while their rhythmic gate is open. raw_period, raw_shift and
 * raw_open_ratio stand with their softplus taken; in the variant lechner2020 there is one of each. State: [h; c; time]. */
#define IS_LECHNER2020 OPTION_VARIANT_LECHNER2020

struct cell {
    int inputs, outputs;
    struct matrix weight_ih, weight_hh;
    const float *bias, *raw_period, *raw_shift, *raw_open_ratio;
};

/* What (time - shift) / period has behind the point; in double: after many periods a float would
 * not know it. */
static float phase_at(double time, float shift, float period) {
    double cycles = (time - (double)shift) / (double)period, whole = (double)(int64_t)cycles;
    return (float)(cycles - (whole > cycles ? whole - 1 : whole));
}

static void cell_step(const struct cell *cell, const float *x, struct moment at, float *h,
                      float *y) {
    int H = HIDDEN;
    float gates[4 * HIDDEN], shown[HIDDEN], candidate[HIDDEN], *c = h + H;
    copy(4 * H, cell->bias, gates);
    multiply(&cell->weight_ih, x, gates);
    multiply(&cell->weight_hh, h, gates);
    copy(H, c, candidate);
    lstm_gates(H, gates, gates + H, gates + 2 * H, gates + 3 * H, 0, candidate, shown);
    for (int j = 0; j < H; j++) {
        int r = IS_LECHNER2020 ? 0 : j;
        float phase = phase_at(IS_LECHNER2020 ? (double)at.elapsed : at.time, cell->raw_shift[r],
                               cell->raw_period[r]);
        float ratio = cell->raw_open_ratio[r], half = 2 * phase / ratio;
        float opening = IS_LECHNER2020 ? 2 * phase * ratio : half;
        float k = half < 1 ? opening : phase < ratio ? 2 - half : 0.001f * phase;
        h[j] = y[j] = h[j] + k * (shown[j] - h[j]);
        c[j] += k * (candidate[j] - c[j]);
    }
}
