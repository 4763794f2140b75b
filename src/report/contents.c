#include "report/contents.h"

#include "report/tables/tables.h"

#include <ctype.h>
#include <string.h>

/* Letters, digits, '-', '_' and '.' stay; a number makes the name unique where that is not enough.
 */
static const char *make_anchor(const struct contents *contents, const char *title,
                               struct arena *arena) {
    char *anchor = arena_strdup(arena, title[0] == '\0' ? "data" : title);
    for (char *c = anchor; *c != '\0'; c++)
        if (!isalnum((unsigned char)*c) && (c == anchor || strchr("-_.", *c) == NULL))
            *c = '_';
    if (strlen(anchor) > 100)
        anchor[100] = '\0';
    for (size_t s = 0; s < contents->section_count; s++)
        if (strcmp(contents->sections[s].anchor, anchor) == 0)
            return arena_printf(arena, "%s-%zu", anchor, contents->section_count + 1);
    return anchor;
}

static const char *make_subtitle(const struct dataset_results *dataset, struct arena *arena) {
    size_t min = (size_t)-1, max = 0;
    for (size_t m = 0; m < dataset->network_count; m++) {
        size_t count = dataset->models[m].trial_count;
        min = count < min ? count : min;
        max = count > max ? count : max;
    }
    const char *separator = dataset->task[0] == '\0' ? "" : " · ";
    if (max == 0)
        return dataset->task;
    if (min == max)
        return arena_printf(arena, "%s%s%zu seed%s", dataset->task, separator, max,
                            max == 1 ? "" : "s");
    return arena_printf(arena, "%s%s%zu to %zu seeds", dataset->task, separator, min, max);
}

enum { MAX_TABLES = 35 };

static void add_table(struct section *section, struct report_table table) {
    if (table.row_count > 0)
        section->tables[section->table_count++] = table;
}

static const struct search_results *search_of(const struct contents *contents,
                                              const struct dataset_results *dataset) {
    const struct results *results = contents->results;
    for (size_t e = 0; e < results->experiment_count; e++)
        if (strcmp(results->experiments[e].name, dataset->experiment) == 0)
            return results->experiments[e].search;
    return NULL;
}

static struct section make_section(const struct contents *contents,
                                   const struct dataset_results *dataset, struct arena *arena) {
    struct section section = {
        .results = dataset,
        .search = search_of(contents, dataset),
        .title = dataset->title,
        .anchor = make_anchor(contents, dataset->title, arena),
        .subtitle = make_subtitle(dataset, arena),
        .pairs = pairs_make(dataset, arena),
        .degradations = degradations_make(dataset, arena),
        .published = published_make(dataset, arena),
        .tables = ARENA_NEW(arena, struct report_table, MAX_TABLES),
    };
    const struct degradations *degradations = &section.degradations;
    add_table(&section, table_scores(dataset, true, arena));
    add_table(&section, table_published(&section.published, arena));
    add_table(&section, table_search(dataset, section.search, arena));
    add_table(&section, table_settings(dataset, section.search, arena));
    add_table(&section, table_failures(dataset, arena));
    add_table(&section, table_differences(dataset, &section.pairs, arena));
    add_table(&section, table_pairs(dataset, &section.pairs, arena));
    add_table(&section, table_targets(dataset, arena));
    add_table(&section, table_horizon(dataset, arena));
    add_table(&section, table_classes(dataset, arena));
    add_table(&section, table_class_scores(dataset, arena));
    add_table(&section, table_confusion(dataset, arena));
    add_table(&section, table_faults(dataset, degradations, arena));
    add_table(&section, table_robustness(dataset, degradations, arena));
    add_table(&section, table_corruption(dataset, degradations, arena));
    add_table(&section, table_noise(dataset, arena));
    add_table(&section, table_ood(dataset, arena));
    add_table(&section, table_rollout(dataset, arena));
    add_table(&section, table_stream(dataset, arena));
    add_table(&section, table_changes(dataset, arena));
    add_table(&section, table_ladder(dataset, arena));
    add_table(&section, table_gradient_lag(dataset, arena));
    add_table(&section, table_training(dataset, arena));
    add_table(&section, table_sizes(dataset, arena));
    add_table(&section, table_rates(dataset, arena));
    add_table(&section, table_splits(dataset, arena));
    add_table(&section, table_cost(dataset, arena));
    add_table(&section, table_exports(dataset, arena));
    add_table(&section, table_statistics(dataset, arena));
    add_table(&section, table_trials(dataset, arena));
    section.findings = findings_make(dataset, &section.pairs, degradations, &section.published,
                                     section.search, arena);
    return section;
}

