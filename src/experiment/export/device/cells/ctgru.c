/* Continuous-time GRU: each unit is stored at M time scales, and gates choose scales to read and to
 * write. Rows of weight_ih are r (M H), s (M H), q (H). State: [M][H]. */
#define SCALES OPTION_SCALES

struct cell {
    int inputs, outputs;
    struct matrix weight_ih, weight_hh, weight_hq;
    const float *bias;
};

static float log_scale(int k) {
    return (float)k * 1.1512925464970229f;
}

/* drives [M][H] become softmax(-(drives - ln tau)^2) over the scales. */
static void choose(int H, float *drives) {
    for (int j = 0; j < H; j++) {
        float largest = 0, total = 0;
        for (int k = 0; k < SCALES; k++) {
            float distance = drives[k * H + j] - log_scale(k), score = -distance * distance;
            drives[k * H + j] = score;
            largest = k == 0 || score > largest ? score : largest;
        }
        for (int k = 0; k < SCALES; k++)
            total += drives[k * H + j] = real_exp(drives[k * H + j] - largest);
        for (int k = 0; k < SCALES; k++)
            drives[k * H + j] /= total;
    }
}

static void cell_step(const struct cell *cell, const float *x, struct moment at, float *stored,
                      float *y) {
    int H = HIDDEN, MH = SCALES * H;
    float drives[(2 * SCALES + 1) * HIDDEN], h[HIDDEN] = {0}, found[HIDDEN] = {0};
    float *read = drives, *write = drives + MH, *q = drives + 2 * MH;
    for (int k = 0; k < SCALES; k++)
        add(H, stored + k * H, h);
    copy(2 * MH + H, cell->bias, drives);
    multiply(&cell->weight_ih, x, drives);
    multiply(&cell->weight_hh, h, drives);
    choose(H, read);
    choose(H, write);
    for (int i = 0; i < MH; i++)
        found[i % H] += read[i] * stored[i];
    multiply(&cell->weight_hq, found, q);
    for (int j = 0; j < H; j++) {
        q[j] = device_tanh(q[j]);
        y[j] = 0;
    }
    for (int k = 0; k < SCALES; k++) {
        float left = real_exp(-at.elapsed * real_exp(-log_scale(k)));
        for (int j = 0; j < H; j++) {
            float *own = &stored[k * H + j];
            *own = (*own + write[k * H + j] * (q[j] - *own)) * left;
            y[j] += *own;
        }
    }
}
