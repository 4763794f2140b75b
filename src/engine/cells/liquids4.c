/* Liquid-S4 (Hasani et al., ICLR 2023): H independent diagonal state-space systems with a liquid
 * term between two linear maps,
 *
 *   u = input_map(x)          v = the systems' outputs          y = output_map(gelu(v))
 *
 * Their equations are in engine/cells/state_space.h. A sequence whose steps are all present and equally
 * long is computed as a convolution; any other one, a single step, and the gradient of elapsed time
 * by the recurrence. Both give the same numbers but for rounding, and both leave only u and v for
 * the backward pass, which computes the states again.
 *
 * On request it is in a residual block (engine/cells/residual_block.h).
 *
 * State: Re s [H][N], Im s [H][N], the last p−1 inputs u [p−1][H], newest first, and v [H], which
 * gives the output of an absent step. */
#include "engine/activation.h"
#include "engine/cell.h"
#include "engine/cells/residual_block.h"
#include "engine/cells/state_space_convolution.h"
#include "engine/cells/state_space_recurrence.h"
#include "engine/initial.h"
#include "engine/isa.h"
#include "engine/linear.h"

enum {
    INPUT_WEIGHT,
    INPUT_BIAS,
    LOG_DT,
    LOG_A_REAL,
    A_IMAG,
    MATRIX_B,
    MATRIX_C,
    MATRIX_D,
    OUTPUT_WEIGHT,
    OUTPUT_BIAS
};

struct liquids4_options {
    struct block_options block;
    int states, degree;
    double dt_min, dt_max;
};

#define AT(member) .offset = offsetof(struct liquids4_options, member)
static const struct field liquids4_fields[] = {
    {"state", FIELD_INT, AT(states), .fallback = "16", .min = 1, .max = 4096,
     .help = "Complex states of each channel, not counting their conjugates."},
    {"liquid_degree", FIELD_INT, AT(degree), .fallback = "2", .min = 1, .max = 16,
     .help = "Neighbouring inputs in the longest product of the liquid term; 1: none (S4D)."},
    {"dt_min", FIELD_REAL, AT(dt_min), .fallback = "0.001", .min = 1e-9, .max = 1e9,
     .help = "Least initial time scale: of the elapsed time, how much a channel sees."},
    {"dt_max", FIELD_REAL, AT(dt_max), .fallback = "0.1", .min = 1e-9, .max = 1e9,
     .help = "Greatest initial time scale; between the two they are log-uniform."},
    BLOCK_FIELD(struct liquids4_options, "none"),
    {0},
};
#undef AT

static const struct liquids4_options *options_of(const struct cell *cell) {
    return cell->options;
}

static void declare(struct cell *cell, struct param_list *list) {
    int H = cell->hidden, N = options_of(cell)->states;
    cell_param(cell, list, INPUT_WEIGHT, "input_map.weight", H, cell->inputs);
    cell_param(cell, list, INPUT_BIAS, "input_map.bias", H, 0);
    cell_param(cell, list, LOG_DT, "log_dt", H, 0);
    /* Vectors: weight decay, which is for matrices, must not slow the systems down. */
    cell_param(cell, list, LOG_A_REAL, "log_A_real", H * N, 0);
    cell_param(cell, list, A_IMAG, "A_imag", H * N, 0);
    cell_param(cell, list, MATRIX_B, "B", H * 2 * N, 0); /* real and imaginary part in turn */
    cell_param(cell, list, MATRIX_C, "C", H, 2 * N);
    cell_param(cell, list, MATRIX_D, "D", H, 0);
    cell_param(cell, list, OUTPUT_WEIGHT, "output_map.weight", H, H);
    cell_param(cell, list, OUTPUT_BIAS, "output_map.bias", H, 0);
}

