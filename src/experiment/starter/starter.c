#include "experiment/starter/starter.h"

#include "base/file.h"
#include "base/installed.h"
#include "base/string_list.h"
#include "config/match.h"
#include "data/pipeline/roles.h"
#include "data/pipeline/source.h"
#include "data/text/time_format.h"
#include "evaluate/statistics.h"
#include "experiment/run/estimate.h"
#include "experiment/run/queue.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What may be changed until the run fits the budget. */
struct knobs {
    int window, stride, epochs, seeds, parameters;
};

struct config_draft {
    const struct starter_request *request;
    struct table table;
    struct roles roles;
    const char *time_format; /* of the dates, where they are not ISO 8601; or NULL */
    const char *task;
    struct string_list targets, inputs;
    bool drifts; /* the end of a forecast lies beyond what the beginning has shown */
    struct knobs knobs;
    struct arena *arena;
};

enum { MAX_EPOCHS = 150, FEWEST_EPOCHS = 20, FULL_SEEDS = 5, FEWEST_SEEDS = 3 };

/* --- task and columns ------------------------------------------------------------------------ */

static size_t first_with(const struct config_draft *draft, enum column_use use) {
    for (size_t i = 0; i < draft->table.column_count; i++)
        if (draft->roles.columns[i].use == use)
            return i;
    return NO_COLUMN;
}

/* The task follows from the first target: a text is a class. Without a target that is asked for, a
 * lone column called as classes are is one; else all signals are forecast. */
static bool choose_task(struct config_draft *draft, struct error *error) {
    draft->targets = draft->request->targets;
    draft->task = "forecast";
    for (size_t i = 0; i < draft->targets.count; i++) {
        size_t position;
        if (!table_find(&draft->table, draft->targets.items[i], &position, error))
            return error_prefix(error, "--target");
        enum column_use use = draft->roles.columns[position].use;
        if (use == USE_TIME || use == USE_GROUP)
            return error_set(error, "--target: column \"%s\" of %s %s; choose another",
                             draft->targets.items[i], draft->request->csv,
                             use == USE_TIME ? "is the time" : "tells series apart");
        if (use == USE_CLASS || draft->table.columns[position].type == COLUMN_LABEL)
            draft->task = "classification";
    }
    size_t label = first_with(draft, USE_CLASS);
    if (draft->targets.count == 0 && label != NO_COLUMN &&
        column_is_called_class(draft->table.columns[label].name)) {
        draft->task = "classification";
        draft->targets.items = ARENA_NEW(draft->arena, const char *, 1);
        draft->targets.items[draft->targets.count++] = draft->table.columns[label].name;
    }
    return true;
}

static bool predicts_classes(const struct config_draft *draft) {
    return strcmp(draft->task, "classification") == 0;
}

static const char *list_columns(const struct config_draft *draft, enum column_use use,
                                bool with_reason) {
    enum { MAX_NAMED = 8 };
    const char *list = "";
    size_t count = 0;
    for (size_t i = 0; i < draft->table.column_count; i++) {
        const struct column_role *role = &draft->roles.columns[i];
        if (role->use != use || string_list_has(&draft->targets, draft->table.columns[i].name))
            continue;
        if (++count > MAX_NAMED)
            continue;
        list = arena_printf(draft->arena, "%s%s%s%s%s%s", list, count == 1 ? "" : ", ",
                            draft->table.columns[i].name, with_reason && *role->why ? " (" : "",
                            with_reason ? role->why : "", with_reason && *role->why ? ")" : "");
    }
    return count > MAX_NAMED
               ? arena_printf(draft->arena, "%s and %zu more", list, count - MAX_NAMED)
               : list;
}

/* There is no signal: says of a column of numbers what is wrong in it, else of all why they are none. */
static bool refuse_columns(const struct config_draft *draft, struct error *error) {
    const struct table *table = &draft->table;
    for (size_t i = 0; i < table->column_count; i++)
        if (draft->roles.columns[i].use == USE_NONE && table->columns[i].mostly_numbers)
            return column_refuse_numbers(table, i, error);
    const char *left_out = list_columns(draft, USE_NONE, true);
    return error_set(error, "%s: no column is a signal that a model could learn from%s%s",
                     draft->request->csv, left_out[0] != '\0' ? "; left out: " : "", left_out);
}

