/* The table of what was measured of exported models. */
#include "report/tables/format.h"
#include "report/tables/tables.h"

#include <math.h>
#include <string.h>

static size_t count_exports(const struct dataset_results *dataset) {
    size_t count = 0;
    for (size_t m = 0; m < dataset->model_count; m++)
        for (size_t t = 0; t < dataset->models[m].trial_count; t++)
            count += dataset->models[m].trials[t]->export_count;
    return count;
}

static const char *known_number(struct arena *arena, double value, int digits) {
    return isnan(value) ? NO_VALUE : format_number(arena, value, digits);
}

static const char *known_cost(struct arena *arena, enum cost_unit unit, double value) {
    return isnan(value) ? NO_VALUE : format_cost(arena, unit, value);
}

/* Position of the data set's headline metric among a trial's. */
static size_t headline_position(const struct dataset_results *dataset, const struct trial *trial) {
    size_t m = 0;
    while (m < trial->metric_count && strcmp(trial->metrics[m].name, dataset->metrics[0].name) != 0)
        m++;
    return m;
}

struct report_table table_exports(const struct dataset_results *dataset, struct arena *arena) {
    enum {
        MODEL,
        SEED,
        TYPE,
        TRAINED,
        STORED,
        RATIO,
        WEIGHTS,
        STATE,
        P50,
        P99,
        FILE_NAME,
        COLUMNS
    };
    struct report_table table =
        table_new("exports", "Exported models", count_exports(dataset), COLUMNS, arena);
    if (dataset->metric_count == 0)
        return table;
    const char *metric = dataset->metrics[0].title;
    const char *titles[COLUMNS] = {"model",
                                   "seed",
                                   "type",
                                   arena_printf(arena, "%s trained", metric),
                                   arena_printf(arena, "%s stored", metric),
                                   "ratio",
                                   "weights",
                                   "state",
                                   "step µs",
                                   "p99 µs",
                                   "measurement"};
    table.note =
        "test score of the weights as trained and as the file stores them; latency of a step "
        "where the program ran: medians. A line for each file of measurements/";
    for (size_t c = 0; c < COLUMNS; c++)
        table_add_column(&table, titles[c], c == MODEL || c == TYPE || c == FILE_NAME);
    for (size_t m = 0; m < dataset->model_count; m++)
        for (size_t t = 0; t < dataset->models[m].trial_count; t++) {
            const struct trial *trial = dataset->models[m].trials[t];
            const struct measurement *test =
                measurement_under(trial, &dataset->conditions[dataset->test]);
            size_t headline = headline_position(dataset, trial);
            for (size_t e = 0; headline < trial->metric_count && e < trial->export_count; e++) {
                const struct export_measurement *export = &trial->exports[e];
                double trained = test != NULL ? test->values[headline] : NAN;
                double stored = export->values[headline];
                struct report_cell *row = table_add_row(&table);
                row[MODEL] = model_cell(&dataset->models[m]);
                row[SEED].text = arena_printf(arena, "%g", trial->seed);
                row[TYPE].text = export->type;
                row[TRAINED].text = known_number(arena, trained, 5);
                row[STORED].text = known_number(arena, stored, 5);
                if (trained > 0 && !isnan(stored))
                    row[RATIO].text = arena_printf(arena, "×%.4f", stored / trained);
                row[WEIGHTS].text = known_cost(arena, UNIT_BYTES, export->weight_bytes);
                row[STATE].text = known_cost(arena, UNIT_BYTES, export->state_bytes);
                row[P50].text = known_cost(arena, UNIT_MICROSECONDS, export->step_p50 / 1000);
                row[P99].text = known_cost(arena, UNIT_MICROSECONDS, export->step_p99 / 1000);
                row[FILE_NAME].text = export->file;
            }
        }
    return table;
}
