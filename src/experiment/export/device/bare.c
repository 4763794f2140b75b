/* A layer is its cell alone. */
struct layer {
    int inputs, outputs, state;
    struct cell inside;
};

static void layer_step(const struct layer *layer, const float *x, struct moment at, float *state,
                       float *y) {
    cell_step(&layer->inside, x, at, state, y);
}
