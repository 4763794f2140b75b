#include "evaluate/adaptation/stream.h"

#include "base/choice.h"
#include "base/json.h"
#include "data/generators/generator.h"
#include "evaluate/adaptation/splice.h"

#include <math.h>
#include <string.h>

enum { VISIT_ROWS = 400, STREAM_SERIES = 4, MAX_ROWS = 10000000 };

static const char *optimizer_names(size_t position) {
    static const char *const names[] = {"sgd", "rmsprop", "adam", "adamw"};
    return position < sizeof names / sizeof names[0] ? names[position] : NULL;
}

#define AT(member) .offset = offsetof(struct regime_options, member)
static const struct field regime_fields[] = {
    {"name", FIELD_STRING, AT(name), .required = true, .help = "What reports call it."},
    {"parameters", FIELD_JSON, AT(parameters),
     .help = "Generator parameters merged over those of the training data; {}: the same."},
    {"files", FIELD_STRINGS, AT(files),
     .help = "Files or patterns, read as the training files are."},
    {"rows", FIELD_REALS, AT(rows), .min = 0, .max = 1,
     .help = "[from, to]: shares of every series, after those of training and validation."},
    {0},
};
#undef AT

#define AT(member) .offset = offsetof(struct online_options, member)
static const struct field online_fields[] = {
    {"every", FIELD_INT, AT(every), .fallback = "8", .min = 1, .max = 1000000,
     .help = "Rows from update to update."},
    {"steps", FIELD_INT, AT(steps), .fallback = "32", .min = 1, .max = 1000000,
     .help = "Rows that an update looks back at, from the state that the model had then."},
    {"updates", FIELD_INT, AT(updates), .fallback = "1", .min = 0, .max = 1000,
     .help = "Gradient steps each time; 0: none."},
    {"delay", FIELD_INT, AT(delay), .fallback = "0", .min = 0, .max = 1000000,
     .help = "Rows until a truth is known, on top of those that a forecast reaches ahead."},
    {"optimizer", FIELD_STRING, AT(optimizer), .fallback = "\"adam\"", .choices = optimizer_names,
     .help = "Optimizer of all models; every series starts with a fresh one."},
    {"learning_rates", FIELD_REALS, AT(learning_rates), .fallback = "[0.001]", .min = 0, .max = 1e6,
     .help = "The rate of all models; of several, each model takes the one that is best on a "
             "validation stream, which is not the scored one."},
    {"clip_norm", FIELD_REAL, AT(clip_norm), .fallback = "1", .min = 0, .max = 1e9,
     .help = "Largest global norm of the gradient; 0: no clipping."},
    {"forgetting_factors", FIELD_REALS, AT(forgetting_factors),
     .fallback = "[1, 0.999, 0.997, 0.99, 0.97]", .min = 0, .max = 1,
     .help = "Linear baselines learn by recursive least squares; the factor by which what they "
             "learned counts less with every row after it. Of several, each takes the one that is "
             "best on a validation stream."},
    {0},
};
#undef AT

#define AT(member) .offset = offsetof(struct stream_options, member)
const struct field stream_fields[] = {
    {"regimes", FIELD_OBJECTS, AT(regimes), .fields = regime_fields,
     .element_size = sizeof(struct regime_options),
     .help = "What the stream changes between. Absent: no stream."},
    {"sequence", FIELD_STRINGS, AT(sequence),
     .help = "Names of regimes in the order of their visits; one may come back. Default: each "
             "once."},
    {"rows", FIELD_INT, AT(rows), .fallback = "0", .min = 0, .max = MAX_ROWS,
     .help = "Rows of the stream; 0: 400 for each visit of a generator, all rows of the data."},
    {"changes", FIELD_INTS, AT(changes), .min = 0, .max = MAX_ROWS,
     .help = "Row at which each visit but the first begins. Default: equally spaced."},
    {"gradual", FIELD_INT, AT(gradual), .fallback = "0", .min = 0, .max = MAX_ROWS,
     .help = "Rows that a change takes; 0: it is sudden."},
    {"series", FIELD_INT, AT(series), .fallback = "0", .min = 0, .max = 10000,
     .help = "Streams to average over; 0: 4 of a generator, all series of the data."},
    {"smooth", FIELD_INT, AT(smooth), .fallback = "20", .min = 1, .max = 1000000,
     .help = "Rows over which the error is smoothed to find when a model has recovered."},
    {"fading", FIELD_REAL, AT(fading), .fallback = "0.99", .min = 0, .max = 1,
     .help = "Factor by which an error counts less with every row after it."},
    {"online", FIELD_OBJECT, AT(online), .fields = online_fields,
     .help = "How the weights go on learning: each row is predicted first, then learned from when "
             "its truth is due."},
    {0},
};
#undef AT