/* All signals; of a classification without the class itself. */
static bool choose_inputs(struct config_draft *draft, struct error *error) {
    const struct table *table = &draft->table;
    draft->inputs.items = ARENA_NEW(draft->arena, const char *, table->column_count);
    for (size_t i = 0; i < table->column_count; i++)
        if ((draft->roles.columns[i].use == USE_SIGNAL ||
             (!predicts_classes(draft) &&
              string_list_has(&draft->targets, table->columns[i].name))) &&
            !(predicts_classes(draft) && string_list_has(&draft->targets, table->columns[i].name)))
            draft->inputs.items[draft->inputs.count++] = table->columns[i].name;
    return draft->inputs.count > 0 || refuse_columns(draft, error);
}

static const struct column *column_of(const struct config_draft *draft, const char *name) {
    size_t position;
    struct error ignored;
    return table_find(&draft->table, name, &position, &ignored) ? &draft->table.columns[position]
                                                                : NULL;
}

/* Yes or no, as of holidays. */
static bool is_flag(const struct config_draft *draft, const char *name) {
    const struct column *column = column_of(draft, name);
    for (size_t r = 0; r < draft->table.rows; r++)
        if (!isnan(column->values[r]) && column->values[r] != 0 && column->values[r] != 1)
            return false;
    return true;
}

/* Without targets that are asked for all inputs are forecast, except flags beside other signals. */
static void leave_out_flags(struct config_draft *draft) {
    if (draft->targets.count > 0)
        return;
    struct string_list signals = {.items =
                                      ARENA_NEW(draft->arena, const char *, draft->inputs.count)};
    for (size_t i = 0; i < draft->inputs.count; i++)
        if (!is_flag(draft, draft->inputs.items[i]))
            signals.items[signals.count++] = draft->inputs.items[i];
    if (signals.count > 0 && signals.count < draft->inputs.count)
        draft->targets = signals;
}

/* Errors of targets whose deviations differ much can only be added up in scaled units. */
static bool has_unlike_targets(const struct config_draft *draft) {
    double smallest = INFINITY, largest = 0;
    const struct string_list *targets = draft->targets.count > 0 ? &draft->targets : &draft->inputs;
    for (size_t i = 0; i < targets->count; i++) {
        const struct column *column = column_of(draft, targets->items[i]);
        double deviation = summarize(column->values, draft->table.rows).deviation;
        smallest = fmin(smallest, deviation);
        largest = fmax(largest, deviation);
    }
    return !predicts_classes(draft) && largest > 3 * smallest;
}

/* Whether the last rows of a signal lie outside what the first ones, which are trained on, have shown:
 * their means differ by more than a deviation. Several series do not share a level. */
static bool draft_drifts(const struct config_draft *draft) {
    size_t border = draft->table.rows * 7 / 10;
    if (predicts_classes(draft) || draft->roles.series > 1)
        return false;
    for (size_t i = 0; i < draft->inputs.count; i++) {
        const struct column *column = column_of(draft, draft->inputs.items[i]);
        struct summary early = summarize(column->values, border);
        struct summary late = summarize(column->values + border, draft->table.rows - border);
        if (fabs(late.mean - early.mean) > early.deviation)
            return true;
    }
    return false;
}

/* --- sizes ----------------------------------------------------------------------------------- */

/* Rows a week of data with a row a day: 5 where there are none at weekends. */
static double days_a_week(const struct config_draft *draft) {
    const struct column *time = &draft->table.columns[draft->roles.time];
    double first = INFINITY, last = -INFINITY, week = 7 * 86400.0;
    for (size_t r = 0; r < draft->table.rows; r++) {
        first = fmin(first, time->values[r]);
        last = fmax(last, time->values[r]);
    }
    double days = week * (double)(draft->roles.rows - 1) / (last - first);
    return draft->roles.series == 1 && days > 4.5 && days < 5.2 ? 5 : 7;
}

/* Rows in a season of data that is dated: a day, a week or a year, whichever is the shortest of
 * more than three rows. */
