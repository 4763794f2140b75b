#include "train/passes.h"

#include "math/random.h"
#include "train/segment.h"

#include <gsl/gsl_rng.h>
#include <string.h>

/* Parts of a batch, each of so many windows at most while there may be more parts. */
static int slice_count(int windows, int batch) {
    int count = 1;
    while (count < PASSES_MAX_SLICES && batch > count * windows)
        count *= 2;
    return count;
}

/* The most windows of a slice, of a full batch or of an epoch's last one. */
static int slice_width(int windows, int batch) {
    int width = (batch + PASSES_MAX_SLICES - 1) / PASSES_MAX_SLICES;
    if (width < windows)
        width = windows;
    return batch < width ? batch : width;
}

int passes_threads(const struct train_options *options, int batch) {
    int slices = slice_count(options->slice, batch);
    return options->threads < slices ? options->threads : slices;
}

/* --- memory ----------------------------------------------------------------------------------- */

static struct pass_memory pass_memory_new(const struct passes *passes, struct arena *arena) {
    const struct network *network = passes->network;
    size_t width = (size_t)passes->width, segment = (size_t)passes->segment;
    size_t outputs = segment * width * (size_t)network->outputs;
    size_t states = width * (size_t)network->state;
    size_t segments = ((size_t)passes->dataset->window + segment - 1) / segment;
    bool carries = segments > 1;
    bool attacks = passes->adversary.epsilon > 0;
    size_t steps = (size_t)passes->dataset->window * width;
    return (struct pass_memory){
        .x = ARENA_NEW(arena, real, attacks ? steps * (size_t)network->inputs : 0),
        .x_gradient =
            ARENA_NEW(arena, real, attacks ? steps * (size_t)network->cells[0].inputs : 0),
        .batch = batch_new(passes->dataset, passes->width, arena),
        .out = ARENA_NEW(arena, real, outputs),
        .out_gradient = ARENA_NEW(arena, real, outputs),
        .states = ARENA_NEW(arena, real, carries ? segments * states : 0),
        .final_gradient = ARENA_NEW(arena, real, carries ? states : 0),
        .state_gradient = ARENA_NEW(arena, real, carries ? states : 0),
        .workspace = ARENA_NEW(
            arena, real, network_workspace(network, passes->segment, passes->width, PHASE_TRAIN)),
    };
}

struct passes passes_begin(const struct network *network, const struct dataset *dataset, int batch,
                           const struct train_options *options, struct memory_cost *memory,
                           struct arena *arena) {
    struct passes passes = {
        .network = network,
        .dataset = dataset,
        .loss = loss_for(dataset),
        .slice = options->slice,
        .width = slice_width(options->slice, batch),
        .segment = segment_steps(options, dataset->window),
    };
    struct error ignored; /* the config was checked when it was read */
    adversary_read(options->adversarial, "train.adversarial", &passes.adversary, arena, &ignored);
    size_t before = arena->allocated;
    for (int i = 0; i < slice_count(options->slice, batch); i++)
        passes.slices[i].gradient = ARENA_NEW(arena, real, network->params.size);
    memory->gradients += arena->allocated - before;

    before = arena->allocated;
    int threads = passes_threads(options, batch);
    passes.memory = ARENA_NEW(arena, struct pass_memory, threads);
    for (int i = 0; i < threads; i++)
        passes.memory[i] = pass_memory_new(&passes, arena);
    memory->activations += arena->allocated - before;
    passes.pool = thread_pool_start(threads, arena);
    return passes;
}

void passes_end(struct passes *passes) {
    thread_pool_end(passes->pool);
}

/* --- one slice -------------------------------------------------------------------------------- */

/* Runs the segment that begins at step `first` forward, from the state before it; leaves the state
 * after it unless it is the last. */
static struct sequence forward(const struct passes *passes, const struct pass_memory *memory,
                               int first, uint64_t dropout, enum phase phase) {
    const struct network *network = passes->network;
    struct sequence segment = segment_of(&memory->batch, network->inputs, first, passes->segment);
    size_t states = (size_t)segment.batch * (size_t)network->state;
    real *state = memory->states + (size_t)(first / passes->segment) * states;
    bool is_last = first + segment.steps == memory->batch.steps;
    segment.state = first > 0 ? state : NULL;
    segment.dropout = dropout;
    network_forward(network, passes->params, &segment, phase, memory->out,
                    is_last ? NULL : state + states, memory->workspace);
    return segment;
}

static void add_loss(const struct passes *passes, const struct pass_memory *memory,
                     const struct sequence *segment, real *out_gradient, struct loss_sum *total) {
    size_t before = (size_t)segment->earlier * (size_t)segment->batch;
    const real *y = memory->batch.y + before * (size_t)passes->dataset->width;
    struct loss_sum loss =
        passes->loss->evaluate(passes->dataset, (size_t)segment->steps * (size_t)segment->batch,
                               memory->out, y, out_gradient);
    total->sum += loss.sum;
    total->weight += loss.weight;
}

static void score_slice(const struct passes *passes, const struct pass_memory *memory,
                        struct slice *slice) {
    for (int first = 0; first < memory->batch.steps; first += passes->segment) {
        struct sequence segment = forward(passes, memory, first, 0, PHASE_EVALUATE);
        add_loss(passes, memory, &segment, NULL, &slice->loss);
    }
}

/* The inputs of the batch move to where the loss is larger. Without dropout, so that the gradient is
 * that of one function. */
