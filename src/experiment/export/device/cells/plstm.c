/* Phased LSTM: units change only while their rhythmic gate is open. raw_period, raw_shift and
 * raw_open_ratio stand with their softplus taken. State: [h; c; time]. */
struct cell {
    int inputs, hidden, outputs;
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
    int H = cell->hidden;
    float gates[4 * MAX_HIDDEN], shown[MAX_HIDDEN], candidate[MAX_HIDDEN], *c = h + H;
    copy(4 * H, cell->bias, gates);
    multiply(&cell->weight_ih, x, gates);
    multiply(&cell->weight_hh, h, gates);
    copy(H, c, candidate);
    lstm_gates(H, gates, gates + H, gates + 2 * H, gates + 3 * H, 0, candidate, shown);
    for (int j = 0; j < H; j++) {
        float phase = phase_at(at.time, cell->raw_shift[j], cell->raw_period[j]);
        float ratio = cell->raw_open_ratio[j], half = 2 * phase / ratio;
        float k = half < 1 ? half : phase < ratio ? 2 - half : 0.001f * phase;
        h[j] = y[j] = h[j] + k * (shown[j] - h[j]);
        c[j] += k * (candidate[j] - c[j]);
    }
}