/* S4D-Lin (Gu et al. 2022): A = −1/2 + iπn, B = 1, C complex normal, D normal; maps as PyTorch. */
static void init(const struct cell *cell, real *params, gsl_rng *rng) {
    const struct liquids4_options *options = options_of(cell);
    size_t H = (size_t)cell->hidden, I = (size_t)cell->inputs, N = (size_t)options->states;
    const size_t *offset = cell->offset;
    fill_torch(rng, cell->inputs, H * I + H, params + offset[INPUT_WEIGHT]);
    fill_uniform(rng, (real)log(options->dt_min), (real)log(options->dt_max), H,
                 params + offset[LOG_DT]);
    fill_constant((real)log(0.5), H * N, params + offset[LOG_A_REAL]);
    for (size_t i = 0; i < H * N; i++) {
        params[offset[A_IMAG] + i] = (real)(M_PI * (double)(i % N));
        params[offset[MATRIX_B] + 2 * i] = 1;
        params[offset[MATRIX_B] + 2 * i + 1] = 0;
    }
    for (size_t i = 0; i < 2 * H * N; i++)
        params[offset[MATRIX_C] + i] = (real)gsl_ran_gaussian(rng, M_SQRT1_2);
    for (size_t h = 0; h < H; h++)
        params[offset[MATRIX_D] + h] = (real)gsl_ran_gaussian(rng, 1);
    fill_torch(rng, cell->hidden, H * H + H, params + offset[OUTPUT_WEIGHT]);
}

/* --- memory ------------------------------------------------------------------------------------
 */

struct workspace {
    real *u, *v, *gelu; /* [T][B][H], gelu(v) */
    real *dv;           /* [T][B][H]; then du */
    struct channels channels;
    struct group_stream stream; /* one of the two is used, in the same memory */
    struct convolution convolution;
};

static size_t lay_out(const struct cell *cell, int T, int B, enum phase phase, real *memory,
                      struct workspace *work) {
    int N = options_of(cell)->states, degree = options_of(cell)->degree;
    size_t rows = (size_t)T * (size_t)B * (size_t)cell->hidden;
    struct scratch scratch = {.memory = memory};
    work->u = scratch_take(&scratch, rows);
    work->v = scratch_take(&scratch, rows);
    work->gelu = scratch_take(&scratch, rows);
    work->dv = scratch_take(&scratch, phase == PHASE_TRAIN ? rows : 0);
    work->channels = channels_take(N, degree, &scratch);
    struct scratch other = scratch;
    work->stream = stream_take(N, degree, T, &scratch);
    work->convolution = convolution_take(N, degree, T, B, &other);
    return scratch.size > other.size ? scratch.size : other.size;
}

static size_t workspace(const struct cell *cell, int steps, int batch, enum phase phase) {
    struct workspace work;
    return lay_out(cell, steps, batch, phase, NULL, &work);
}

/* At most GROUP channels of a sequence, on their way between [..][H] and [..][GROUP]. */
struct channel_group {
    const struct sequence *sequence;
    int hidden, states, earlier;        /* H, N, p−1 */
    int first, count;                   /* its channels */
    size_t state, imaginary, inputs, v; /* S, and where parts of a stream's state begin */
};

static struct channel_group group_of(const struct cell *cell, const struct sequence *sequence,
                                     int first) {
    int H = cell->hidden, N = options_of(cell)->states, earlier = options_of(cell)->degree - 1;
    return (struct channel_group){
        .sequence = sequence,
        .hidden = H,
        .states = N,
        .earlier = earlier,
        .first = first,
        .count = H - first < GROUP ? H - first : GROUP,
        .state = (size_t)cell->state,
        .imaginary = (size_t)(H * N),
        .inputs = 2 * (size_t)(H * N),
        .v = 2 * (size_t)(H * N) + (size_t)(earlier * H),
    };
}

/* lanes [rows][GROUP] = the group's columns of `from` [rows][H]; lanes it has no channel for: 0. */
static void gather(const struct channel_group *group, int rows, const real *from, real *lanes) {
    from += group->first;
    for (int row = 0; row < rows; row++, from += group->hidden, lanes += GROUP) {
        zero(GROUP, lanes);
        copy((size_t)group->count, from, lanes);
    }
}

static void scatter(const struct channel_group *group, int rows, const real *lanes, real *to) {
    to += group->first;
    for (int row = 0; row < rows; row++, to += group->hidden, lanes += GROUP)
        copy((size_t)group->count, lanes, to);
}

/* Below, numbers of stream b are in column `at` of [..][width][GROUP]: the stream alone (0 of 1)
 * or in its batch (b of B). */