static void attack(const struct passes *passes, struct pass_memory *memory, struct slice *slice) {
    const struct network *network = passes->network;
    struct batch *batch = &memory->batch;
    size_t steps = (size_t)batch->steps * (size_t)batch->size;
    memcpy(memory->x, batch->x, steps * (size_t)network->inputs * sizeof(real));
    gsl_rng *rng = random_stream(slice->attack, "adversary");
    adversary_start(&passes->adversary, passes->dataset, batch, rng);
    gsl_rng_free(rng);
    for (int k = 0; k < passes->adversary.steps; k++) {
        struct loss_sum loss = {0, 0};
        struct sequence sequence = forward(passes, memory, 0, 0, PHASE_TRAIN);
        add_loss(passes, memory, &sequence, memory->out_gradient, &loss);
        struct network_gradient gradient = {
            .out = memory->out_gradient,
            .params = slice->gradient, /* of no use here */
            .x = memory->x_gradient,
        };
        network_backward(network, passes->params, &sequence, &gradient, memory->workspace);
        adversary_step(&passes->adversary, passes->dataset, memory->x, memory->x_gradient,
                       network->cells[0].inputs, batch);
    }
}

static void train_slice(const struct passes *passes, struct pass_memory *memory,
                        struct slice *slice) {
    const struct network *network = passes->network;
    size_t states = (size_t)memory->batch.size * (size_t)network->state;
    int last = (memory->batch.steps - 1) / passes->segment * passes->segment;
    for (int first = 0; first < last; first += passes->segment)
        forward(passes, memory, first, slice->dropout, PHASE_EVALUATE);
    memset(slice->gradient, 0, network->params.size * sizeof(real));
    for (int first = last; first >= 0; first -= passes->segment) {
        struct sequence segment = forward(passes, memory, first, slice->dropout, PHASE_TRAIN);
        add_loss(passes, memory, &segment, memory->out_gradient, &slice->loss);
        struct network_gradient gradient = {
            .out = memory->out_gradient,
            .final = first < last ? memory->final_gradient : NULL,
            .params = slice->gradient,
            .state = first > 0 ? memory->state_gradient : NULL,
        };
        if (first > 0)
            memset(memory->state_gradient, 0, states * sizeof(real));
        network_backward(network, passes->params, &segment, &gradient, memory->workspace);
        real *spare = memory->final_gradient;
        memory->final_gradient = memory->state_gradient;
        memory->state_gradient = spare;
    }
}

static void do_slice(void *context, int thread, int number) {
    struct passes *passes = context;
    struct pass_memory *memory = &passes->memory[thread];
    struct slice *slice = &passes->slices[number];
    int from = number * passes->count / passes->slice_count;
    int to = (number + 1) * passes->count / passes->slice_count;
    batch_fill(&memory->batch, passes->dataset, passes->split, passes->order,
               passes->first + (size_t)from, to - from);
    if (passes->phase == PHASE_TRAIN && passes->adversary.epsilon > 0)
        attack(passes, memory, slice);
    if (passes->phase == PHASE_TRAIN)
        train_slice(passes, memory, slice);
    else
        score_slice(passes, memory, slice);
}

/* --- all slices ------------------------------------------------------------------------------- */

static struct loss_sum run_slices(struct passes *passes) {
    thread_pool_run(passes->pool, passes->slice_count, do_slice, passes);
    struct loss_sum loss = {0, 0};
    for (int i = 0; i < passes->slice_count; i++) {
        loss.sum += passes->slices[i].loss.sum;
        loss.weight += passes->slices[i].loss.weight;
    }
    return loss;
}

static void set_up(struct passes *passes, enum phase phase, const real *params,
                   const struct split *split, const size_t *order, size_t first, int count) {
    passes->phase = phase;
    passes->params = params;
    passes->split = split;
    passes->order = order;
    passes->first = first;
    passes->count = count;
    passes->slice_count = slice_count(passes->slice, count);
    for (int i = 0; i < passes->slice_count; i++)
        passes->slices[i].loss = (struct loss_sum){0, 0};
}

struct loss_sum passes_loss(struct passes *passes, const real *params, const struct split *split,
                            const size_t *order, size_t first, int count) {
    set_up(passes, PHASE_EVALUATE, params, split, order, first, count);
    return run_slices(passes);
}

struct loss_sum passes_train(struct passes *passes, const real *params, const struct split *split,
                             const size_t *order, size_t first, int count, gsl_rng *dropout) {
    set_up(passes, PHASE_TRAIN, params, split, order, first, count);
    for (int i = 0; i < passes->slice_count; i++)
        passes->slices[i].dropout = gsl_rng_get(dropout) + 1;
    for (int i = 0; i < passes->slice_count && passes->adversary.epsilon > 0; i++)
        passes->slices[i].attack = gsl_rng_get(dropout);
    struct loss_sum loss = run_slices(passes);
    size_t n = passes->network->params.size;
    real *gradient = passes_gradient(passes), mean = (real)(1 / loss.weight);
    for (int i = 1; i < passes->slice_count; i++)
        for (size_t j = 0; j < n; j++)
            gradient[j] += passes->slices[i].gradient[j];
    for (size_t j = 0; j < n; j++)
        gradient[j] *= mean;
    return loss;
}

real *passes_gradient(const struct passes *passes) {
    return passes->slices[0].gradient;
}

struct network_predictor passes_predictor(const struct passes *passes, const real *params) {
    const struct pass_memory *memory = &passes->memory[0];
    return (struct network_predictor){
        .network = passes->network,
        .params = params,
        .segment = passes->segment,
        .state = memory->states,
        .workspace = memory->workspace,
    };
}
