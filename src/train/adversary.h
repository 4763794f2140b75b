/* Adversarial training by projected gradient steps (Madry et al. 2018, Towards deep learning models
 * resistant to adversarial attacks): a window's inputs move, within a box around what they are, to where
 * the loss is larger; the update is made there. */
#ifndef TRAIN_ADVERSARY_H
#define TRAIN_ADVERSARY_H

#include "data/pipeline/batch.h"

#include <gsl/gsl_rng.h>

struct adversary {
    double epsilon; /* half the side of the box, in σ of each input; 0: no adversary */
    double rate;    /* of a step, likewise */
    int steps;
};

/* "train.adversarial"; NULL: none. */
bool adversary_read(const cJSON *json, const char *path, struct adversary *adversary,
                    struct arena *arena, struct error *error);

/* Moves every observed value of the batch to a random place in the box around what it is: x [T][B][I].
 * Flags, what is missing and padding stay. */
void adversary_start(const struct adversary *adversary, const struct dataset *dataset,
                     struct batch *batch, gsl_rng *rng);

/* One step: x += rate σ sign(gradient), and back into the box around `clean` [T][B][I]. The gradient of
 * the loss is [T][B][stride], its first I numbers those of the inputs. */
void adversary_step(const struct adversary *adversary, const struct dataset *dataset,
                    const real *clean, const real *gradient, int stride, struct batch *batch);

#endif
