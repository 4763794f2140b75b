/* A block of a temporal convolutional network: two dilated causal convolutions, and its input
 * added. State: what each of them read in the last P steps, oldest first. */
struct convolution {
    struct matrix weight[OPTION_KERNEL]; /* of each tap [H][C] */
    const float *bias;
};

struct cell {
    int inputs, outputs, dilation;
    struct convolution conv1, conv2;
    struct linear downsample;
};

/* out [H] = relu(conv), from history [P][C] and x [C], which joins the history. */
static void convolve(const struct convolution *conv, int channels, int hidden, int dilation,
                     float *history, const float *x, float *out) {
    int reach = (OPTION_KERNEL - 1) * dilation;
    copy(hidden, conv->bias, out);
    for (int tap = 0; tap < OPTION_KERNEL; tap++)
        multiply(&conv->weight[tap],
                 tap < OPTION_KERNEL - 1 ? history + tap * dilation * channels : x, out);
    for (int j = 0; j < hidden; j++)
        out[j] = relu(out[j]);
    if (reach > 0) {
        copy((reach - 1) * channels, history + channels, history);
        copy(channels, x, history + (reach - 1) * channels);
    }
}

static void cell_step(const struct cell *cell, const float *x, struct moment at, float *state,
                      float *y) {
    int I = cell->inputs, H = HIDDEN, reach = (OPTION_KERNEL - 1) * cell->dilation;
    float middle[HIDDEN], second[HIDDEN];
    (void)at;
    convolve(&cell->conv1, I, H, cell->dilation, state, x, middle);
    convolve(&cell->conv2, H, H, cell->dilation, state + reach * I, middle, second);
    if (cell->downsample.bias != NULL)
        affine(&cell->downsample, x, y);
    else
        copy(H, x, y);
    for (int j = 0; j < H; j++)
        y[j] = relu(y[j] + second[j]);
}
