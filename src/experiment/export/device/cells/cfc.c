/* Closed-form continuous-time network: a backbone and heads, or on a wiring a chain of up to three
 * layers of heads, each reading the one before it. State: h of each layer. */
#define IS_HASANI2022      OPTION_VARIANT_HASANI2022
#define MEMORY_FEEDS_INPUT (OPTION_MIXED_MEMORY && IS_HASANI2022)
#define MEMORY_FORGET_BIAS (IS_HASANI2022 ? 2.1f : 1.0f)
#define IS_LECUN           (OPTION_HEAD_ACTIVATION_LECUN_TANH || (!OPTION_HEAD_ACTIVATION && IS_HASANI2022))
#define HEAD_SCALE         (IS_LECUN ? 1.7159f : 1.0f)
#define HEAD_SLOPE         (IS_LECUN ? 0.666f : 1.0f)
#define BACKBONE           (IS_WIRED ? 0 : OPTION_BACKBONE_LAYERS)
#define UNITS              (IS_WIRED ? 0 : OPTION_BACKBONE_UNITS)
#define MAX_READS          (MAX_INPUTS + 2 * HIDDEN + UNITS)

struct heads {
    struct linear ff1, ff2, time_a, time_b;
    const float *w_tau, *A;
};

/* `backbone` has places that are empty: its numbers are those of torch.nn.Sequential. */
struct cell {
    int inputs, outputs;
    struct linear backbone[3 * BACKBONE + 1];
    struct heads layer[3];
};

static float backbone_activation(float x) {
    if (OPTION_BACKBONE_ACTIVATION_LECUN_TANH)
        return 1.7159f * device_tanh(0.666f * x);
    if (OPTION_BACKBONE_ACTIVATION_TANH)
        return device_tanh(x);
    if (OPTION_BACKBONE_ACTIVATION_RELU)
        return relu(x);
    if (OPTION_BACKBONE_ACTIVATION_SILU)
        return x * device_sigmoid(x);
    return OPTION_BACKBONE_ACTIVATION_GELU ? gelu(x) : gelu_tanh(x);
}

/* h [H] from what the heads read. */
static void update(const struct heads *heads, int H, float elapsed, const float *reads, float *h) {
    float f1[HIDDEN], f2[HIDDEN], a[HIDDEN], b[HIDDEN];
    float time = IS_HASANI2022 ? -elapsed : elapsed;
    affine(&heads->ff1, reads, f1);
    if (OPTION_MODE_PURE) {
        for (int j = 0; j < H; j++) {
            float speed = real_size(heads->w_tau[j]) + real_size(f1[j]);
            h[j] = heads->A[j] - heads->A[j] * real_exp(-elapsed * speed) * f1[j];
        }
        return;
    }
    affine(&heads->ff2, reads, f2);
    affine(&heads->time_a, reads, a);
    affine(&heads->time_b, reads, b);
    for (int j = 0; j < H; j++) {
        float gate = device_sigmoid(a[j] * time + b[j]);
        float first = HEAD_SCALE * device_tanh(HEAD_SLOPE * f1[j]);
        float second = HEAD_SCALE * device_tanh(HEAD_SLOPE * f2[j]);
        h[j] = first * (OPTION_MODE_DEFAULT ? 1 - gate : 1) + gate * second;
    }
}

static void cell_step(const struct cell *cell, const float *x, struct moment at, float *state,
                      float *y) {
    float reads[MAX_READS], out[MAX_READS];
    const float *in = x;
    int reads_in = cell->inputs;
    for (int l = 0; l < 3 && cell->layer[l].ff1.bias != NULL; l++) {
        int H = cell->layer[l].ff1.weight.rows;
        copy(reads_in, in, reads);
        copy(H, state, reads + reads_in);
        for (int k = 0; k < 3 * BACKBONE; k++) {
            const struct linear *map = &cell->backbone[k];
            if (map->bias == NULL)
                continue;
            affine(map, reads, out);
            for (int j = 0; j < map->weight.rows; j++)
                reads[j] = backbone_activation(out[j]);
        }
        update(&cell->layer[l], H, at.elapsed, reads, state);
        in = state;
        reads_in = H;
        state += H;
    }
    copy(cell->outputs, in, y);
}
