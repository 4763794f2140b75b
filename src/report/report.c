#include "report/report.h"

#include "base/file.h"
#include "report/contents.h"
#include "report/export/export_latex.h"
#include "report/export/exporter.h"
#include "report/plots/plot.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

/* A new exporter is a constant in a file of export/ and a line here. */
#define EXPORTERS(X)                                                                               \
    X(html)                                                                                        \
    X(markdown)                                                                                    \
    X(latex)                                                                                       \
    X(json)                                                                                        \
    X(measurements)                                                                                \
    X(summary)                                                                                     \
    X(comparisons)                                                                                 \
    X(robustness)                                                                                  \
    X(rollouts)                                                                                    \
    X(errors)                                                                                      \
    X(classes)                                                                                     \
    X(confusion)                                                                                   \
    X(curves)                                                                                      \
    X(measures)                                                                                    \
    X(hypotheses)                                                                                  \
    X(predictions)                                                                                 \
    X(trials)

#define DECLARE(name) extern const struct exporter exporter_##name;
EXPORTERS(DECLARE)

#define ENTRY(name) &exporter_##name,
static const struct exporter *const exporters[] = {EXPORTERS(ENTRY)};

struct export {
    const struct exporter *exporter;
    const struct contents *contents;
};

static void print_export(FILE *out, const void *data) {
    const struct export *export = data;
    export->exporter->write(export->contents, out);
}

static bool export_file(const struct exporter *exporter, const struct contents *contents,
                        const char *directory, struct error *error) {
    struct arena arena = {0};
    const char *path = path_join(&arena, directory, exporter->file);
    bool written = file_print(path, print_export, &(struct export){exporter, contents}, error);
    arena_free(&arena);
    return written;
}

/* Runs that share a results folder may come to their reports at the same time. They write the same,
 * but one removes the pictures that the other is about to read: so one waits for the other. Where
 * the file system knows no locks, nobody waits. */
static int lock_folder(const char *directory) {
    int folder = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder >= 0)
        flock(folder, LOCK_EX);
    return folder;
}

/* One of the tables that report.tex takes in. */
struct latex_export {
    const struct section *section;
    const struct report_table *table;
};

static void print_latex_table(FILE *out, const void *data) {
    const struct latex_export *export = data;
    latex_table(out, export->section, export->table);
}

static bool write_latex_tables(const struct contents *contents, const char *directory,
                               struct error *error) {
    struct arena arena = {0};
    bool written = file_make_directory(path_join(&arena, directory, "tables"), error);
    for (size_t s = 0; s < contents->section_count; s++) {
        const struct section *section = &contents->sections[s];
        for (size_t t = 0; written && t < section->table_count; t++) {
            struct latex_export export = {section, &section->tables[t]};
            const char *file = latex_table_file(section, export.table, &arena);
            if (!export.table->details)
                written = file_print(path_join(&arena, directory, file), print_latex_table, &export,
                                     error);
        }
    }
    arena_free(&arena);
    return written;
}

static bool write_all(const struct results *results, const char *directory,
                      const struct report_options *options, struct error *error) {
    struct arena arena = {0};
    struct contents contents = contents_make(results, &arena);
    bool written = contents_choose_columns(&contents, options->columns, &arena, error) &&
                   plots_draw(&contents, directory, options->pdf, &arena, error) &&
                   write_latex_tables(&contents, directory, error);
    for (size_t e = 0; written && e < sizeof exporters / sizeof exporters[0]; e++)
        written = export_file(exporters[e], &contents, directory, error);
    arena_free(&arena);
    return written;
}

/* What reports that were killed as they wrote have left. */
static void remove_leftovers(const char *directory) {
    const double abandoned = 3600;
    file_remove_temporaries(directory, "plots", abandoned);
    for (size_t e = 0; e < sizeof exporters / sizeof exporters[0]; e++)
        file_remove_temporaries(directory, exporters[e]->file, abandoned);
}

bool report_write(const struct results *results, const char *directory,
                  const struct report_options *options, struct error *error) {
    if (!file_make_directory(directory, error))
        return false;
    int lock = lock_folder(directory);
    remove_leftovers(directory);
    bool written = write_all(results, directory, options, error);
    if (lock >= 0)
        close(lock);
    return written;
}
