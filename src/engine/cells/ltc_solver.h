/* One observation of a liquid time-constant network: the neurons' potentials v from before to
 * after,
 *
 *   C_i dv_i/dt = g_i (V_i − v_i) + num_i − den_i v_i
 *
 * with num and den the sums over synapses (engine/cells/synapses.h), those of the inputs held. The fused
 * semi-implicit solver (Hasani et al., AAAI 2021, algorithm 1) makes `unfolds` steps
 *
 *   v_i ← (C_i v_i + δ (g_i V_i + num_i)) / (C_i + δ (g_i + den_i + ε))
 *
 * and the explicit ones (engine/cells/solver.h) steps of length δ. δ = 0 holds v.
 *
 * Arrays of neurons are [B][H], or [H][P] where the synapses want them transposed. */
#ifndef ENGINE_CELLS_LTC_SOLVER_H
#define ENGINE_CELLS_LTC_SOLVER_H

#include "engine/cell.h"
#include "engine/cells/neuron_arrays.h"
#include "engine/cells/solver.h"
#include "engine/cells/synapses.h"
#include "engine/isa.h"

struct ltc_solver {
    const struct ode_method *method; /* NULL: fused */
    int unfolds;
    int batch, hidden;              /* B, H */
    int transposed;                 /* P of arrays [H][P], or 0 */
    const real *cm, *gleak, *vleak; /* [H] C, g, V */
    real *dcm, *dgleak, *dvleak;    /* [H] +=; backward only */
    struct synapses synapses;       /* of the neurons */
    struct synapse_gradient synapse_gradient;

    real *v;    /* [T][evaluations + 1][state_size] */
    real *kept; /* [T·evaluations][state_size] fused: 1 / denominators; explicit: twice as much */
    real *sensory_num, *sensory_den; /* [state_size] of the inputs, set by the caller */
    real *lengths; /* [B] or [P], δ of each stream; set by the caller, 0 beyond B */
    real *scratch; /* of the explicit solvers */
    /* backward only */
    real *dv;                          /* [state_size] of the state after in, of that before out */
    real *dnum, *dden;                 /* [state_size] */
    real *sensory_dnum, *sensory_dden; /* [state_size] = */
    real *dlengths;                    /* as lengths, = */
};

/* Whether arrays are transposed, and to how many columns: for several streams on a sparse wiring,
 * which the explicit solvers do not know. */
static inline int ltc_transposed(const struct wiring *wiring, const struct ode_method *method,
                                 int batch) {
    bool transposed = batch > 1 && method == NULL && !synapses_are_full(&wiring->neurons);
    return transposed ? padded_streams(batch) : 0;
}

/* Streams that arrays have room for. */
static inline size_t ltc_streams(const struct ltc_solver *solver) {
    return (size_t)(solver->transposed > 0 ? solver->transposed : solver->batch);
}

static inline size_t ltc_state_size(const struct ltc_solver *solver) {
    return ltc_streams(solver) * (size_t)solver->hidden;
}

/* States that the solver passes through in one observation. */
static inline size_t ltc_evaluations(const struct ltc_solver *solver) {
    return (size_t)solver->unfolds * (size_t)(solver->method != NULL ? solver->method->stages : 1);
}

/* States before and after observation t. */
static inline real *ltc_before(const struct ltc_solver *solver, int t) {
    return solver->v + ltc_state_size(solver) * (ltc_evaluations(solver) + 1) * (size_t)t;
}

static inline real *ltc_after(const struct ltc_solver *solver, int t) {
    return ltc_before(solver, t) + ltc_state_size(solver) * ltc_evaluations(solver);
}

#define ltc_solver_take          ISA_NAME(ltc_solver_take)
#define ltc_solver_take_backward ISA_NAME(ltc_solver_take_backward)
#define ltc_solver_forward       ISA_NAME(ltc_solver_forward)
#define ltc_solver_backward      ISA_NAME(ltc_solver_backward)

/* Gives the solver, whose method, unfolds, batch, hidden and transposed are set, its memory for T
 * observations; then that of the backward pass. */
void ltc_solver_take(struct ltc_solver *solver, const struct wiring *wiring, int steps,
                     struct scratch *scratch);
void ltc_solver_take_backward(struct ltc_solver *solver, struct scratch *scratch);

/* From ltc_before(t) to ltc_after(t). */
void ltc_solver_forward(const struct ltc_solver *solver, int t);

/* Back again. dlengths is computed on demand, and by the explicit solvers from sensory_num and
 * sensory_den of this observation. */
void ltc_solver_backward(const struct ltc_solver *solver, int t, bool wants_dlengths);

#endif
