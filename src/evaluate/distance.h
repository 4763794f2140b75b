/* How far one split is from another: Székely & Rizzo 2013, Energy statistics: a class of statistics
 * based on distances. */
#ifndef EVALUATE_DISTANCE_H
#define EVALUATE_DISTANCE_H

#include "data/pipeline/dataset.h"

/* What a model sees at one step, as points: the scaled inputs and the time elapsed since the last
 * observation (1 at a window's first row). At most DISTANCE_POINTS of the rows that windows cover
 * and that are present, evenly thinned out. */
enum { DISTANCE_POINTS = 512 };

struct point_sample {
    size_t count;
    int width;                         /* I + 1 */
    double (*points)[DISTANCE_POINTS]; /* [width][count], coordinate by coordinate */
    double spread;                     /* mean distance between two of them */
};

struct point_sample sample_points(const struct dataset *dataset, const struct split *split,
                                  struct arena *arena);

/* The square root of 2 E|X - Y| - E|X - X'| - E|Y - Y'|: 0 only for equal distributions, and the
 * same as SciPy's energy_distance() in one dimension. In units of scaled inputs. Being from
 * samples, it is a little above 0 for equal distributions too. NaN when one side has no point. */
double energy_distance(const struct point_sample *a, const struct point_sample *b);

#endif
