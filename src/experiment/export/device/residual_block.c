/* A residual block: an encoder in front, then the layer inside between a norm and a gate. */
struct layer {
    int inputs, outputs, state;
    struct cell inside;
    struct linear linear_encoder;
    struct {
        struct linear w1, w2;
    } glu;
    struct linear mlps[2];
    struct {
        const float *weight, *bias;
    } norm;
};

#define PRESET_LRU    OPTION_BLOCK_TYPE_LRU
#define PRESET_LRCSSM OPTION_BLOCK_TYPE_LRCSSM
#define GATE_MLP      (OPTION_BLOCK_GATE_MLP || (!OPTION_BLOCK_GATE && PRESET_LRCSSM))
#define GATE_GLU      (OPTION_BLOCK_GATE_GLU || (!OPTION_BLOCK_GATE && !PRESET_LRCSSM))
#define IS_AFFINE     (OPTION_BLOCK_NORM_LAYER_AFFINE || (!OPTION_BLOCK_NORM && PRESET_LRU))
#define HAS_NORM      (!OPTION_BLOCK_NORM_NONE)
#define NORMS_BEFORE  (HAS_NORM && !OPTION_BLOCK_PLACE_POST)
#define NORMS_AFTER   (HAS_NORM && OPTION_BLOCK_PLACE_POST)
#define BLOCK_WIDTH   (CELL_WIDTH(1) > HIDDEN ? CELL_WIDTH(1) : HIDDEN)

static void block_norm(const struct layer *layer, int H, float *x) {
    layer_norm(H, IS_AFFINE ? 1e-6f : 1e-5f, layer->norm.weight, layer->norm.bias, x);
}

/* to [H] = W2 relu(W1 a + b1) + b2 */
static void mlp(const struct layer *layer, const float *a, float *to) {
    float inner[HIDDEN];
    affine(&layer->mlps[0], a, inner);
    for (int j = 0; j < layer->mlps[0].weight.rows; j++)
        inner[j] = relu(inner[j]);
    affine(&layer->mlps[1], inner, to);
}

static void mlp_block(const struct layer *layer, int H, int M, const float *r, const float *v,
                      float *y) {
    float added[HIDDEN];
    if (M == H)
        copy(H, v, y);
    else
        mlp(layer, v, y);
    add(H, r, y);
    block_norm(layer, H, y);
    if (M == H) {
        mlp(layer, y, added);
        add(H, added, y);
    }
}

static void gated_block(const struct layer *layer, int H, int M, const float *x, float *v,
                        float *y) {
    float gate[HIDDEN];
    for (int j = 0; j < M; j++)
        v[j] = gelu_tanh(v[j]);
    if (GATE_GLU) {
        affine(&layer->glu.w1, v, y);
        affine(&layer->glu.w2, v, gate);
        for (int j = 0; j < H; j++)
            y[j] *= device_sigmoid(gate[j]);
    } else {
        copy(H, v, y);
    }
    if (OPTION_BLOCK_SKIP)
        add(H, x, y);
    if (NORMS_AFTER)
        block_norm(layer, H, y);
}

static void layer_step(const struct layer *layer, const float *x, struct moment at, float *state,
                       float *y) {
    int H = layer->inside.inputs, M = layer->inside.outputs;
    float u[HIDDEN], r[HIDDEN], v[BLOCK_WIDTH];
    if (layer->linear_encoder.bias != NULL)
        affine(&layer->linear_encoder, x, u);
    else
        copy(H, x, u);
    copy(H, u, r);
    if (!OPTION_BLOCK_TYPE_NONE && NORMS_BEFORE)
        block_norm(layer, H, r);
    cell_step(&layer->inside, r, at, state, v);
    if (OPTION_BLOCK_TYPE_NONE)
        copy(M, v, y);
    else if (GATE_MLP)
        mlp_block(layer, H, M, r, v, y);
    else
        gated_block(layer, H, M, u, v, y);
}