/* --- checks ----------------------------------------------------------------------------------- */

static int find_regime(const struct stream_options *options, const char *name) {
    const struct regime_options *regimes = options->regimes.items;
    for (size_t k = 0; k < options->regimes.count; k++)
        if (strcmp(regimes[k].name, name) == 0)
            return (int)k;
    return -1;
}

static bool check_regime(const struct stream_options *options, size_t position, bool generated,
                         struct error *error) {
    const struct regime_options *regimes = options->regimes.items, *own = &regimes[position];
    int kinds = (own->parameters != NULL) + (own->files.count > 0) + (own->rows.count > 0);
    int first = find_regime(options, own->name);
    if (own->name[0] == '\0')
        return error_set(error, "regimes[%zu].name: is empty", position);
    if (first < (int)position)
        return error_set(error, "regimes[%zu].name: \"%s\" is the name of regimes[%d] already",
                         position, own->name, first);
    if (kinds != 1)
        return error_set(error,
                         "regimes[%zu]: give exactly one of \"parameters\" (of a generator), "
                         "\"rows\" and \"files\"",
                         position);
    if (generated != (own->parameters != NULL))
        return error_set(error, "regimes[%zu]: %s", position,
                         generated ? "generated data has regimes of \"parameters\""
                                   : "only generated data has \"parameters\"; use \"rows\" or "
                                     "\"files\"");
    if (own->rows.count > 0 && (own->rows.count != 2 || own->rows.items[0] >= own->rows.items[1]))
        return error_set(error, "regimes[%zu].rows: must be [from, to] with from < to", position);
    return true;
}

static int count_visits(const struct stream_options *options) {
    return (int)(options->sequence.count > 0 ? options->sequence.count : options->regimes.count);
}

static bool check_sequence(const struct stream_options *options, struct error *error) {
    const struct string_list *names = &options->sequence;
    for (size_t v = 0; v < names->count; v++) {
        struct suggestion nearest = {.wanted = names->items[v]};
        const struct regime_options *regimes = options->regimes.items;
        for (size_t k = 0; k < options->regimes.count; k++)
            suggestion_offer(&nearest, regimes[k].name);
        if (find_regime(options, names->items[v]) < 0)
            return error_set(error, "sequence: there is no regime \"%s\"%s", names->items[v],
                             suggestion_or(&nearest, "use names of \"regimes\"").text);
        if (v > 0 && strcmp(names->items[v], names->items[v - 1]) == 0)
            return error_set(error, "sequence: \"%s\" follows itself, which is no change",
                             names->items[v]);
    }
    return count_visits(options) > 1 ||
           error_set(error, "regimes: one alone does not change; give at least two");
}

static bool check_changes(const struct stream_options *options, int rows, struct error *error) {
    const struct int_list *changes = &options->changes;
    if (changes->count > 0 && (int)changes->count != count_visits(options) - 1)
        return error_set(error, "changes: %zu of them, but %d visits have %d", changes->count,
                         count_visits(options), count_visits(options) - 1);
    for (size_t i = 0; i < changes->count; i++) {
        int row = changes->items[i], after = i > 0 ? changes->items[i - 1] : 0;
        if (row <= after || row >= rows)
            return error_set(error,
                             "changes: %d is not inside the stream: it must come after row %d and "
                             "before its end at %d",
                             row, after, rows);
    }
    return true;
}

static bool check_online(const struct online_options *online, const struct task_options *task,
                         struct error *error) {
    int ahead = task_type_of(task) == TASK_FORECAST ? 1 : 0;
    if (online->delay + ahead >= online->steps)
        return error_set(error,
                         "online.delay: of the last %d rows none has a truth that is due after %d; "
                         "lower it or raise online.steps",
                         online->steps, online->delay + ahead);
    if (online->learning_rates.count == 0)
        return error_set(error, "online.learning_rates: give at least one, as in [0.001]");
    if (online->forgetting_factors.count == 0)
        return error_set(error, "online.forgetting_factors: give at least one, as in [0.99]");
    for (size_t i = 0; i < online->forgetting_factors.count; i++)
        if (online->forgetting_factors.items[i] <= 0)
            return error_set(error, "online.forgetting_factors: 0 forgets everything at once; "
                                    "choose factors above 0, 1 forgets nothing");
    return true;
}

