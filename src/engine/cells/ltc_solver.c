#include "engine/cells/ltc_solver.h"

#define EPSILON REAL(1e-8)

void ltc_solver_take(struct ltc_solver *solver, const struct wiring *wiring, int steps,
                     struct scratch *scratch) {
    size_t size = ltc_state_size(solver);
    size_t T = (size_t)steps, evaluations = ltc_evaluations(solver);
    bool fused = solver->method == NULL;
    solver->v = scratch_take(scratch, T * (evaluations + 1) * size);
    solver->kept = scratch_take(scratch, T * evaluations * size * (fused ? 1 : 2));
    solver->sensory_num = scratch_take(scratch, size);
    solver->sensory_den = scratch_take(scratch, size);
    solver->lengths = scratch_take(scratch, ltc_streams(solver));
    solver->scratch = scratch_take(scratch, fused ? 0 : size);
    synapses_take(&solver->synapses, &wiring->neurons, solver->transposed, scratch);
}

void ltc_solver_take_backward(struct ltc_solver *solver, struct scratch *scratch) {
    size_t size = ltc_state_size(solver);
    solver->dv = scratch_take(scratch, size);
    solver->dnum = scratch_take(scratch, size);
    solver->dden = scratch_take(scratch, size);
    solver->sensory_dnum = scratch_take(scratch, size);
    solver->sensory_dden = scratch_take(scratch, size);
    solver->dlengths = scratch_take(scratch, ltc_streams(solver));
    if (solver->method != NULL)
        solver->scratch =
            scratch_take(scratch, ode_backward_scratch(solver->batch, solver->hidden));
    synapses_take_backward(&solver->synapses, scratch);
}

/* --- fused ------------------------------------------------------------------------------------ */

/* One step of one neuron of one stream; *den becomes 1 over the whole denominator. */
static inline real step(real cm, real gleak, real vleak, real delta, real v, real num, real *den) {
    *den = 1 / (cm + delta * (gleak + *den + EPSILON));
    real after = (cm * v + delta * (gleak * vleak + num)) * *den;
    return delta == 0 ? v : after;
}

/* Turns *dv of v_after into the direct part of that of v; writes the other gradients. */
struct step_gradient {
    real num, den, cm, gleak, vleak;
};

static inline struct step_gradient step_backward(real cm, real gleak, real vleak, real delta,
                                                 real v, real v_after, real inverse, real *dv) {
    real slope = *dv * inverse, change = v_after - v, dnum = slope * delta, dden = -dnum * v_after;
    struct step_gradient gradient = {
        .num = dnum,
        .den = dden,
        .cm = -slope * change,
        .gleak = dnum * vleak + dden,
        .vleak = dnum * gleak,
    };
    *dv = delta == 0 ? *dv : slope * cm;
    return gradient;
}

static void fused_forward(const struct ltc_solver *solver, real *v, real *kept) {
    int H = solver->hidden, P = solver->transposed;
    size_t size = ltc_state_size(solver);
    const real *cm = solver->cm, *gleak = solver->gleak, *vleak = solver->vleak;
    const real *lengths = solver->lengths;
    for (int u = 0; u < solver->unfolds; u++, v += size, kept += size) {
        real *num = v + size; /* and then the new v */
        copy(size, solver->sensory_num, num);
        copy(size, solver->sensory_den, kept);
        synapses_forward(&solver->synapses, solver->batch, v, num, kept);
        for (int b = 0; P == 0 && b < solver->batch; b++) {
            size_t at = (size_t)b * (size_t)H;
            real *den = kept + at, *v_b = v + at, *num_b = num + at;
#pragma omp simd
            for (int i = 0; i < H; i++)
                num_b[i] = step(cm[i], gleak[i], vleak[i], lengths[b], v_b[i], num_b[i], &den[i]);
        }
        for (int i = 0; P > 0 && i < H; i++) {
            size_t at = (size_t)i * (size_t)P;
            real *den = kept + at, *v_i = v + at, *num_i = num + at;
#pragma omp simd
            for (int b = 0; b < P; b++)
                num_i[b] = step(cm[i], gleak[i], vleak[i], lengths[b], v_i[b], num_i[b], &den[b]);
        }
    }
}

