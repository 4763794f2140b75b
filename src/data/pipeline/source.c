#include "data/pipeline/source.h"

#include "base/suggest.h"
#include "base/utf8.h"
#include "data/catalogue/card.h"
#include "data/formats/idx.h"
#include "data/formats/long_format.h"
#include "data/formats/npy.h"
#include "data/formats/npz.h"
#include "data/formats/ts_format.h"
#include "data/formats/wide_format.h"
#include "data/generators/generator.h"
#include "data/pipeline/outcomes.h"
#include "data/text/csv.h"
#include "math/random.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>

const char *const role_names[ROLE_COUNT] = {"train", "valid", "test"};

const cJSON *split_part(const struct split_options *split, enum role role) {
    return role == ROLE_TRAIN ? split->train : role == ROLE_VALID ? split->valid : split->test;
}

/* A string or a list of them: patterns, groups or a range, as the method has it. */
static bool is_text(const cJSON *json) {
    return cJSON_IsString(json) || cJSON_IsArray(json);
}

static bool has_text(const struct split_options *split) {
    return is_text(split->train) || is_text(split->valid) || is_text(split->test);
}

bool split_has_patterns(const struct split_options *split) {
    return split->method == SPLIT_FILES && has_text(split);
}

bool split_has_periods(const struct split_options *split) {
    return split->method == SPLIT_CHRONOLOGICAL && has_text(split);
}

/* Text that the method has no use for, such as a list of files where time divides. */
static bool check_texts(const struct split_options *split, struct error *error) {
    bool by_time = split->method == SPLIT_CHRONOLOGICAL;
    for (enum role role = ROLE_TRAIN; role < ROLE_COUNT; role++) {
        const cJSON *json = split_part(split, role);
        if (!is_text(json) || split->method == SPLIT_FILES || split->method == SPLIT_GROUPS)
            continue;
        if (by_time && cJSON_IsString(json) && strstr(json->valuestring, "..") != NULL)
            continue;
        return error_set(
            error, "dataset.split: lists of files need \"method\": \"files\", lists of groups "
                   "\"groups\"; a range of times is written as \"2015-01-01..2015-12-31\" and "
                   "needs \"chronological\"");
    }
    return true;
}

/* --- files ----------------------------------------------------------------------------------- */

static bool read_text(const struct dataset_options *options, const char *path, struct table *table,
                      struct error *error) {
    struct csv_options csv = {
        .delimiter = delimiter_mark(options),
        .decimal = decimal_mark(options),
        .thousands = thousands_mark(options),
        .header = options->header > 0 ? (enum csv_header)(options->header - 1) : CSV_HEADER_DETECT,
        .comment = options->comment,
        .skip = options->skip,
        .missing_tokens = options->missing_tokens,
        .keep_na = options->keep_na,
        .time = options->times,
        .time_format = options->time_format,
        .group = options->group,
        .variable = options->variable,
        .categorical = options->categorical,
        .labels = options->has_classes ? options->targets : (struct string_list){0},
    };
    return csv_read(path, &csv, table, error);
}

/* Turns a table of another format into one of a time a row. */
static bool reshape(const struct dataset_options *options, struct table *table,
                    struct error *error) {
    struct long_columns columns = {options->time,
                                   options->variable,
                                   options->value,
                                   options->group,
                                   options->categorical,
                                   options->time_grid,
                                   options->repeats == REPEATS_MEAN};
    if ((options->format != FORMAT_LONG || table_from_long(table, &columns, error)) &&
        (options->format != FORMAT_WIDE || table_from_wide(table, error)))
        return true;
    table_free(table);
    return false;
}

static bool is_ts(const struct dataset_options *options, const char *path) {
    return options->format != 0 ? options->format == FORMAT_TS : path_ends_with(path, ".ts");
}

bool table_read(const struct dataset_options *options, const char *path, struct table *table,
                struct error *error) {
    bool read = is_ts(options, path)                      ? ts_read(path, table, error)
                : path_ends_with(path, ".npy")            ? npy_read(path, table, error)
                : path_ends_with(path, ".npz")            ? npz_read(path, table, error)
                : strstr(path_name(path), "-idx") != NULL ? idx_read(path, table, error)
                                                          : read_text(options, path, table, error);
    if (!read || !reshape(options, table, error))
        return false;
    table_index(table);
    return true;
}