/* s [2][N][width][GROUP] of stream b from a state [B][S]; NULL: zeros. */
static void gather_complex(const struct channel_group *group, const real *state, int b, int at,
                           int width, real *s) {
    int N = group->states;
    for (int i = 0; i < 2 * N; i++) {
        real *lanes = s + (i * width + at) * GROUP;
        size_t part = i < N ? 0 : group->imaginary;
        zero(GROUP, lanes);
        for (int l = 0; state != NULL && l < group->count; l++)
            lanes[l] =
                state[(size_t)b * group->state + part + (size_t)((group->first + l) * N + i % N)];
    }
}

/* Writes it there, or adds it; NULL: nowhere. */
static void scatter_complex(const struct channel_group *group, const real *s, int b, int at,
                            int width, bool added, real *state) {
    int N = group->states;
    for (int i = 0; state != NULL && i < 2 * N; i++) {
        const real *lanes = s + (i * width + at) * GROUP;
        size_t part = i < N ? 0 : group->imaginary;
        for (int l = 0; l < group->count; l++) {
            real *own =
                state + (size_t)b * group->state + part + (size_t)((group->first + l) * N + i % N);
            *own = (added ? *own : 0) + lanes[l];
        }
    }
}

/* The group's part of the input `back` + 1 steps before a state was reached. */
static size_t earlier_input(const struct channel_group *group, int b, int back) {
    return (size_t)b * group->state + group->inputs + (size_t)(back * group->hidden + group->first);
}

/* u [p−1 + T][width][GROUP]: its first rows, from the initial state. */
static void gather_earlier(const struct channel_group *group, int b, int at, int width, real *u) {
    const real *state = group->sequence->state;
    for (int back = 0; back < group->earlier; back++) {
        real *lanes = u + ((group->earlier - 1 - back) * width + at) * GROUP;
        zero(GROUP, lanes);
        if (state != NULL)
            copy((size_t)group->count, state + earlier_input(group, b, back), lanes);
    }
}

/* Adds to the last of du's p−1 + `steps` rows the gradient of the final state's inputs. */
static void add_final_inputs(const struct channel_group *group, const real *final, int b, int at,
                             int width, int steps, real *du) {
    for (int back = 0; final != NULL && back < group->earlier; back++)
        add((size_t)group->count, final + earlier_input(group, b, back),
            du + ((group->earlier + steps - 1 - back) * width + at) * GROUP);
}

/* Adds du's first rows to the gradient of the initial state. */
static void add_earlier(const struct channel_group *group, const real *du, int b, int at, int width,
                        real *state) {
    for (int back = 0; state != NULL && back < group->earlier; back++)
        add((size_t)group->count, du + ((group->earlier - 1 - back) * width + at) * GROUP,
            state + earlier_input(group, b, back));
}

/* --- by the recurrence -------------------------------------------------------------------------
 */

/* Runs the present steps of stream b. */
static void run_stream(const struct channel_group *group, int b, const real *u,
                       const struct channels *channels, struct group_stream *stream) {
    const struct sequence *sequence = group->sequence;
    int H = group->hidden, B = sequence->batch;
    gather_earlier(group, b, 0, 1, stream->u);
    stream->steps = 0;
    for (int t = 0; t < sequence->steps; t++) {
        if (is_absent(sequence, t, b))
            continue;
        gather(group, 1, u + (size_t)(t * B + b) * (size_t)H,
               stream->u + (group->earlier + stream->steps) * GROUP);
        stream->elapsed[stream->steps++] = sequence->elapsed[t * B + b];
    }
    gather_complex(group, sequence->state, b, 0, 1, stream->s);
    stream_forward(channels, stream);
}

/* v [T][B][H]: an absent step holds what was before. */
static void forward_stream(const struct channel_group *group, int b, const real *u, real *v,
                           real *final, const struct channels *channels,
                           struct group_stream *stream) {
    const struct sequence *sequence = group->sequence;
    size_t H = (size_t)group->hidden, B = (size_t)sequence->batch;
    real held[GROUP] = {0};
    if (sequence->state != NULL)
        copy((size_t)group->count,
             sequence->state + (size_t)b * group->state + group->v + group->first, held);
    run_stream(group, b, u, channels, stream);
    for (int t = 0, i = 0; t < sequence->steps; t++) {
        if (!is_absent(sequence, t, b))
            copy(GROUP, stream->v + GROUP * i++, held);
        scatter(group, 1, held, v + ((size_t)t * B + (size_t)b) * H);
    }
    scatter_complex(group, stream->s + complex_row(group->states) * (size_t)stream->steps, b, 0, 1,
                    false, final);
}

