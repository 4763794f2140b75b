/* Mixed memory: an LSTM's memory cell around a liquid one, whose state h takes the place of the
 * LSTM's. State: [h; c]. */
struct layer {
    int inputs, outputs, state;
    struct cell inside;
    struct {
        struct linear input_map;
        struct linear recurrent_map;
    } lstm;
};

static void layer_step(const struct layer *layer, const float *x, struct moment at, float *h,
                       float *y) {
    int H = HIDDEN;
    float gates[4 * HIDDEN], u[HIDDEN];
    if (!OPTION_MIXED_MEMORY) {
        cell_step(&layer->inside, x, at, h, y);
        return;
    }
    affine(&layer->lstm.input_map, x, gates);
    multiply(&layer->lstm.recurrent_map.weight, h, gates);
    lstm_gates(H, gates + H, gates + 2 * H, gates, gates + 3 * H, MEMORY_FORGET_BIAS, h + H, u);
    if (MEMORY_FEEDS_INPUT) {
        cell_step(&layer->inside, u, at, h, y);
    } else {
        copy(H, u, h);
        cell_step(&layer->inside, x, at, h, y);
    }
}
