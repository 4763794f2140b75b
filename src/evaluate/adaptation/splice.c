#include "evaluate/adaptation/splice.h"

#include "math/random.h"

#include <math.h>
#include <string.h>

int splice_rows(const struct split *regime, int series, int count) {
    long rows = 0;
    for (int s = series; s < regime->series_count; s += count)
        rows += regime->series[s].rows;
    return rows < 1000000000 ? (int)rows : 1000000000;
}

/* Where a stream stands in each regime. */
struct cursor {
    int series, row;
};

static bool has_whole_series(const struct dataset *dataset) {
    return dataset->task_options->window == 0;
}

/* The regime of a block, by its shares in the block's first row; sudden changes draw nothing. */
static int choose_regime(const struct splice *splice, int row, gsl_rng *rng) {
    const double *shares = splice->shares + (size_t)row * (size_t)splice->regime_count;
    int regime = 0;
    for (int k = 0; k < splice->regime_count; k++)
        if (shares[k] == 1)
            return k;
    double left = gsl_rng_uniform(rng);
    while (regime < splice->regime_count - 1 && (left -= shares[regime]) >= 0)
        regime++;
    return regime;
}

/* How long the block that begins at `row` may be: to the next change, or a window. */
static int block_end(const struct splice *splice, int row) {
    size_t width = (size_t)splice->regime_count;
    const double *shares = splice->shares + (size_t)row * width;
    int end = row + 1, window = splice->dataset->window;
    bool moves = true;
    for (size_t k = 0; k < width; k++)
        moves = moves && shares[k] != 1;
    while (end < splice->rows && (moves ? end - row < window
                                        : memcmp(splice->shares + (size_t)end * width, shares,
                                                 width * sizeof *shares) == 0))
        end++;
    return end;
}

void cut_forecast(const struct dataset *dataset, int left, real *y) {
    for (int h = left; dataset->task == TASK_FORECAST && h < dataset->horizon; h++)
        for (int k = 0; k < dataset->targets; k++)
            y[h * dataset->targets + k] = (real)NAN;
}

/* Truths [Y] of a row that `left` rows of its own series follow: what comes later is not known. */
static void cut_truth(const struct dataset *dataset, int left, real *y) {
    cut_forecast(dataset, left, y);
    if (has_whole_series(dataset) && dataset->last_only && left > 0)
        for (int k = 0; k < dataset->width; k++)
            y[k] = (real)NAN;
}

/* Rows [row, row + count) of the stream become those of `from` at `first`. */
static void copy_rows(const struct dataset *dataset, const struct series *from, int first,
                      int count, struct series *to, int row) {
    size_t inputs = (size_t)dataset->inputs, width = (size_t)dataset->width;
    memcpy(to->x + (size_t)row * inputs, from->x + (size_t)first * inputs,
           (size_t)count * inputs * sizeof(real));
    memcpy(to->y + (size_t)row * width, from->y + (size_t)first * width,
           (size_t)count * width * sizeof(real));
    for (int i = 0; i < count; i++) {
        int own = first + i;
        double step = own > 0          ? from->time[own] - from->time[own - 1]
                      : from->rows > 1 ? from->time[1] - from->time[0]
                                       : 1;
        to->time[row + i] = row + i > 0 ? to->time[row + i - 1] + step : from->time[own];
        to->present[row + i] = from->present == NULL ? 1 : from->present[own];
    }
}