/* dv [T][B][H] to the present steps that set v, and what is left to the initial state's v. */
static void gather_held_gradient(const struct channel_group *group, int b, const real *dv,
                                 real *dstate, struct group_stream *stream) {
    const struct sequence *sequence = group->sequence;
    size_t H = (size_t)group->hidden, B = (size_t)sequence->batch, count = (size_t)group->count;
    real held[GROUP] = {0};
    for (int t = sequence->steps, i = stream->steps; t-- > 0;) {
        add(count, dv + ((size_t)t * B + (size_t)b) * H + group->first, held);
        if (is_absent(sequence, t, b))
            continue;
        copy(GROUP, held, stream->dv + GROUP * --i);
        zero(GROUP, held);
    }
    if (dstate != NULL)
        add(count, held, dstate + (size_t)b * group->state + group->v + group->first);
}

/* dv [T][B][H] becomes du. */
static void backward_stream(const struct channel_group *group, int b, const real *u, real *dv,
                            const struct cell_gradient *gradient, struct channels *channels,
                            struct group_stream *stream) {
    const struct sequence *sequence = group->sequence;
    int H = group->hidden, B = sequence->batch, earlier = group->earlier;
    static const real zeros[GROUP];
    run_stream(group, b, u, channels, stream);
    gather_held_gradient(group, b, dv, gradient->state, stream);
    zero((size_t)(earlier + stream->steps) * GROUP, stream->du);
    add_final_inputs(group, gradient->final, b, 0, 1, stream->steps, stream->du);
    gather_complex(group, gradient->final, b, 0, 1, stream->ds);
    stream->wants_elapsed = gradient->elapsed != NULL;
    stream_backward(channels, stream);
    scatter_complex(group, stream->ds, b, 0, 1, true, gradient->state);
    add_earlier(group, stream->du, b, 0, 1, gradient->state);
    for (int t = 0, i = 0; t < sequence->steps; t++) {
        bool absent = is_absent(sequence, t, b);
        scatter(group, 1, absent ? zeros : stream->du + GROUP * (earlier + i),
                dv + (size_t)(t * B + b) * (size_t)H);
        for (int l = 0; !absent && gradient->elapsed != NULL && l < group->count; l++)
            gradient->elapsed[t * B + b] += stream->delapsed[GROUP * i + l];
        i += !absent;
    }
}

/* --- by the convolution ------------------------------------------------------------------------
 */

/* Longer than one step, all of them present and equally long. */
static bool is_regular(const struct sequence *sequence) {
    size_t rows = (size_t)sequence->steps * (size_t)sequence->batch;
    for (size_t i = 0; i < rows; i++)
        if (sequence->elapsed[i] != sequence->elapsed[0] ||
            (sequence->mask != NULL && sequence->mask[i] == 0))
            return false;
    return sequence->steps > 1;
}

static void gather_batch(const struct channel_group *group, const real *u,
                         struct convolution *conv) {
    int T = conv->steps, B = conv->batch;
    for (int b = 0; b < B; b++) {
        gather_earlier(group, b, b, B, conv->u);
        gather_complex(group, group->sequence->state, b, b, B, conv->s);
    }
    gather(group, T * B, u, conv->u + group->earlier * B * GROUP);
}

static void forward_batch(const struct channel_group *group, const real *u, real *v, real *final,
                          const struct channels *channels, struct convolution *conv) {
    int T = conv->steps, B = conv->batch;
    const real *end = conv->s + complex_row(group->states) * (size_t)B * (size_t)chunks_of(conv);
    conv->has_state = group->sequence->state != NULL;
    conv->has_after = final != NULL;
    gather_batch(group, u, conv);
    convolution_forward(channels, group->sequence->elapsed[0], conv);
    scatter(group, T * B, conv->v, v);
    for (int b = 0; b < B; b++)
        scatter_complex(group, end, b, b, B, false, final);
}

