/* Liquid-resistance liquid-capacitance network: v' = epsilon (E tanh(q) - s(f) v), with q and f sums
 * over synapses and epsilon the elastance of z. State: v. */
struct cell {
    int inputs, outputs;
    const float *gleak, *vleak, *distr_shift, *tau;
    struct matrix sigma, mu, h, w, sensory_sigma, sensory_mu, sensory_h, sensory_w;
    struct linear elastance_mapping;
    const float *input_w, *input_b, *output_w, *output_b;
};

static void cell_step(const struct cell *cell, const float *x, struct moment at, float *v,
                      float *y) {
    int I = cell->inputs, H = HIDDEN;
    float delta = 1 / (float)OPTION_UNFOLDS * at.elapsed;
    float reads[MAX_INPUTS + HIDDEN], seen_q[HIDDEN], seen_f[HIDDEN];
    float q[HIDDEN], f[HIDDEN], z[HIDDEN] = {0};
    struct synapses sensory = {&cell->sensory_sigma, &cell->sensory_mu,
                               OPTION_FORGET ? &cell->sensory_w : &cell->sensory_h,
                               &cell->sensory_h};
    struct synapses own = {&cell->sigma, &cell->mu, OPTION_FORGET ? &cell->w : &cell->h, &cell->h};
    for (int i = 0; i < I; i++)
        reads[i] = x[i] * cell->input_w[i] + cell->input_b[i];
    copy(H, cell->gleak, seen_q);
    copy(H, cell->gleak, seen_f);
    synapses_add(&sensory, 0, reads, seen_q, seen_f);
    for (int step = 0; delta != 0 && step < OPTION_UNFOLDS; step++) {
        copy(H, seen_q, q);
        copy(H, seen_f, f);
        synapses_add(&own, 0, v, q, f);
        copy(H, v, reads + I);
        if (!OPTION_ELASTANCE_NONE)
            affine(&cell->elastance_mapping, reads, z);
        for (int j = 0; j < H; j++) {
            float width = OPTION_ELASTANCE_SYMMETRIC ? cell->distr_shift[j] : 0;
            float leak = OPTION_FORGET ? device_sigmoid(f[j]) : cell->tau[j];
            v[j] = lrc_move(delta, elastance(z[j], width), cell->vleak[j], device_tanh(q[j]), leak,
                            v[j]);
        }
    }
    for (int i = 0; i < cell->outputs; i++)
        y[i] = v[i] * cell->output_w[i] + cell->output_b[i];
}