bool stream_check(const struct stream_options *options, const struct dataset_options *dataset,
                  const struct task_options *task, struct error *error) {
    if (options->regimes.count == 0)
        return true;
    for (size_t k = 0; k < options->regimes.count; k++)
        if (!check_regime(options, k, dataset->generator != NULL, error))
            return false;
    if (dataset->drop > 0)
        return error_set(error, "dataset.drop moves the rows at which a stream changes; leave one "
                                "of them out");
    if (dataset->split.context)
        return error_set(error, "dataset.split.context adds rows to the regimes; leave one of "
                                "them out");
    return check_sequence(options, error) && check_online(&options->online, task, error);
}

/* --- visits ----------------------------------------------------------------------------------- */

static void make_visits(const struct stream_options *options, int rows, struct stream *stream,
                        struct arena *arena) {
    int count = count_visits(options);
    stream->rows = rows;
    stream->visit_count = count;
    stream->visits = ARENA_NEW(arena, struct visit, count);
    for (int v = 0; v < count; v++) {
        struct visit *visit = &stream->visits[v];
        visit->regime =
            options->sequence.count > 0 ? find_regime(options, options->sequence.items[v]) : v;
        visit->start = v == 0                       ? 0
                       : options->changes.count > 0 ? options->changes.items[v - 1]
                                                    : (int)((long)rows * v / count);
        if (v > 0)
            stream->visits[v - 1].end = visit->start;
        visit->end = rows;
    }
}

static bool check_visits(const struct stream_options *options, const struct stream *stream,
                         struct error *error) {
    if (options->online.steps > stream->rows)
        return error_set(error,
                         "online.steps: an update looks back at %d rows, but the stream has %d; "
                         "lower it or raise rows",
                         options->online.steps, stream->rows);
    for (int v = 0; v < stream->visit_count; v++) {
        const struct visit *visit = &stream->visits[v];
        int rows = visit->end - visit->start - (v == 0 ? stream->warm_up : 0);
        int needed = 2 * options->smooth + (v > 0 ? options->gradual : 0);
        if (rows < needed)
            return error_set(error,
                             "rows: visit %d has %d rows%s, too few to tell a level from: at least "
                             "%d (twice \"smooth\"%s); raise rows or lower smooth",
                             v + 1, rows < 0 ? 0 : rows, v == 0 ? " after the warm-up" : "", needed,
                             options->gradual > 0 && v > 0 ? ", and \"gradual\"" : "");
    }
    return true;
}

/* shares [rows][regimes]: 1 for the regime in force; on the way from one to the next both. */
static double *make_shares(const struct stream_options *options, const struct stream *stream,
                           struct arena *arena) {
    size_t regimes = options->regimes.count;
    double *shares = ARENA_NEW(arena, double, (size_t)stream->rows *regimes);
    for (int v = 0; v < stream->visit_count; v++) {
        const struct visit *visit = &stream->visits[v];
        for (int row = visit->start; row < visit->end; row++) {
            int since = row - visit->start;
            double own =
                v > 0 && since < options->gradual ? (since + 0.5) / (double)options->gradual : 1;
            shares[(size_t)row * regimes + (size_t)visit->regime] = own;
            if (own < 1)
                shares[(size_t)row * regimes + (size_t)visit[-1].regime] = 1 - own;
        }
    }
    return shares;
}

/* --- generated -------------------------------------------------------------------------------- */

static const cJSON **merge_parameters(const struct stream_options *options,
                                      const struct dataset *dataset, cJSON *kept,
                                      struct arena *arena) {
    const struct regime_options *regimes = options->regimes.items;
    const cJSON **merged = ARENA_NEW(arena, const cJSON *, options->regimes.count);
    for (size_t k = 0; k < options->regimes.count; k++) {
        cJSON *own = json_merged(dataset->options->parameters, regimes[k].parameters);
        cJSON_AddItemToArray(kept, own);
        merged[k] = own;
    }
    return merged;
}

/* Nobody could know at the end of a visit what comes of a sudden change. */
static void cut_at_changes(const struct dataset *dataset, struct stream *stream) {
    size_t width = (size_t)dataset->width;
    for (int s = 0; s < stream->split.series_count; s++)
        for (int v = 1; v < stream->visit_count; v++)
            for (int left = 0; left < dataset->horizon; left++) {
                int row = stream->visits[v].start - 1 - left;
                if (row >= 0)
                    cut_forecast(dataset, left, stream->split.series[s].y + (size_t)row * width);
            }
}