/* dv [T][B][H] becomes du. */
static void backward_batch(const struct channel_group *group, const real *u, real *dv,
                           const struct cell_gradient *gradient, struct channels *channels,
                           struct convolution *conv) {
    int T = conv->steps, B = conv->batch, earlier = group->earlier * B * GROUP;
    conv->has_state = group->sequence->state != NULL || gradient->state != NULL;
    conv->has_after = gradient->final != NULL;
    gather_batch(group, u, conv);
    gather(group, T * B, dv, conv->dv);
    zero((size_t)earlier + (size_t)(T * B) * GROUP, conv->du);
    for (int b = 0; b < B; b++) {
        add_final_inputs(group, gradient->final, b, b, B, T, conv->du);
        gather_complex(group, gradient->final, b, b, B, conv->ds);
    }
    convolution_backward(channels, group->sequence->elapsed[0], conv);
    scatter(group, T * B, conv->du + earlier, dv);
    for (int b = 0; b < B; b++) {
        scatter_complex(group, conv->ds, b, b, B, true, gradient->state);
        add_earlier(group, conv->du, b, b, B, gradient->state);
    }
}

/* --- the layer ---------------------------------------------------------------------------------
 */

static struct state_space_params params_of(const struct cell *cell, const real *params) {
    const size_t *offset = cell->offset;
    return (struct state_space_params){
        .log_dt = params + offset[LOG_DT],
        .log_a_real = params + offset[LOG_A_REAL],
        .a_imag = params + offset[A_IMAG],
        .b = params + offset[MATRIX_B],
        .c = params + offset[MATRIX_C],
        .d = params + offset[MATRIX_D],
    };
}

static struct state_space_gradient gradient_of(const struct cell *cell, real *params) {
    const size_t *offset = cell->offset;
    return (struct state_space_gradient){
        .log_dt = params + offset[LOG_DT],
        .log_a_real = params + offset[LOG_A_REAL],
        .a_imag = params + offset[A_IMAG],
        .b = params + offset[MATRIX_B],
        .c = params + offset[MATRIX_C],
        .d = params + offset[MATRIX_D],
    };
}

/* The final state's inputs and v. `final` may be the initial state itself: the oldest come first.
 */
static void store_inputs_and_v(const struct cell *cell, const struct sequence *sequence,
                               const real *u, const real *v, real *final) {
    struct channel_group group = group_of(cell, sequence, 0);
    size_t H = (size_t)cell->hidden;
    int T = sequence->steps, B = sequence->batch;
    for (int b = 0; final != NULL && b < B; b++) {
        for (int back = group.earlier; back-- > 0;) {
            int t = T - 1, skip = back;
            while (t >= 0 && (is_absent(sequence, t, b) || skip-- > 0))
                t--;
            real *to = final + earlier_input(&group, b, back);
            if (t >= 0)
                copy(H, u + ((size_t)t * (size_t)B + (size_t)b) * H, to);
            else if (sequence->state == NULL)
                zero(H, to);
            else
                memmove(to, sequence->state + earlier_input(&group, b, skip), H * sizeof *to);
        }
        copy(H, v + ((size_t)(T - 1) * (size_t)B + (size_t)b) * H,
             final + (size_t)b * group.state + group.v);
    }
}

static void forward(const struct cell *cell, const real *params, const struct sequence *sequence,
                    real *y, real *final, real *memory) {
    int T = sequence->steps, B = sequence->batch, H = cell->hidden;
    struct state_space_params systems = params_of(cell, params);
    bool regular = is_regular(sequence);
    struct workspace work;
    lay_out(cell, T, B, sequence->phase, memory, &work);

    linear(T * B, cell->inputs, H, sequence->x, params + cell->offset[INPUT_WEIGHT],
           params + cell->offset[INPUT_BIAS], NULL, work.u, H);
    for (int first = 0; first < H; first += GROUP) {
        struct channel_group group = group_of(cell, sequence, first);
        channels_load(&work.channels, &systems, first, group.count);
        if (regular)
            forward_batch(&group, work.u, work.v, final, &work.channels, &work.convolution);
        for (int b = 0; b < B && !regular; b++)
            forward_stream(&group, b, work.u, work.v, final, &work.channels, &work.stream);
    }
    store_inputs_and_v(cell, sequence, work.u, work.v, final);
    activate(GELU, (size_t)(T * B) * (size_t)H, work.v, work.gelu);
    linear(T * B, H, H, work.gelu, params + cell->offset[OUTPUT_WEIGHT],
           params + cell->offset[OUTPUT_BIAS], NULL, y, H);
}