/* Back through one step of every stream, [B][H]. */
static void step_rows_backward(const struct ltc_solver *solver, const real *v, const real *v_after,
                               const real *inverse) {
    int H = solver->hidden;
    const real *cm = solver->cm, *gleak = solver->gleak, *vleak = solver->vleak;
    real *dcm = solver->dcm, *dgleak = solver->dgleak, *dvleak = solver->dvleak;
    real *dv = solver->dv, *dnum = solver->dnum, *dden = solver->dden;
    for (int b = 0; b < solver->batch; b++) {
        real delta = solver->lengths[b];
#pragma omp simd
        for (int i = 0; i < H; i++) {
            struct step_gradient gradient = step_backward(cm[i], gleak[i], vleak[i], delta, v[i],
                                                          v_after[i], inverse[i], &dv[i]);
            dnum[i] = gradient.num;
            dden[i] = gradient.den;
            dcm[i] += gradient.cm;
            dgleak[i] += gradient.gleak;
            dvleak[i] += gradient.vleak;
        }
        v += H, v_after += H, inverse += H, dv += H, dnum += H, dden += H;
    }
}

/* The same, [H][P]. */
static void step_columns_backward(const struct ltc_solver *solver, const real *v,
                                  const real *v_after, const real *inverse) {
    int P = solver->transposed;
    const real *lengths = solver->lengths;
    real *dv = solver->dv, *dnum = solver->dnum, *dden = solver->dden;
    for (int i = 0; i < solver->hidden; i++) {
        real cm = solver->cm[i], gleak = solver->gleak[i], vleak = solver->vleak[i];
        real dcm = 0, dgleak = 0, dvleak = 0;
#pragma omp simd reduction(+ : dcm, dgleak, dvleak)
        for (int b = 0; b < P; b++) {
            struct step_gradient gradient =
                step_backward(cm, gleak, vleak, lengths[b], v[b], v_after[b], inverse[b], &dv[b]);
            dnum[b] = gradient.num;
            dden[b] = gradient.den;
            dcm += gradient.cm;
            dgleak += gradient.gleak;
            dvleak += gradient.vleak;
        }
        solver->dcm[i] += dcm;
        solver->dgleak[i] += dgleak;
        solver->dvleak[i] += dvleak;
        v += P, v_after += P, inverse += P, dv += P, dnum += P, dden += P;
    }
}

/* dlengths += after the step of a stream of δ > 0: as δ (gV + num − v_after (g + den)) is
 * C (v_after − v), d v_after / d δ is d v_after / d num times C (v_after − v) / δ². */
static void add_length_gradient(const struct ltc_solver *solver, const real *v,
                                const real *v_after) {
    int H = solver->hidden;
    for (int b = 0; b < solver->batch; b++) {
        real delta = solver->lengths[b], sum = 0;
        for (int i = 0; i < H; i++) {
            size_t at = neuron_place(solver->transposed, H, b, i);
            sum += solver->dnum[at] * solver->cm[i] * (v_after[at] - v[at]);
        }
        solver->dlengths[b] += delta > 0 ? sum / (delta * delta) : 0;
    }
}

static void fused_backward(const struct ltc_solver *solver, const real *first_v,
                           const real *first_kept, bool wants_dlengths) {
    size_t size = ltc_state_size(solver);
    for (size_t u = (size_t)solver->unfolds; u-- > 0;) {
        const real *v = first_v + size * u, *kept = first_kept + size * u;
        if (solver->transposed > 0)
            step_columns_backward(solver, v, v + size, kept);
        else
            step_rows_backward(solver, v, v + size, kept);
        if (wants_dlengths)
            add_length_gradient(solver, v, v + size);
        add(size, solver->dnum, solver->sensory_dnum);
        add(size, solver->dden, solver->sensory_dden);
        synapses_backward(&solver->synapses, solver->batch, v, solver->dnum, solver->dden,
                          solver->dv, &solver->synapse_gradient);
    }
}

