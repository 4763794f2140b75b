#include "support/calibration.h"

#include "data/text/csv.h"
#include "math/random.h"

#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <string.h>

enum { NAME_COLUMNS = 3 }; /* data, model, metric */

static bool is_higher_better(const char *metric) {
    static const char *const names[] = {"r2", "accuracy", "macro_f1"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strncmp(metric, names[i], strlen(names[i])) == 0)
            return true;
    return false;
}

static const char *label(const struct table *table, size_t column, size_t row,
                         struct arena *arena) {
    const struct column *names = &table->columns[column];
    return arena_strdup(arena, names->labels[(size_t)names->values[row]]);
}

bool calibration_load(struct calibration *calibration, const char *path, struct error *error) {
    *calibration = (struct calibration){0};
    struct table table;
    if (!csv_read(path, &(struct csv_options){.header = CSV_HEADER_YES}, &table, error))
        return false;
    struct arena *arena = &calibration->arena;
    calibration->count = table.rows;
    calibration->seeds = table.column_count - NAME_COLUMNS;
    calibration->samples = ARENA_NEW(arena, struct sample, table.rows);
    for (size_t row = 0; row < table.rows; row++) {
        struct sample *sample = &calibration->samples[row];
        sample->data = label(&table, 0, row, arena);
        sample->model = label(&table, 1, row, arena);
        sample->metric = label(&table, 2, row, arena);
        sample->errors = ARENA_NEW(arena, double, calibration->seeds);
        bool higher = is_higher_better(sample->metric);
        for (size_t s = 0; s < calibration->seeds; s++) {
            double score = table.columns[NAME_COLUMNS + s].values[row];
            sample->errors[s] = higher ? 1 - score : score;
        }
        sample->mean = gsl_stats_mean(sample->errors, 1, calibration->seeds);
    }
    table_free(&table);
    return true;
}

void calibration_free(struct calibration *calibration) {
    arena_free(&calibration->arena);
}

/* n seeds of each side at random; of one sample, different ones. */
static void draw_groups(const struct sample *a, const struct sample *b, size_t seeds, size_t n,
                        gsl_rng *rng, size_t *order, double *a_group, double *b_group) {
    random_shuffle(rng, order, seeds);
    for (size_t i = 0; i < n; i++)
        a_group[i] = a->errors[order[i]];
    if (a != b)
        random_shuffle(rng, order, seeds);
    for (size_t i = 0; i < n; i++)
        b_group[i] = b->errors[order[a != b ? i : n + i]];
}

/* Share of the draws in which the test finds a difference between a and b + shift. */
static double share_found(const struct calibration *calibration, const struct sample *a,
                          const struct sample *b, double shift, two_sample_test test, size_t n,
                          double level, int draws, gsl_rng *rng) {
    struct arena scratch = {0};
    size_t *order = ARENA_NEW(&scratch, size_t, calibration->seeds);
    double *a_group = ARENA_NEW(&scratch, double, n), *b_group = ARENA_NEW(&scratch, double, n);
    for (size_t i = 0; i < calibration->seeds; i++)
        order[i] = i;
    int found = 0;
    for (int draw = 0; draw < draws; draw++) {
        draw_groups(a, b, calibration->seeds, n, rng, order, a_group, b_group);
        for (size_t i = 0; i < n; i++)
            b_group[i] += shift;
        found += test(a_group, b_group, n) <= level;
    }
    arena_free(&scratch);
    return (double)found / draws;
}

struct error_rates calibration_measure(const struct calibration *calibration, two_sample_test test,
                                       size_t n, double level, int draws) {
    struct error_rates rates = {0};
    gsl_rng *rng = random_stream(n, "calibration");
    size_t pairs = 0;
    for (size_t i = 0; i < calibration->count; i++) {
        const struct sample *a = &calibration->samples[i];
        double same = share_found(calibration, a, a, 0, test, n, level, draws, rng);
        rates.same_model += same / (double)calibration->count;
        rates.worst_model = fmax(rates.worst_model, same);
        for (size_t k = i + 1; k < calibration->count; k++) {
            const struct sample *b = &calibration->samples[k];
            if (strcmp(a->data, b->data) != 0 || strcmp(a->metric, b->metric) != 0)
                continue;
            rates.same_mean +=
                share_found(calibration, a, b, a->mean - b->mean, test, n, level, draws, rng);
            rates.power += share_found(calibration, a, b, 0, test, n, level, draws, rng);
            pairs++;
        }
    }
    rates.same_mean /= (double)pairs;
    rates.power /= (double)pairs;
    gsl_rng_free(rng);
    return rates;
}
