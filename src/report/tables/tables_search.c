#include "report/tables/format.h"
#include "report/tables/tables.h"

#include <string.h>

static struct report_cell name_cell(const struct dataset_results *dataset, const char *model) {
    for (size_t m = 0; m < dataset->model_count; m++)
        if (strcmp(dataset->models[m].name, model) == 0)
            return model_cell(&dataset->models[m]);
    return (struct report_cell){.text = model};
}

static bool is_number(const char *text) {
    return text != NULL && strspn(text, "+-.0123456789eE") == strlen(text);
}

/* A column for each field that any model has searched. */
static void add_setting_columns(struct report_table *table, const struct search_results *search) {
    for (size_t i = 0; i < search->count; i++)
        for (size_t s = 0; s < search->tunings[i].setting_count; s++) {
            const struct setting *setting = &search->tunings[i].settings[s];
            size_t c = 1;
            while (c < table->column_count && strcmp(table->columns[c].title, setting->path) != 0)
                c++;
            if (c == table->column_count)
                table_add_column(table, setting->path, !is_number(setting->value));
        }
}

struct report_table table_settings(const struct dataset_results *dataset,
                                   const struct search_results *search, struct arena *arena) {
    size_t count = search != NULL ? search->count : 0, fields = 0;
    for (size_t i = 0; i < count; i++)
        fields += search->tunings[i].setting_count;
    struct report_table table = table_new("settings", "Chosen settings", count, fields + 1, arena);
    if (count == 0)
        return table;
    table.note = "by the best validation score of the search";
    table_add_column(&table, "model", true);
    add_setting_columns(&table, search);
    for (size_t i = 0; i < count; i++) {
        struct report_cell *row = table_add_row(&table);
        row[0] = name_cell(dataset, search->tunings[i].model);
        for (size_t c = 1; c < table.column_count; c++) {
            const char *value = tuning_setting(&search->tunings[i], table.columns[c].title);
            row[c].text = value != NULL ? value : NO_VALUE;
        }
    }
    return table;
}

struct report_table table_search(const struct dataset_results *dataset,
                                 const struct search_results *search, struct arena *arena) {
    static const double shares[] = {0.25, 0.5, 1};
    static const char *const titles[] = {"after 1/4", "after 1/2", "after all"};
    enum { SHARES = sizeof shares / sizeof shares[0] };
    size_t count = search != NULL ? search->count : 0;
    struct report_table table =
        table_new("search", "Search for settings", count, 5 + SHARES, arena);
    if (count == 0)
        return table;
    table.note = arena_printf(
        arena,
        "%s; best validation %s so far, after a quarter, a half and all of the budget of epochs; "
        "the chosen settings were then trained from fresh seeds for the test scores",
        search->method, search->metric);
    table_add_column(&table, "model", true);
    table_add_column(&table, "trials", false);
    table_add_column(&table, "failed", false);
    table_add_column(&table, "budget", false);
    table_add_column(&table, "spent", false);
    for (size_t s = 0; s < SHARES; s++)
        table_add_column(&table, titles[s], false);
    for (size_t i = 0; i < count; i++) {
        const struct tuning *tuning = &search->tunings[i];
        struct report_cell *row = table_add_row(&table);
        size_t steps = tuning->step_count;
        *row++ = name_cell(dataset, tuning->model);
        row++->text = arena_printf(arena, "%zu", steps);
        row++->text = arena_printf(arena, "%zu", tuning->failed);
        row++->text = arena_printf(arena, "%.0f", tuning->budget);
        row++->text = arena_printf(arena, "%.0f", steps > 0 ? tuning->steps[steps - 1].epochs : 0);
        for (size_t s = 0; s < SHARES; s++, row++) {
            double best = tuning_best_after(tuning, shares[s] * tuning->budget);
            row->text = format_number(arena, best, 4);
            row->best = search_leader(search, shares[s]) == tuning;
        }
    }
    return table;
}