/* One block of a regime from where its cursor stands; *row moves on. */
static bool take_block(const struct splice *splice, int regime, int stream, struct cursor *cursor,
                       struct series *to, int *row, struct error *error) {
    const struct dataset *dataset = splice->dataset;
    const struct split *split = &splice->regimes[regime];
    int end = block_end(splice, *row);
    while (*row < end) {
        int s = stream + cursor->series * splice->series;
        if (s >= split->series_count)
            return error_set(error,
                             "rows: regime %d has %d rows for stream %d, which needs more by row "
                             "%d; shorten the stream",
                             regime + 1, splice_rows(split, stream, splice->series), stream + 1,
                             *row);
        const struct series *from = &split->series[s];
        int count = from->rows - cursor->row, room = splice->rows - *row;
        if (!has_whole_series(dataset) && count > end - *row)
            count = end - *row;
        count = count < room ? count : room;
        copy_rows(dataset, from, cursor->row, count, to, *row);
        for (int i = 0; i < count; i++)
            cut_truth(dataset,
                      has_whole_series(dataset) ? from->rows - 1 - cursor->row - i : count - 1 - i,
                      to->y + (size_t)(*row + i) * (size_t)dataset->width);
        *row += count;
        cursor->row += count;
        if (cursor->row == from->rows) {
            cursor->series++;
            cursor->row = 0;
        }
    }
    return true;
}

bool splice_make(const struct splice *splice, struct arena *arena, struct split *split,
                 struct error *error) {
    size_t rows = (size_t)splice->rows;
    struct cursor *cursors = ARENA_NEW(arena, struct cursor, splice->regime_count);
    *split = (struct split){.series = ARENA_NEW(arena, struct series, splice->series),
                            .series_count = splice->series};
    for (int s = 0; s < splice->series; s++) {
        struct series *to = &split->series[s];
        *to = (struct series){
            .name = splice->regimes[0].series[s].name,
            .rows = splice->rows,
            .time = ARENA_NEW(arena, double, rows),
            .x = ARENA_NEW(arena, real, rows * (size_t)splice->dataset->inputs),
            .y = ARENA_NEW(arena, real, rows * (size_t)splice->dataset->width),
            .present = ARENA_NEW(arena, real, rows),
        };
        gsl_rng *rng = random_stream((uint64_t)s, "blocks of a gradual change");
        bool made = true;
        memset(cursors, 0, (size_t)splice->regime_count * sizeof *cursors);
        for (int row = 0; made && row < splice->rows;) {
            int regime = choose_regime(splice, row, rng);
            made = take_block(splice, regime, s, &cursors[regime], to, &row, error);
        }
        gsl_rng_free(rng);
        if (!made)
            return false;
    }
    return true;
}

bool splice_generated(const struct dataset *dataset, const struct generator_drift *drift, int rows,
                      int series, bool for_validation, struct arena *arena, struct split *split,
                      struct error *error) {
    struct dataset own = *dataset;
    struct dataset_options options = *dataset->options;
    struct split *regimes = ARENA_NEW(arena, struct split, drift->regimes);
    own.options = &options;
    /* Other series than those of the data set and of its shifts. */
    options.seed =
        (int)(((unsigned)options.seed + (for_validation ? 2000003u : 1000003u)) & 2147483647u);
    if (!has_whole_series(dataset) && options.rows < rows)
        options.rows = rows; /* a visit is one stretch */
    for (int k = 0; k < drift->regimes; k++) {
        own.test.series_count = series * ((rows + options.rows - 1) / options.rows + 1);
        bool made =
            dataset_load_shifted(&own, drift->parameters[k], NULL, arena, &regimes[k], error);
        /* Series may end before options.rows: then as many more as that takes. */
        for (int s = 0; made && s < series;) {
            int available = splice_rows(&regimes[k], s, series);
            if (available >= rows) {
                s++;
                continue;
            }
            own.test.series_count *= 1 + rows / (available > 0 ? available : 1);
            made =
                dataset_load_shifted(&own, drift->parameters[k], NULL, arena, &regimes[k], error);
        }
        if (!made)
            return error_prefix(error, "regimes[%d]", k);
        options.seed = (int)(((unsigned)options.seed + 7919u) & 2147483647u);
    }
    const struct splice splice = {.dataset = dataset,
                                  .regimes = regimes,
                                  .regime_count = drift->regimes,
                                  .shares = drift->shares,
                                  .rows = rows,
                                  .series = series};
    return splice_make(&splice, arena, split, error);
}
