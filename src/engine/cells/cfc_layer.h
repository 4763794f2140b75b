/* One layer of a closed-form continuous-time network (Hasani et al., Nature Machine Intelligence
 * 2022, eq. 3 and methods), as ncps.torch.CfCCell:
 *
 *   z = backbone([x; h])                       linear layers, each followed by an activation
 *   default:  h ← tanh(ff1 z)⊙(1−s) + s⊙tanh(ff2 z),    s = σ(time_a(z)·Δ + time_b(z))
 *   no_gate:  h ← tanh(ff1 z) + s⊙tanh(ff2 z)
 *   pure:     h ← A − A⊙exp(−Δ(|w_τ| + |ff1 z|))⊙ff1 z
 *
 * The variant "hasani2022", the authors' release, has −time_a and lecun_tanh in place of both tanh.
 *
 * The backbone's layers and the heads (ff1, ff2, time_a, time_b, stacked into one matrix) are a
 * chain of linear stages. The first stage reads [x; h]: its x half is computed for all steps at
 * once. State: h.
 *
 * A plain CfC is one such layer; a wired one (cfc.c) a chain of them without backbones. */
#ifndef ENGINE_CELLS_CFC_LAYER_H
#define ENGINE_CELLS_CFC_LAYER_H

#include "engine/cell.h"
#include "engine/isa.h"

enum { CFC_MAX_BACKBONE_LAYERS = 16, CFC_LAYER_TENSORS = 10 }; /* those of a backbone follow */

enum cfc_mode { CFC_DEFAULT = 1, CFC_NO_GATE, CFC_PURE };
enum cfc_variant { CFC_NCPS = 1, CFC_HASANI2022 };

struct backbone_options {
    int units, layers;
    int activation; /* enum activation */
    double dropout;
};

struct cfc_options {
    int mode, variant;   /* enum cfc_mode, enum cfc_variant */
    double init_gain;    /* factor of the weights at the start */
    int head_activation; /* enum activation, TANH or LECUN_TANH; 0: the variant's */
    bool mixed_memory;
    struct backbone_options backbone;
    struct wiring_options wiring;
};

/* cell->own of a layer of a wired CfC: which entries of ff1's and ff2's weights [H][I + H] exist.
 */
struct cfc_layer {
    const char *prefix;  /* of its tensors' names: "layer_0." */
    const int *position; /* [count] */
    int count;
};

extern const struct field ISA_NAME(cfc_fields)[];
extern const struct cell_type ISA_NAME(cfc_layer_type);
#define cfc_fields     ISA_NAME(cfc_fields)
#define cfc_layer_type ISA_NAME(cfc_layer_type)

#define CFC_TYPE                                                                                   \
    .name = "cfc", .title = "CfC",                                                                 \
    .citation = "Hasani et al., Closed-form continuous-time neural networks, Nature Machine "      \
                "Intelligence 2022",                                                               \
    .parameters = "U(I + H + 1) + 4H(U + 1), U = backbone.units", .options = cfc_fields,           \
    .options_size = sizeof(struct cfc_options), .takes_time = true, .streams = true

#endif
