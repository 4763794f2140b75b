#define BUFFER (MAX_OUTPUTS > NETWORK_INPUTS ? MAX_OUTPUTS : NETWORK_INPUTS)

#define LARGEST_VALUE 1e15f

/* A value that is not there. */
static int is_missing(float x) {
    return x != x;
}

void model_reset(struct model_state *state) {
    for (int i = 0; i < MODEL_STATE; i++)
        state->cells[i] = 0;
    for (int i = 0; i < MODEL_INPUTS; i++)
        state->last[i] = real_from_bits(0x7fc00000);
    state->time = 0;
    state->since = 0;
    state->begun = 0;
}

/* x [NETWORK_INPUTS]: the scaled inputs, elapsed time where the network reads it, and flags that say
 * which inputs were observed. Returns whether any was, of a network without flags always 1. */
static int read_inputs(struct model_state *state, const float *inputs, float *x) {
    int any = FLAGS == 0;
    for (int i = 0; i < MODEL_INPUTS; i++) {
        float value = inputs[i];
        int observed = !is_missing(value);
        if (observed)
            state->last[i] = value;
        else if (FILLS_FORWARD)
            value = state->last[i];
        x[i] = is_missing(value)
                   ? input_missing[i]
                   : ((value - input_offset[i]) - input_offset_rest[i]) / input_scale[i];
        if (FLAGS > 0)
            x[MODEL_INPUTS + TIME_INPUT + i] = observed ? 1.0f : 0.0f;
        any = any || observed;
    }
    return any;
}

/* One step of all layers and the readout: x [NETWORK_INPUTS], out [MODEL_OUTPUTS]. */
static void network_step(float *cells, struct moment at, float *x, float *out) {
    float buffers[2][BUFFER];
    const float *in = x;
    for (int l = 0; l < LAYERS; l++) {
        layer_step(&layers[l], in, at, cells, buffers[l % 2]);
        in = buffers[l % 2];
        cells += layers[l].state;
    }
    affine(&readout, in, out);
    if (AVERAGES) { /* behind the cells: the sum of all readouts, and their number */
        add(MODEL_OUTPUTS, out, cells);
        cells[MODEL_OUTPUTS] += 1;
        for (int k = 0; k < MODEL_OUTPUTS; k++)
            out[k] = cells[k] / cells[MODEL_OUTPUTS];
    }
}

/* From the readout to the data's units, or to probabilities. */
static void unscale(float *out) {
    float largest = out[0], sum = 0;
    if (CLASSES == 0) {
        for (int k = 0; k < MODEL_OUTPUTS; k++)
            out[k] = out[k] * output_scale[k % TARGETS] + output_offset[k % TARGETS];
        return;
    }
    for (int k = 1; k < MODEL_OUTPUTS; k++)
        largest = out[k] > largest ? out[k] : largest;
    for (int k = 0; k < MODEL_OUTPUTS; k++)
        sum += out[k] = real_exp(out[k] - largest);
    for (int k = 0; k < MODEL_OUTPUTS; k++)
        out[k] /= sum;
}

int model_step(struct model_state *state, const float inputs[MODEL_INPUTS], float elapsed,
               float outputs[MODEL_OUTPUTS]) {
    float x[NETWORK_INPUTS];
    struct moment at;
    for (int i = 0; i < MODEL_INPUTS; i++) {
        if (REFUSES_MISSING && is_missing(inputs[i]))
            return MODEL_MISSING_INPUT;
        if (inputs[i] > LARGEST_VALUE || inputs[i] < -LARGEST_VALUE)
            return MODEL_TOO_LARGE;
    }
    if (state->begun > 0 && !(elapsed >= 0))
        return MODEL_WRONG_ELAPSED;
    if (state->begun > 0 && elapsed > LARGEST_VALUE)
        return MODEL_TOO_LARGE;
    elapsed = state->begun > 0 ? elapsed / TIME_UNIT : 1; /* as in training */
    state->begun = state->begun > 0 ? state->begun : 1;
    state->time += (double)elapsed;
    state->since += elapsed;
    if (read_inputs(state, inputs, x)) {
        at.elapsed = state->since;
        at.time = state->time;
        if (TIME_INPUT)
            x[TIME_INPUT ? MODEL_INPUTS : 0] = at.elapsed;
        network_step(state->cells, at, x, state->answer);
        unscale(state->answer);
        state->since = 0;
        state->begun = 2;
    }
    for (int k = 0; k < MODEL_OUTPUTS; k++)
        outputs[k] = state->begun == 2 ? state->answer[k] : real_from_bits(0x7fc00000);
    return state->begun == 2 ? MODEL_ANSWERED : MODEL_SILENT;
}

int model_self_test(void) {
    struct model_state state;
    float outputs[MODEL_OUTPUTS], largest = 0;
    for (int row = 0; row < TEST_ROWS; row++)
        for (int k = 0; k < MODEL_OUTPUTS; k++)
            if (real_size(test_outputs[row][k]) > largest)
                largest = real_size(test_outputs[row][k]);
    model_reset(&state);
    for (int row = 0; row < TEST_ROWS; row++) {
        model_step(&state, test_inputs[row], test_elapsed[row], outputs);
        for (int k = 0; k < MODEL_OUTPUTS; k++)
            if (!(real_size(outputs[k] - test_outputs[row][k]) <= 1e-4f * largest))
                return row + 1;
    }
    return 0;
}