static struct source *add_source(struct sources *sources, const char *name, enum role role) {
    sources->items = mem_grow(sources->items, sources->count, sizeof *sources->items);
    struct source *source = &sources->items[sources->count++];
    *source = (struct source){.name = name, .role = role};
    return source;
}

bool sources_add_file(struct sources *sources, const char *path, struct error *error) {
    sources->files = mem_grow(sources->files, sources->file_count, sizeof *sources->files);
    struct data_file *file = &sources->files[sources->file_count++];
    *file = (struct data_file){.path = path};
    return file_sha256(path, file->sha256, error);
}

/* A file that two patterns of one split match is read once; one in two splits would be a leak. */
static bool is_new_file(const struct sources *sources, const char *path, enum role role,
                        bool *is_new, struct error *error) {
    *is_new = true;
    for (size_t i = 0; i < sources->file_count; i++) {
        if (strcmp(sources->files[i].path, path) != 0)
            continue;
        *is_new = false;
        if (sources->items[i].role != role)
            return error_set(error, "dataset.split: %s is in both \"%s\" and \"%s\"", path,
                             role_names[sources->items[i].role], role_names[role]);
    }
    return true;
}

static bool read_source(const struct dataset_options *options, const char *path, enum role role,
                        struct arena *arena, struct sources *sources, struct error *error) {
    bool is_new;
    if (!utf8_is_valid(path)) /* it gets into records and reports */
        return error_set(error, "%s: the name of the file is not UTF-8; rename it", path);
    if (!is_new_file(sources, path, role, &is_new, error))
        return false;
    if (!is_new)
        return true;
    path = arena_strdup(arena, path);
    struct table table;
    if (!table_read(options, path, &table, error))
        return false;
    add_source(sources, path_name(path), role)->table = table;
    return sources_add_file(sources, path, error);
}

/* Reads the files that one pattern matches, sorted by name (as glob() sorts them in the C locale).
 * Where a file has exactly that name, with a bracket or a star in it, it is meant. */
static bool read_pattern(const struct dataset_options *options, const char *pattern, enum role role,
                         struct arena *arena, struct sources *sources, struct error *error) {
    const char *full = options->path != NULL ? path_join(arena, options->path, pattern) : pattern;
    if (file_exists(full))
        return read_source(options, full, role, arena, sources, error);
    glob_t found;
    int status = glob(full, 0, NULL, &found);
    if (status != 0)
        return error_set(error, "%s: %s", full,
                         status == GLOB_NOMATCH ? "no such file" : "cannot list files");
    bool read = true;
    for (size_t i = 0; i < found.gl_pathc && read; i++)
        read = read_source(options, found.gl_pathv[i], role, arena, sources, error);
    globfree(&found);
    return read;
}

static bool can_be_fetched(const char *name) {
    struct error ignored;
    cJSON *card = name != NULL ? card_load(name, &ignored) : NULL;
    bool can = cJSON_HasObjectItem(card, "fetch");
    cJSON_Delete(card);
    return can;
}

static bool check_folder(const struct dataset_options *options, struct error *error) {
    const char *name = options->name != NULL ? options->name : "it";
    if (options->path == NULL || file_is_directory(options->path))
        return true;
    bool fetchable = can_be_fetched(options->name);
    return error_set(
        error,
        "dataset.path: there is no folder %s; %s%s%ssay where the files are with "
        "`--set dataset.path=FOLDER`, or set LIQUIDBENCH_DATA to the folder that holds "
        "%s/",
        options->path, fetchable ? "get it with `liquidbench data fetch " : "",
        fetchable ? name : "", fetchable ? "`, " : "", name);
}

bool sources_read(const struct dataset_options *options, const struct string_list *patterns,
                  enum role role, struct arena *arena, struct sources *sources,
                  struct error *error) {
    for (size_t i = 0; i < patterns->count; i++)
        if (!read_pattern(options, patterns->items[i], role, arena, sources, error))
            return false;
    return true;
}

