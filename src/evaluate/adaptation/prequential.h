/* What the errors of a stream say, each made before its truth was learned from (prequential
 * evaluation; Gama, Sebastião & Rodrigues, On evaluating stream learning algorithms, Machine
 * Learning 90, 2013). */
#ifndef EVALUATE_ADAPTATION_PREQUENTIAL_H
#define EVALUATE_ADAPTATION_PREQUENTIAL_H

#include "evaluate/adaptation/stream.h"

/* After one change; errors are means over the series. */
struct change_result {
    double level;    /* mean error of the visit's last quarter: what the model reaches there */
    double excess;   /* Σ over the visit's rows of error − level */
    double recovery; /* rows until the error, smoothed over the next `smooth` rows, is at most
                        1.2 · level for the first time; INFINITY: never in the visit */
};

struct prequential {
    size_t scored; /* rows with an error, of all series */
    double mean;   /* of them */
    double fading; /* S / N at the end: S ← e + αS, N ← 1 + αN over the rows' errors */
    double level;  /* of the last visit */
    double excess; /* mean over the changes */
    double relative_excess; /* the same of excess / level: rows of error at that level */
    double recovery;        /* mean over the changes; never counts as all rows of the visit */
    int never;              /* changes from which it did not recover */
    double
        forgetting; /* mean error of a visit to a regime that was visited before, over that of its
                          first visit; mean over such visits; NaN without one */
    struct change_result *changes; /* [visit_count - 1] */
    double *error;                 /* [rows] mean over series; NaN: not scored */
    int ages;                      /* rows of the shortest visit after a change */
    double *since;                 /* [ages] error by rows since a change, mean over changes */
};

/* errors [series_count][rows], NaN where nothing is scored. The warm-up is left out, except as rows
 * of `error`. Without a visit of one scored row at least all is NaN. Lists live in the arena. */
struct prequential prequential_measure(const struct stream *stream,
                                       const struct stream_options *options, const double *errors,
                                       struct arena *arena);

/* (frozen − online) / frozen: what learning on gains; below 0, what it loses. */
double prequential_gain(const struct prequential *online, const struct prequential *frozen);

#endif