/* --- explicit --------------------------------------------------------------------------------- */

/* dv/dt; keeps num and the whole den. */
static void rate(const void *system, const real *v, real *kept, real *k) {
    const struct ltc_solver *solver = system;
    const real *cm = solver->cm, *gleak = solver->gleak, *vleak = solver->vleak;
    size_t H = (size_t)solver->hidden, size = ltc_state_size(solver);
    real *num = kept, *den = kept + size;
    copy(size, solver->sensory_num, num);
    copy(size, solver->sensory_den, den);
    synapses_forward(&solver->synapses, solver->batch, v, num, den);
    for (size_t at = 0; at < size; at += H) {
#pragma omp simd
        for (size_t i = 0; i < H; i++) {
            num[at + i] += gleak[i] * vleak[i];
            den[at + i] += gleak[i];
            k[at + i] = (num[at + i] - den[at + i] * v[at + i]) / cm[i];
        }
    }
}

/* Leaves the gradients of num and den in kept. */
static void rate_backward(const void *system, const real *v, real *kept, const real *dk, real *dv) {
    const struct ltc_solver *solver = system;
    const real *cm = solver->cm, *gleak = solver->gleak, *vleak = solver->vleak;
    real *dcm = solver->dcm, *dgleak = solver->dgleak, *dvleak = solver->dvleak;
    size_t H = (size_t)solver->hidden, size = ltc_state_size(solver);
    real *num = kept, *den = kept + size;
    for (size_t at = 0; at < size; at += H) {
#pragma omp simd
        for (size_t i = 0; i < H; i++) {
            real dcurrent = dk[at + i] / cm[i], v_i = v[at + i];
            dcm[i] -= dcurrent * (num[at + i] - den[at + i] * v_i) / cm[i];
            dgleak[i] += dcurrent * (vleak[i] - v_i);
            dvleak[i] += dcurrent * gleak[i];
            dv[at + i] -= dcurrent * den[at + i];
            num[at + i] = dcurrent;
            den[at + i] = -dcurrent * v_i;
        }
    }
    add(size, num, solver->sensory_dnum);
    add(size, den, solver->sensory_dden);
    synapses_backward(&solver->synapses, solver->batch, v, num, den, dv, &solver->synapse_gradient);
}

static struct ode ode_of(const struct ltc_solver *solver) {
    return (struct ode){
        .method = solver->method,
        .unfolds = solver->unfolds,
        .batch = solver->batch,
        .width = solver->hidden,
        .kept = 2 * ltc_state_size(solver),
        .system = solver,
        .rate = rate,
        .rate_backward = rate_backward,
    };
}

/* --- either ----------------------------------------------------------------------------------- */

static real *kept_of(const struct ltc_solver *solver, int t) {
    size_t parts = solver->method == NULL ? 1 : 2;
    return solver->kept + parts * ltc_state_size(solver) * ltc_evaluations(solver) * (size_t)t;
}

void ltc_solver_forward(const struct ltc_solver *solver, int t) {
    if (solver->method == NULL) {
        fused_forward(solver, ltc_before(solver, t), kept_of(solver, t));
        return;
    }
    struct ode ode = ode_of(solver);
    ode_forward(&ode, solver->lengths, ltc_before(solver, t), kept_of(solver, t), solver->scratch);
}

void ltc_solver_backward(const struct ltc_solver *solver, int t, bool wants_dlengths) {
    zero(ltc_state_size(solver), solver->sensory_dnum);
    zero(ltc_state_size(solver), solver->sensory_dden);
    zero(ltc_streams(solver), solver->dlengths);
    if (solver->method == NULL) {
        fused_backward(solver, ltc_before(solver, t), kept_of(solver, t), wants_dlengths);
        return;
    }
    struct ode ode = ode_of(solver);
    ode_backward(&ode, solver->lengths, ltc_before(solver, t), kept_of(solver, t), solver->dv,
                 wants_dlengths ? solver->dlengths : NULL, solver->scratch);
}
