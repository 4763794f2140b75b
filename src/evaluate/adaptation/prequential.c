#include "evaluate/adaptation/prequential.h"

#include <math.h>

/* Times the level, at which an error counts as back. */
static const double RECOVERED = 1.2;

/* Mean of the rows [from, to) that are scored; NaN when none is. */
static double mean_of(const double *error, int from, int to) {
    double sum = 0;
    int count = 0;
    for (int row = from; row < to; row++) {
        if (isnan(error[row]))
            continue;
        sum += error[row];
        count++;
    }
    return count > 0 ? sum / count : NAN;
}

/* [rows] from [series][rows], the warm-up left out; counts what is scored. */
static double *average_series(const struct stream *stream, const double *errors,
                              struct prequential *result, struct arena *arena) {
    double *error = ARENA_NEW(arena, double, stream->rows);
    double total = 0;
    for (int row = 0; row < stream->rows; row++) {
        double sum = 0;
        int count = 0;
        for (int s = 0; s < stream->split.series_count && row >= stream->warm_up; s++) {
            double own = errors[(size_t)s * (size_t)stream->rows + (size_t)row];
            if (isnan(own))
                continue;
            sum += own;
            count++;
        }
        error[row] = count > 0 ? sum / count : NAN;
        total += sum;
        result->scored += (size_t)count;
    }
    result->mean = result->scored > 0 ? total / (double)result->scored : NAN;
    return error;
}

static double fading_error(const double *error, int rows, double factor) {
    double sum = 0, weight = 0;
    for (int row = 0; row < rows; row++) {
        if (isnan(error[row]))
            continue;
        sum = error[row] + factor * sum;
        weight = 1 + factor * weight;
    }
    return weight > 0 ? sum / weight : NAN;
}

static double level_of(const double *error, const struct visit *visit) {
    int rows = visit->end - visit->start;
    return mean_of(error, visit->end - (rows + 3) / 4, visit->end);
}

static double recovery_of(const double *error, const struct visit *visit, int smooth,
                          double level) {
    for (int row = visit->start; row + smooth <= visit->end; row++)
        if (mean_of(error, row, row + smooth) <= RECOVERED * level)
            return row - visit->start;
    return INFINITY;
}

static struct change_result measure_change(const double *error, const struct visit *visit,
                                           int smooth) {
    struct change_result change = {.level = level_of(error, visit)};
    if (!isfinite(change.level)) /* the worst, whatever came before */
        return (struct change_result){change.level, INFINITY, INFINITY};
    for (int row = visit->start; row < visit->end; row++)
        if (!isnan(error[row]))
            change.excess += error[row] - change.level;
    change.recovery = recovery_of(error, visit, smooth, change.level);
    return change;
}

static void measure_changes(const struct stream *stream, int smooth, struct prequential *result,
                            struct arena *arena) {
    int count = stream->visit_count - 1;
    result->changes = ARENA_NEW(arena, struct change_result, count);
    for (int c = 0; c < count; c++) {
        const struct visit *visit = &stream->visits[c + 1];
        struct change_result *change = &result->changes[c];
        *change = measure_change(result->error, visit, smooth);
        bool never = isinf(change->recovery);
        result->excess += change->excess / count;
        result->relative_excess +=
            (isinf(change->excess) ? INFINITY : change->excess / change->level) / count;
        result->recovery += (never ? visit->end - visit->start : change->recovery) / count;
        result->never += never;
    }
    if (count == 0)
        result->excess = result->relative_excess = result->recovery = NAN;
}

static double forgetting_of(const struct stream *stream, const double *error) {
    double sum = 0;
    int returns = 0;
    for (int v = 1; v < stream->visit_count; v++) {
        const struct visit *visit = &stream->visits[v], *first = stream->visits;
        while (first->regime != visit->regime)
            first++;
        if (first == visit)
            continue;
        sum += mean_of(error, visit->start, visit->end) / mean_of(error, first->start, first->end);
        returns++;
    }
    return returns > 0 ? sum / returns : NAN;
}

static void average_changes(const struct stream *stream, struct prequential *result,
                            struct arena *arena) {
    for (int v = 1; v < stream->visit_count; v++) {
        int rows = stream->visits[v].end - stream->visits[v].start;
        result->ages = v == 1 || rows < result->ages ? rows : result->ages;
    }
    result->since = ARENA_NEW(arena, double, result->ages);
    for (int age = 0; age < result->ages; age++) {
        double sum = 0;
        int count = 0;
        for (int v = 1; v < stream->visit_count; v++) {
            double own = result->error[stream->visits[v].start + age];
            sum += isnan(own) ? 0 : own;
            count += !isnan(own);
        }
        result->since[age] = count > 0 ? sum / count : NAN;
    }
}

struct prequential prequential_measure(const struct stream *stream,
                                       const struct stream_options *options, const double *errors,
                                       struct arena *arena) {
    struct prequential result = {0};
    result.error = average_series(stream, errors, &result, arena);
    result.fading = fading_error(result.error, stream->rows, options->fading);
    result.level = level_of(result.error, &stream->visits[stream->visit_count - 1]);
    measure_changes(stream, options->smooth, &result, arena);
    result.forgetting = forgetting_of(stream, result.error);
    average_changes(stream, &result, arena);
    return result;
}

double prequential_gain(const struct prequential *online, const struct prequential *frozen) {
    return (frozen->mean - online->mean) / frozen->mean;
}
