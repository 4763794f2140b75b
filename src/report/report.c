#include "report/report.h"

#include "base/file.h"
#include "report/contents.h"
#include "report/exporter.h"
#include "report/plot.h"

#include <stdlib.h>

static const struct exporter *const exporters[] = {
    &exporter_html,         &exporter_markdown, &exporter_latex,       &exporter_json,
    &exporter_measurements, &exporter_summary,  &exporter_comparisons, &exporter_robustness,
    &exporter_rollouts,     &exporter_trials,
};

static bool export_file(const struct exporter *exporter, const struct contents *contents,
                        const char *directory, struct error *error) {
    struct arena arena = {0};
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL)
        return error_set(error, "%s: no memory to write it", exporter->file);
    exporter->write(contents, out);
    bool whole = !ferror(out);
    whole = fclose(out) == 0 && whole;
    whole = whole ? file_write(path_join(&arena, directory, exporter->file), text, size, error)
                  : error_set(error, "%s: no memory to write it", exporter->file);
    free(text);
    arena_free(&arena);
    return whole;
}

bool report_write(const struct results *results, const char *directory, struct error *error) {
    struct arena arena = {0};
    struct contents contents = contents_make(results, &arena);
    bool written =
        file_make_directory(directory, error) && plots_draw(&contents, directory, &arena, error);
    for (size_t e = 0; written && e < sizeof exporters / sizeof exporters[0]; e++)
        written = export_file(exporters[e], &contents, directory, error);
    arena_free(&arena);
    return written;
}