static bool make_generated(const struct stream_options *options, const struct dataset *dataset,
                           bool for_validation, struct arena *arena, struct stream *stream,
                           struct error *error) {
    const struct generator_type *type = generator_find(dataset->options->generator);
    int series = options->series > 0 ? options->series : STREAM_SERIES;
    int rows = options->rows > 0 ? options->rows : VISIT_ROWS * count_visits(options);
    const char *purpose = for_validation ? "generate validation stream" : "generate stream";
    if (!check_changes(options, rows, error))
        return false;
    make_visits(options, rows, stream, arena);
    if (!check_visits(options, stream, error))
        return false;
    cJSON *kept = cJSON_CreateArray();
    const struct generator_drift drift = {(int)options->regimes.count,
                                          merge_parameters(options, dataset, kept, arena),
                                          make_shares(options, stream, arena)};
    bool made;
    if (generator_can_drift(type, &drift)) {
        struct dataset_options own = *dataset->options;
        struct dataset longer = *dataset;
        own.rows = rows;
        longer.options = &own;
        made =
            dataset_load_drifting(&longer, &drift, series, purpose, arena, &stream->split, error);
        if (made && options->gradual == 0)
            cut_at_changes(dataset, stream);
    } else {
        made = splice_generated(dataset, &drift, rows, series, for_validation, arena,
                                &stream->split, error);
    }
    cJSON_Delete(kept);
    return made;
}

/* --- real data -------------------------------------------------------------------------------- */

static bool load_regime(const struct regime_options *regime, const struct dataset *dataset,
                        struct arena *arena, struct split *split, struct error *error) {
    bool loaded = regime->rows.count > 0
                      ? dataset_load_rest(dataset, NULL, regime->rows.items[0],
                                          regime->rows.items[1], arena, split, error)
                      : dataset_load_shifted(dataset, NULL, &regime->files, arena, split, error);
    return loaded || error_prefix(error, "%s", regime->rows.count > 0 ? "rows" : "files");
}

/* As many rows as the regime that comes to its end first allows, when visits are equally long. */
static int rows_available(const struct stream_options *options, const struct split *regimes,
                          int series) {
    int visits = count_visits(options), min = MAX_ROWS / visits;
    for (size_t k = 0; k < options->regimes.count; k++) {
        const struct regime_options *own = options->regimes.items;
        int times = options->sequence.count == 0;
        for (size_t v = 0; v < options->sequence.count; v++)
            times += strcmp(options->sequence.items[v], own[k].name) == 0;
        for (int s = 0; s < series && times > 0; s++) {
            int rows = splice_rows(&regimes[k], s, series) / times;
            min = rows < min ? rows : min;
        }
    }
    return min * visits;
}

static bool make_spliced(const struct stream_options *options, const struct dataset *dataset,
                         struct arena *arena, struct stream *stream, struct error *error) {
    size_t count = options->regimes.count;
    const struct regime_options *own = options->regimes.items;
    struct split *regimes = ARENA_NEW(arena, struct split, count);
    int series = 0;
    for (size_t k = 0; k < count; k++) {
        if (!load_regime(&own[k], dataset, arena, &regimes[k], error))
            return error_prefix(error, "regimes[%zu]", k);
        if (k == 0 || regimes[k].series_count < series)
            series = regimes[k].series_count;
    }
    if (options->series > series)
        return error_set(error, "series: %d, but the regimes have %d in common", options->series,
                         series);
    series = options->series > 0 ? options->series : series;
    int rows = options->rows > 0 ? options->rows : rows_available(options, regimes, series);
    if (!check_changes(options, rows, error))
        return false;
    make_visits(options, rows, stream, arena);
    if (!check_visits(options, stream, error))
        return false;
    const struct splice splice = {.dataset = dataset,
                                  .regimes = regimes,
                                  .regime_count = (int)count,
                                  .shares = make_shares(options, stream, arena),
                                  .rows = rows,
                                  .series = series};
    return splice_make(&splice, arena, &stream->split, error);
}

/* --- both ------------------------------------------------------------------------------------- */

/* Rows of the validation series, as one visit. */
static void take_validation(const struct dataset *dataset, struct arena *arena,
                            struct stream *stream) {
    stream->split = dataset->valid;
    stream->visit_count = 1;
    stream->visits = ARENA_NEW(arena, struct visit, 1);
    for (int s = 0; s < dataset->valid.series_count; s++)
        if (dataset->valid.series[s].rows > stream->rows)
            stream->rows = dataset->valid.series[s].rows;
    stream->visits[0].end = stream->rows;
}

bool stream_make(const struct stream_options *options, const struct dataset *dataset,
                 bool for_validation, struct arena *arena, struct stream *stream,
                 struct error *error) {
    *stream = (struct stream){.warm_up = dataset->task_options->window};
    if (dataset->options->generator != NULL)
        return make_generated(options, dataset, for_validation, arena, stream, error);
    if (for_validation) {
        take_validation(dataset, arena, stream);
        return true;
    }
    return make_spliced(options, dataset, arena, stream, error);
}