/* Split by file patterns: each list is read for its own role. */
static bool read_roles(const struct dataset_options *options, struct arena *arena,
                       struct sources *sources, struct error *error) {
    for (enum role role = ROLE_TRAIN; role < ROLE_COUNT; role++) {
        const cJSON *json = split_part(&options->split, role);
        if (role == ROLE_VALID && !is_text(json))
            continue; /* a share of the training windows */
        if (!is_text(json))
            return error_set(error,
                             "dataset.split.%s: must be a list of file patterns as the others are",
                             role_names[role]);
        const cJSON *item = cJSON_IsString(json) ? json : json->child;
        size_t before = sources->count;
        for (; item != NULL; item = cJSON_IsString(json) ? NULL : item->next) {
            if (!cJSON_IsString(item))
                return error_set(error, "dataset.split.%s: must be a list of file patterns",
                                 role_names[role]);
            struct string_list one = {1, (const char **)&item->valuestring};
            if (!sources_read(options, &one, role, arena, sources, error))
                return error_prefix(error, "dataset.split.%s", role_names[role]);
        }
        if (sources->count == before)
            return error_set(error, "dataset.split.%s: names no file", role_names[role]);
    }
    return true;
}

/* Inputs that no file measures become columns; one that is nearly called as another is a slip and is
 * left out, for columns_choose() to refuse. */
static void add_never_observed(const struct string_list *inputs, struct table *all,
                               struct table *first) {
    for (size_t i = 0; i < inputs->count; i++) {
        struct suggestion nearest = {.wanted = inputs->items[i]};
        bool is_there = false;
        for (size_t k = 0; k < all->column_count; k++) {
            suggestion_offer(&nearest, all->columns[k].name);
            is_there = is_there || strcmp(all->columns[k].name, inputs->items[i]) == 0;
        }
        if (is_there || nearest.nearest != NULL)
            continue;
        table_add_unmeasured(all, inputs->items[i]);
        notes_add(&first->notes, &first->arena, NULL,
                  "input \"%s\" is in no file: it counts as never observed", inputs->items[i]);
    }
}

/* Every file has a column of each variable that any of them measures, and with flags that say what
 * was observed also of the inputs that none does. */
static void unify_variables(const struct dataset_options *options, struct sources *sources) {
    struct table all = {0};
    for (size_t i = 0; i < sources->count; i++)
        for (size_t k = 0; k < sources->items[i].table.column_count; k++)
            table_add_unmeasured(&all, sources->items[i].table.columns[k].name);
    if (missing_has_flags(options->missing))
        add_never_observed(&options->inputs, &all, &sources->items[0].table);
    for (size_t i = 0; i < sources->count; i++)
        for (size_t k = 0; k < all.column_count; k++)
            table_add_unmeasured(&sources->items[i].table, all.columns[k].name);
    table_free(&all);
}

/* --- generators ------------------------------------------------------------------------------ */

static void hash_table(const struct table *table, char sha256[SHA256_TEXT]) {
    struct arena arena = {0};
    char *digests = arena_alloc(&arena, table->column_count * SHA256_TEXT);
    for (size_t i = 0; i < table->column_count; i++)
        bytes_sha256(table->columns[i].values, table->rows * sizeof(double),
                     digests + i * SHA256_TEXT);
    bytes_sha256(digests, table->column_count * SHA256_TEXT, sha256);
    arena_free(&arena);
}

/* `drift` NULL: with the same parameters throughout. */
static bool generate_series(const struct dataset_options *options, const cJSON *parameters,
                            const struct generator_drift *drift, int count, const char *purpose,
                            struct arena *arena, struct sources *sources, struct error *error) {
    const struct generator_type *type = generator_find(options->generator);
    char *digests = arena_alloc(arena, (size_t)count * SHA256_TEXT);
    for (int i = 0; i < count; i++) {
        /* A stream for each series, so that more series do not change the first ones. */
        const char *stream = arena_printf(arena, "%s %s %d", purpose, type->name, i);
        gsl_rng *rng = random_stream((uint64_t)options->seed, stream);
        struct table table;
        bool generated =
            drift != NULL ? generator_run_drifting(type, drift, options->rows, rng, &table, error)
                          : generator_run(type, parameters, i, options->rows, rng, &table, error);
        gsl_rng_free(rng);
        if (!generated)
            return error_prefix(error, "dataset");
        hash_table(&table, digests + (size_t)i * SHA256_TEXT);
        add_source(sources, arena_printf(arena, "series %d", i + 1), ROLE_ANY)->table = table;
    }
    bytes_sha256(digests, (size_t)count * SHA256_TEXT, sources->sha256);
    return true;
}

bool sources_generate(const struct dataset_options *options, const cJSON *parameters, int count,
                      const char *purpose, struct arena *arena, struct sources *sources,
                      struct error *error) {
    return generate_series(options, parameters, NULL, count, purpose, arena, sources, error);
}