static void backward(const struct cell *cell, const real *params, const struct sequence *sequence,
                     const struct cell_gradient *gradient, real *memory) {
    int T = sequence->steps, B = sequence->batch, H = cell->hidden;
    struct state_space_params systems = params_of(cell, params);
    struct state_space_gradient dsystems = gradient_of(cell, gradient->params);
    bool regular = is_regular(sequence) && gradient->elapsed == NULL;
    size_t last = (size_t)(T - 1) * (size_t)B;
    struct workspace work;
    lay_out(cell, T, B, PHASE_TRAIN, memory, &work);

    linear_backward(T * B, H, H, work.gelu, params + cell->offset[OUTPUT_WEIGHT], gradient->y, H,
                    gradient->params + cell->offset[OUTPUT_WEIGHT],
                    gradient->params + cell->offset[OUTPUT_BIAS], work.dv, false);
    activate_backward(GELU, (size_t)(T * B) * (size_t)H, work.v, work.dv);
    for (int b = 0; gradient->final != NULL && b < B; b++)
        add((size_t)H, gradient->final + (size_t)((b + 1) * cell->state - H),
            work.dv + (last + (size_t)b) * (size_t)H);
    for (int first = 0; first < H; first += GROUP) {
        struct channel_group group = group_of(cell, sequence, first);
        channels_load(&work.channels, &systems, first, group.count);
        if (regular)
            backward_batch(&group, work.u, work.dv, gradient, &work.channels, &work.convolution);
        for (int b = 0; b < B && !regular; b++)
            backward_stream(&group, b, work.u, work.dv, gradient, &work.channels, &work.stream);
        channels_add_gradient(&work.channels, &dsystems, first, group.count);
    }
    linear_backward(T * B, cell->inputs, H, sequence->x, params + cell->offset[INPUT_WEIGHT],
                    work.dv, H, gradient->params + cell->offset[INPUT_WEIGHT],
                    gradient->params + cell->offset[INPUT_BIAS], gradient->x, false);
}

/* One step of the recurrence: about 80 operations of a state to discretise, 14 to advance. */
static double flops(const struct cell *cell) {
    const struct liquids4_options *options = options_of(cell);
    double H = cell->hidden, I = cell->inputs, N = options->states;
    return 2 * H * (I + H) + H * N * (94 + 10.0 * (options->degree - 1)) + 20 * H;
}

static bool configure(struct cell *cell, struct error *error) {
    const struct liquids4_options *options = options_of(cell);
    if (options->dt_min > options->dt_max)
        return error_set(error, "dt_min is %g, more than dt_max, %g", options->dt_min,
                         options->dt_max);
    cell->state = cell->hidden * (2 * options->states + options->degree);
    return true;
}

#define LIQUIDS4_TYPE                                                                              \
    .name = "liquids4", .title = "Liquid-S4",                                                      \
    .citation = "Hasani et al., Liquid structural state-space models, ICLR 2023",                  \
    .parameters = "H(I + H + 6N + 4), N = state", .options = liquids4_fields,                      \
    .options_size = sizeof(struct liquids4_options), .takes_time = true, .streams = true

static const struct cell_type bare = {
    LIQUIDS4_TYPE,
    .configure = configure,
    CELL_FUNCTIONS,
};

static const struct cell_type in_block = {LIQUIDS4_TYPE, BLOCK_FUNCTIONS, .inner = &bare};

static const struct cell_type *choose(const void *options) {
    return block_is_wanted(options) ? &in_block : &bare;
}

const struct cell_type ISA_NAME(cell_liquids4) = {LIQUIDS4_TYPE, .choose = choose};