static int season_of(const struct config_draft *draft) {
    static const double seasons[] = {86400, 7 * 86400.0, 365.2425 * 86400};
    const struct roles *roles = &draft->roles;
    if (roles->time == NO_COLUMN || draft->table.columns[roles->time].type != COLUMN_TIME)
        return 0;
    for (size_t i = 0; i < sizeof seasons / sizeof seasons[0]; i++) {
        double rows = round(seasons[i] / roles->step);
        if (rows == 7 && roles->step == 86400)
            rows = days_a_week(draft);
        if (rows > 3 && 3 * rows < (double)roles->rows && rows < 1000)
            return (int)rows;
    }
    return 0;
}

/* A window that fits into the smallest split (15 % of a series) and spans a season if it can. */
static struct knobs first_knobs(const struct config_draft *draft) {
    double rows = (double)draft->roles.rows, room = floor(0.15 * rows) - 2;
    int season = season_of(draft);
    double window = fmin(64, fmax(8, rows / 20));
    if (season > 0 && season <= 96)
        window = fmax(window, fmin(season + 1, 97));
    size_t width = draft->inputs.count +
                   (draft->targets.count > 0 ? draft->targets.count : draft->inputs.count);
    return (struct knobs){
        .window = (int)fmax(2, fmin(window, room)),
        .stride = 1,
        .epochs = MAX_EPOCHS,
        .seeds = FULL_SEEDS,
        .parameters = (int)fmax(1500, 60 * (double)width),
    };
}

/* --- the config ------------------------------------------------------------------------------ */

static void add_names(cJSON *object, const char *key, const struct string_list *names) {
    if (names->count == 1)
        cJSON_AddStringToObject(object, key, names->items[0]);
    else if (names->count > 1)
        cJSON_AddItemToObject(object, key,
                              cJSON_CreateStringArray(names->items, (int)names->count));
}

/* The data file relative to the config's folder, where it lies below that; else its full path. */
static const char *relative_path(const char *file, const char *config_path, struct arena *arena) {
    char *full = realpath(file, NULL);
    char *folder = realpath(path_directory(arena, config_path), NULL);
    const char *path = full != NULL ? arena_strdup(arena, full) : file;
    size_t length = folder != NULL ? strlen(folder) : 0;
    if (full != NULL && length > 1 && strncmp(full, folder, length) == 0 && full[length] == '/')
        path += length + 1;
    free(full);
    free(folder);
    return path;
}

static void add_dataset(const struct config_draft *draft, cJSON *config) {
    const struct table *table = &draft->table;
    const struct roles *roles = &draft->roles;
    const struct starter_request *request = draft->request;
    cJSON *dataset = cJSON_AddObjectToObject(config, "dataset");
    cJSON_AddStringToObject(dataset, "csv",
                            relative_path(request->csv, request->config_path, draft->arena));
    if (roles->time != NO_COLUMN)
        cJSON_AddStringToObject(dataset, "time", table->columns[roles->time].name);
    if (roles->time != NO_COLUMN && draft->time_format != NULL)
        cJSON_AddStringToObject(dataset, "time_format", draft->time_format);
    if (roles->group != NO_COLUMN)
        cJSON_AddStringToObject(dataset, "group", table->columns[roles->group].name);
    if (roles->time != NO_COLUMN && !roles->is_sorted)
        cJSON_AddStringToObject(dataset, "order", "sort");
    add_names(dataset, "inputs", &draft->inputs);
    add_names(dataset, "targets", &draft->targets);
    if (roles->has_missing)
        cJSON_AddStringToObject(dataset, "missing", "mask");
    if (season_of(draft) > 0)
        cJSON_AddNumberToObject(dataset, "period", season_of(draft));
}

static void add_task(const struct config_draft *draft, cJSON *config) {
    cJSON *task = cJSON_AddObjectToObject(config, "task");
    cJSON_AddStringToObject(task, "type", draft->task);
    if (draft->drifts) {
        cJSON_AddStringToObject(task, "at", "last");
        cJSON_AddStringToObject(task, "normalize", "last");
    }
    cJSON_AddNumberToObject(task, "window", draft->knobs.window);
    cJSON_AddNumberToObject(task, "stride", draft->knobs.stride);
}