static struct section make_hypotheses(const struct contents *contents,
                                      const struct hypotheses *hypotheses, struct arena *arena) {
    struct section section = {
        .hypotheses = hypotheses,
        .title = "Hypotheses",
        .anchor = make_anchor(contents, "hypotheses", arena),
        .subtitle =
            arena_printf(arena, "stated in the config before the numbers; %zu of %zu tested",
                         hypotheses->tested, hypotheses->count),
        .tables = ARENA_NEW(arena, struct report_table, MAX_TABLES),
    };
    add_table(&section, table_hypotheses(hypotheses, true, arena));
    add_table(&section, table_hypothesis_units(hypotheses, arena));
    section.findings = findings_hypotheses(hypotheses, arena);
    return section;
}

static struct section make_across(const struct contents *contents, const struct across *across,
                                  struct arena *arena) {
    struct section section = {
        .across = across,
        .title = "Across data sets",
        .anchor = make_anchor(contents, "across", arena),
        .subtitle = arena_printf(arena, "%zu networks on %zu data sets", across->model_count,
                                 across->dataset_count),
        .tables = ARENA_NEW(arena, struct report_table, MAX_TABLES),
    };
    add_table(&section, table_ranks(across, arena));
    section.findings = findings_across(across, arena);
    return section;
}

const struct report_table *section_table(const struct section *section, const char *name) {
    for (size_t t = 0; t < section->table_count; t++)
        if (strcmp(section->tables[t].name, name) == 0)
            return &section->tables[t];
    return NULL;
}

static void make_notes(struct contents *contents, struct arena *arena) {
    const struct results *results = contents->results;
    contents->notes =
        ARENA_NEW(arena, const char *, results->experiment_count + results->problem_count + 1);
    for (size_t e = 0; e < results->experiment_count; e++) {
        const struct experiment_results *experiment = &results->experiments[e];
        if (experiment->missing_count > 0)
            contents->notes[contents->note_count++] = arena_printf(
                arena,
                "%s: %zu of %zu planned trials have no result yet (the first: %s); `liquidbench "
                "run` goes on with them.",
                experiment->name, experiment->missing_count, experiment->planned,
                experiment->missing[0]);
    }
    for (size_t p = 0; p < results->problem_count; p++)
        contents->notes[contents->note_count++] = results->problems[p];
}

/* The experiments' names, of many the first two. */
static const char *make_title(const struct results *results, struct arena *arena) {
    enum { MANY = 6 };
    size_t count = results->experiment_count, named = count < MANY ? count : 2;
    const char *title = "";
    for (size_t e = 0; e < named; e++)
        title =
            arena_printf(arena, "%s%s%s", title, e == 0 ? "" : ", ", results->experiments[e].name);
    return named == count ? title : arena_printf(arena, "%s and %zu more", title, count - named);
}