bool sources_generate_drifting(const struct dataset_options *options,
                               const struct generator_drift *drift, int count, const char *purpose,
                               struct arena *arena, struct sources *sources, struct error *error) {
    return generate_series(options, NULL, drift, count, purpose, arena, sources, error);
}

/* --- both ------------------------------------------------------------------------------------ */

static void hash_files(struct sources *sources) {
    struct arena arena = {0};
    char *digests = arena_alloc(&arena, sources->file_count * SHA256_TEXT);
    for (size_t i = 0; i < sources->file_count; i++)
        memcpy(digests + i * SHA256_TEXT, sources->files[i].sha256, SHA256_TEXT);
    bytes_sha256(digests, sources->file_count * SHA256_TEXT, sources->sha256);
    arena_free(&arena);
}

bool sources_load(const struct dataset_options *options, struct arena *arena,
                  struct sources *sources, struct error *error) {
    bool has_patterns = split_has_patterns(&options->split);
    if (!check_texts(&options->split, error))
        return false;
    if (options->generator != NULL && (has_patterns || options->csv.count > 0))
        return error_set(error, "dataset: has both a generator and files; keep one of them");
    if (options->generator != NULL)
        return sources_generate(options, options->parameters, options->series, "generate", arena,
                                sources, error);
    if (options->parameters != NULL)
        return error_set(error, "dataset.parameters: belong to a generator, and there is none");
    if (!check_folder(options, error))
        return false;
    if (has_patterns && !read_roles(options, arena, sources, error))
        return false;
    if (!has_patterns && options->csv.count == 0)
        return error_set(error, "dataset: needs \"csv\", \"generator\" or the \"name\" of a "
                                "built-in data set");
    if (!has_patterns && !sources_read(options, &options->csv, ROLE_ANY, arena, sources, error))
        return error_prefix(error, "dataset.csv");
    if (!outcomes_add(options, arena, sources, error))
        return false;
    if (options->format == FORMAT_LONG)
        unify_variables(options, sources);
    hash_files(sources);
    return true;
}

/* The first file or pattern that a config names, or NULL. */
static const char *first_pattern(const struct dataset_options *options) {
    if (options->csv.count > 0)
        return options->csv.items[0];
    const cJSON *json = split_has_patterns(&options->split) ? options->split.train : NULL;
    return cJSON_GetStringValue(cJSON_IsArray(json) ? json->child : json);
}

/* Whether the first file that the pattern matches has timestamps. */
static bool first_has_times(const struct dataset_options *options, const char *pattern) {
    struct arena scratch = {0};
    glob_t found = {0};
    const char *full =
        options->path != NULL ? path_join(&scratch, options->path, pattern) : pattern;
    bool has_times = file_exists(full)
                         ? ts_has_times(full)
                         : glob(full, 0, NULL, &found) == 0 && ts_has_times(found.gl_pathv[0]);
    globfree(&found);
    arena_free(&scratch);
    return has_times;
}

const struct dataset_options *options_by_format(const struct dataset_options *options,
                                                const char *task, struct arena *arena) {
    static const char *label = LABEL_COLUMN;
    const char *path = first_pattern(options);
    struct dataset_options *own = ARENA_NEW(arena, struct dataset_options, 1);
    *own = *options;
    own->time = options->times.count > 0 ? csv_time_name(&options->times, arena) : NULL;
    own->has_classes = strcmp(task, "classification") == 0;
    if (options->format != FORMAT_WIDE && !(path != NULL && is_ts(options, path)))
        return own;
    if (own->group == NULL)
        own->group = SERIES_COLUMN;
    if (own->time == NULL && path != NULL && is_ts(options, path) && first_has_times(options, path))
        own->time = TIME_COLUMN;
    if (own->targets.count == 0 && strcmp(task, "forecast") != 0)
        own->targets = (struct string_list){1, &label};
    return own;
}

size_t source_row(const struct source *source, size_t row) {
    return source->order != NULL ? source->order[row] : row;
}

void sources_free(struct sources *sources) {
    for (size_t i = 0; i < sources->count; i++) {
        table_free(&sources->items[i].table);
        free(sources->items[i].classes);
    }
    free(sources->items);
    free(sources->files);
    *sources = (struct sources){0};
}