/* Each kind of model at the same number of parameters, with a rate that suits it. */
static void add_models(cJSON *config, const struct knobs *knobs) {
    cJSON_AddItemToObject(
        config, "models",
        cJSON_Parse(
            "[{\"cell\": \"lstm\", \"train\": {\"learning_rate\": 0.005}},"
            " {\"cell\": \"gru\", \"train\": {\"learning_rate\": 0.005}},"
            " {\"cell\": \"cfc\", \"backbone\": {\"units\": 16},"
            "  \"train\": {\"learning_rate\": 0.003}},"
            " {\"cell\": \"ltc\"},"
            " {\"name\": \"ncp\", \"cell\": \"ltc\", \"wiring\": {\"type\": \"auto_ncp\"}}]"));
    cJSON *match = cJSON_AddObjectToObject(config, "match");
    cJSON_AddNumberToObject(match, "parameters", knobs->parameters);
}

static void add_train(cJSON *config, const struct knobs *knobs) {
    cJSON *train = cJSON_AddObjectToObject(config, "train");
    cJSON_AddNumberToObject(train, "learning_rate", 0.01);
    cJSON_AddNumberToObject(train, "batch", 16);
    cJSON_AddNumberToObject(train, "clip_norm", 1);
    cJSON_AddNumberToObject(train, "epochs", knobs->epochs);
    cJSON_AddNumberToObject(train, "patience", knobs->epochs > 60 ? 20 : 10);
    cJSON *schedule = cJSON_AddObjectToObject(train, "schedule");
    cJSON_AddStringToObject(schedule, "type", "cosine");
}

/* Noise, lost rows and, where half of the test's rows still fill a window, half the rate. */
static void add_evaluation(const struct config_draft *draft, cJSON *config) {
    cJSON *evaluate = cJSON_AddObjectToObject(config, "evaluate");
    if (has_unlike_targets(draft))
        cJSON_AddStringToObject(evaluate, "units", "scaled");
    cJSON_AddItemToObject(evaluate, "noise",
                          cJSON_Parse("{\"types\": [\"gaussian\", \"dropout\"],"
                                      " \"severities\": [0.1, 0.2, 0.4]}"));
    double halved = 0.15 * (double)draft->roles.rows / 2;
    if (!predicts_classes(draft) && halved > draft->knobs.window + 3)
        cJSON_AddItemToObject(evaluate, "ood",
                              cJSON_Parse("[{\"name\": \"half-rate\", \"resample\": 0.5}]"));
}

/* Where the schema is that came with the program, so that editors find it from any folder. */
static void add_schema(cJSON *config) {
    struct arena arena = {0};
    const char *folders[INSTALLED_FOLDERS];
    char *path = NULL;
    installed_folders("configs", folders, &arena);
    for (size_t i = 0; path == NULL && i < INSTALLED_FOLDERS; i++)
        path = realpath(path_join(&arena, folders[i], "experiment.schema.json"), NULL);
    const char *uri = "file://";
    for (const char *c = path; c != NULL && *c != '\0'; c++)
        uri = isalnum((unsigned char)*c) || strchr("/._~-", *c) != NULL
                  ? arena_printf(&arena, "%s%c", uri, *c)
                  : arena_printf(&arena, "%s%%%02X", uri, (unsigned char)*c);
    if (path != NULL)
        cJSON_AddStringToObject(config, "$schema", uri);
    free(path);
    arena_free(&arena);
}

static cJSON *write_config(const struct config_draft *draft) {
    cJSON *config = cJSON_CreateObject();
    add_schema(config);
    cJSON_AddStringToObject(config, "name", draft->request->name);
    add_dataset(draft, config);
    add_task(draft, config);
    add_models(config, &draft->knobs);
    add_train(config, &draft->knobs);
    add_evaluation(draft, config);
    int seeds[FULL_SEEDS];
    for (int i = 0; i < draft->knobs.seeds; i++)
        seeds[i] = i;
    cJSON_AddItemToObject(config, "seeds", cJSON_CreateIntArray(seeds, draft->knobs.seeds));
    return config;
}

/* --- the budget ------------------------------------------------------------------------------ */