struct contents contents_make(const struct results *results, struct arena *arena) {
    struct contents contents = {.results = results, .title = ""};
    contents.title = make_title(results, arena);
    contents.sections = ARENA_NEW(arena, struct section, results->dataset_count + 3);
    struct hypotheses *hypotheses = ARENA_NEW(arena, struct hypotheses, 1);
    *hypotheses = hypotheses_make(results, arena);
    if (hypotheses->count > 0) {
        contents.sections[0] = make_hypotheses(&contents, hypotheses, arena);
        contents.section_count = 1;
    }
    struct across *across = ARENA_NEW(arena, struct across, 1);
    if (across_make(results, arena, across)) {
        contents.sections[contents.section_count] = make_across(&contents, across, arena);
        contents.section_count++;
    }
    for (size_t d = 0; d < results->dataset_count; d++) {
        contents.sections[contents.section_count] =
            make_section(&contents, &results->datasets[d], arena);
        contents.section_count++;
    }
    make_notes(&contents, arena);
    return contents;
}

/* ---- Chosen columns ---- */

/* "MSE ↑" is "mse": what a shell needs no quotes for. */
static const char *column_name(const char *title, struct arena *arena) {
    char *name = arena_strdup(arena, title);
    char *arrow = strstr(name, " ↑");
    arrow = arrow != NULL ? arrow : strstr(name, " ↓");
    if (arrow != NULL)
        *arrow = '\0';
    for (char *c = name; *c != '\0'; c++)
        *c = *c == ' ' ? '_' : (char)tolower((unsigned char)*c);
    return name;
}

static const char *column_names(const struct report_table *table, struct arena *arena) {
    const char *names = "";
    for (size_t c = 0; c < table->column_count; c++)
        names = arena_printf(arena, "%s%s%s", names, c > 0 ? ", " : "",
                             column_name(table->columns[c].title, arena));
    return names;
}

static struct report_table choose(const struct report_table *table, const size_t *chosen,
                                  size_t count, struct arena *arena) {
    struct report_table narrow = *table;
    narrow.columns = ARENA_NEW(arena, struct report_column, count);
    narrow.cells = ARENA_NEW(arena, struct report_cell, count * table->row_count);
    narrow.column_count = count;
    for (size_t i = 0; i < count; i++) {
        narrow.columns[i] = table->columns[chosen[i]];
        for (size_t r = 0; r < table->row_count; r++)
            narrow.cells[r * count + i] = table->cells[r * table->column_count + chosen[i]];
    }
    return narrow;
}

/* Which columns of the table the list names, in its order; marks the names found. */
static size_t find_columns(const struct report_table *table, const struct string_list *wanted,
                           bool *found, size_t *chosen, struct arena *arena) {
    size_t count = 0;
    for (size_t i = 0; i < wanted->count; i++)
        for (size_t c = 0; c < table->column_count; c++)
            if (strcmp(column_name(table->columns[c].title, arena), wanted->items[i]) == 0) {
                found[i] = true;
                chosen[count++] = c;
            }
    return count;
}

bool contents_choose_columns(struct contents *contents, const char *list, struct arena *arena,
                             struct error *error) {
    if (list == NULL)
        return true;
    struct string_list wanted = {0};
    char *rest = arena_strdup(arena, list);
    for (char *name = strsep(&rest, ","); name != NULL; name = strsep(&rest, ",")) {
        wanted.items = arena_grow(arena, (void *)wanted.items, wanted.count, sizeof *wanted.items);
        wanted.items[wanted.count++] = column_name(name, arena);
    }
    bool *found = ARENA_NEW(arena, bool, wanted.count);
    const char *known = "there is no table of scores";
    for (size_t s = 0; s < contents->section_count; s++) {
        struct section *section = &contents->sections[s];
        for (size_t t = 0; t < section->table_count; t++) {
            struct report_table *table = &section->tables[t];
            if (strcmp(table->name, "scores") != 0)
                continue;
            size_t *chosen = ARENA_NEW(arena, size_t, wanted.count * table->column_count);
            size_t count = find_columns(table, &wanted, found, chosen, arena);
            known = arena_printf(arena, "choose from %s", column_names(table, arena));
            *table = choose(table, chosen, count, arena);
        }
    }
    for (size_t i = 0; i < wanted.count; i++)
        if (!found[i])
            return error_set(error, "--columns: there is no column \"%s\"; %s", wanted.items[i],
                             known);
    return true;
}