/* Seconds that the config's run takes with all processors, and its training windows. */
static bool measure(const struct config_draft *draft, double *seconds, size_t *windows,
                    struct error *error) {
    struct arena arena = {0};
    struct experiment experiment;
    struct dataset dataset;
    struct plan plan;
    bool planned =
        experiment_read(&experiment, draft->request->config_path, write_config(draft), error) &&
        dataset_load(&dataset, &experiment.dataset, &experiment.task, &arena, error) &&
        match_models(&experiment, &dataset, error) &&
        plan_make(&plan, &experiment, &dataset, &arena, error);
    if (planned) {
        enum { START_SECONDS = 4 }; /* reading, and drawing the report */
        const struct run_options usual = {0};
        const struct trial_plan **trials;
        size_t count;
        planned = queue_select(&plan, &usual, &trials, &count, &arena, error);
        size_t jobs = planned ? (size_t)run_jobs(&usual, trials, count) : 0;
        *seconds = START_SECONDS + estimate_trials(&plan, trials, count, jobs, 0.02, NULL);
        *windows = dataset.train.window_count;
    }
    experiment_free(&experiment);
    arena_free(&arena);
    return planned;
}

/* Turns the knobs by the factor that the estimate is over the budget: fewer epochs, then fewer
 * overlapping windows, then fewer seeds, then smaller models. False when all are at their end. */
static bool turn(struct knobs *knobs, double factor, size_t windows) {
    enum { ENOUGH_WINDOWS = 200, FEWEST_PARAMETERS = 500 };
    if (knobs->epochs > FEWEST_EPOCHS) {
        knobs->epochs = (int)fmax(FEWEST_EPOCHS, knobs->epochs / factor);
    } else if (knobs->stride < knobs->window && windows > ENOUGH_WINDOWS) {
        double stride = fmin(ceil(knobs->stride * factor), knobs->window);
        knobs->stride = (int)fmax(stride, knobs->stride + 1);
    } else if (knobs->seeds > FEWEST_SEEDS) {
        knobs->seeds--;
    } else if (knobs->parameters > FEWEST_PARAMETERS) {
        knobs->parameters = (int)fmax(FEWEST_PARAMETERS, knobs->parameters / factor);
    } else {
        return false;
    }
    return true;
}

/* Windows that overlap by half hold all that there is to see; the epochs are worth more. */
static bool fit_budget(struct config_draft *draft, double *seconds, struct error *error) {
    if (!draft->drifts) /* a window's last step alone is scored there */
        draft->knobs.stride = draft->knobs.window > 3 ? draft->knobs.window / 4 : 1;
    for (int round = 0; round < 20; round++) {
        size_t windows;
        if (!measure(draft, seconds, &windows, error))
            return false;
        double factor = *seconds / draft->request->seconds;
        if (factor <= 1 || !turn(&draft->knobs, factor * 1.05, windows))
            break;
    }
    return true;
}

/* --- the summary ----------------------------------------------------------------------------- */

static const char *step_text(const struct config_draft *draft) {
    const struct roles *roles = &draft->roles;
    static const struct {
        double seconds;
        const char *unit;
    } units[] = {
        {86400 * 7, "week"}, {86400, "day"}, {3600, "hour"}, {60, "minute"}, {1, "second"}};
    if (draft->table.columns[roles->time].type != COLUMN_TIME)
        return arena_printf(draft->arena, "numbers, %g apart", roles->step);
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        double count = roles->step / units[i].seconds;
        if (count >= 1 && count == floor(count))
            return arena_printf(draft->arena, "dates, a row every %g %s%s", count, units[i].unit,
                                count == 1 ? "" : "s");
    }
    return arena_printf(draft->arena, "dates, %g seconds apart", roles->step);
}

static void add_line(const struct config_draft *draft, const char **summary, const char *title,
                     const char *text) {
    if (text[0] != '\0')
        *summary = arena_printf(draft->arena, "%s  %-9s %s\n", *summary, title, text);
}

static const char *summarise(const struct config_draft *draft, double seconds) {
    const struct roles *roles = &draft->roles;
    const struct knobs *knobs = &draft->knobs;
    struct arena *arena = draft->arena;
    const char *text = arena_printf(arena, "%s: %zu rows, %zu columns\n", draft->request->csv,
                                    draft->table.rows, draft->table.column_count);
    if (roles->time != NO_COLUMN)
        add_line(draft, &text, "time",
                 arena_printf(arena, "%s (%s%s)", draft->table.columns[roles->time].name,
                              step_text(draft), roles->is_sorted ? "" : "; rows get sorted"));
    else
        add_line(draft, &text, "time", "none: rows are taken as equally spaced");
    if (roles->group != NO_COLUMN)
        add_line(draft, &text, "series",
                 arena_printf(arena, "%zu, told apart by %s", roles->series,
                              draft->table.columns[roles->group].name));
    add_line(draft, &text, "inputs", list_columns(draft, USE_SIGNAL, false));
    const char *targets = "the inputs, one step ahead";
    for (size_t i = 0; i < draft->targets.count; i++)
        targets = arena_printf(arena, "%s%s%s", i == 0 ? "" : targets, i == 0 ? "" : ", ",
                               draft->targets.items[i]);
    add_line(draft, &text, predicts_classes(draft) ? "class" : "predict", targets);
    add_line(draft, &text, "left out", list_columns(draft, USE_NONE, true));
    const char *labels = list_columns(draft, USE_CLASS, true);
    add_line(draft, &text, "left out",
             labels[0] == '\0' ? ""
                               : arena_printf(arena, "%s; --target NAME classifies by it", labels));
    if (draft->drifts)
        add_line(
            draft, &text, "level",
            "drifts: each window is taken relative to its last value (such models cannot stream)");
    if (roles->has_missing)
        add_line(draft, &text, "missing", "values are masked: models are told what was observed");
    add_line(draft, &text, "models",
             arena_printf(arena, "lstm, gru, cfc, ltc and ncp of %d parameters, %d seeds each",
                          knobs->parameters, knobs->seeds));
    add_line(
        draft, &text, "training",
        arena_printf(arena, "windows of %d rows, at most %d epochs", knobs->window, knobs->epochs));
    add_line(draft, &text, "time taken",
             arena_printf(arena, "at most %.0f s on this machine", ceil(seconds)));
    return text;
}

/* --- everything ------------------------------------------------------------------------------ */

static bool check_rows(const struct config_draft *draft, struct error *error) {
    enum { FEWEST_ROWS = 30 };
    return draft->roles.rows >= FEWEST_ROWS ||
           error_set(error,
                     "%s: %s of %zu row%s %s too short to train, validate and test on; at least %d "
                     "are needed",
                     draft->request->csv, draft->roles.series > 1 ? "series" : "a series",
                     draft->roles.rows, draft->roles.rows == 1 ? "" : "s",
                     draft->roles.series > 1 ? "are" : "is", FEWEST_ROWS);
}

/* The first column of text that is dates in one usual format; NULL: there is none, or better. */
static const struct column *find_formatted_time(struct config_draft *draft) {
    for (size_t i = 0; i < draft->table.column_count; i++)
        if (draft->table.columns[i].type == COLUMN_TIME)
            return NULL;
    for (size_t i = 0; i < draft->table.column_count; i++) {
        const struct column *column = &draft->table.columns[i];
        struct time_formats formats =
            time_formats_find(column->labels, column->label_count, draft->arena);
        if (formats.format != NULL && formats.other == NULL) {
            draft->time_format = formats.format;
            return column;
        }
    }
    return NULL;
}

static bool read_file(struct config_draft *draft, struct error *error) {
    const char *path = draft->request->csv;
    struct dataset_options reading = {0};
    struct stat status;
    if (stat(path, &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode))
        return error_set(
            error, "%s: cannot be read again when the config is run; save it as a file", path);
    if (!table_read(&reading, path, &draft->table, error))
        return false;
    const struct column *time = find_formatted_time(draft);
    if (time == NULL)
        return true;
    const char *name = arena_strdup(draft->arena, time->name);
    reading.times = (struct string_list){1, &name};
    reading.time = name;
    reading.time_format = draft->time_format;
    table_free(&draft->table);
    return table_read(&reading, path, &draft->table, error);
}

bool starter_make(const struct starter_request *request, struct starter *starter,
                  struct arena *arena, struct error *error) {
    *starter = (struct starter){0};
    struct config_draft draft = {.request = request, .arena = arena};
    if (!read_file(&draft, error))
        return false;
    notes_print(&draft.table.notes);
    draft.roles = roles_find(&draft.table, arena);
    bool made =
        check_rows(&draft, error) && choose_task(&draft, error) && choose_inputs(&draft, error);
    if (made) {
        leave_out_flags(&draft);
        draft.drifts = draft_drifts(&draft);
        draft.knobs = first_knobs(&draft);
        made = fit_budget(&draft, &starter->seconds, error);
    }
    if (made) {
        starter->config = write_config(&draft);
        starter->summary = summarise(&draft, starter->seconds);
    }
    table_free(&draft.table);
    return made;
}
