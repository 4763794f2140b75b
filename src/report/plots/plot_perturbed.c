#include "report/plots/plot_perturbed.h"

#include "base/text_stream.h"
#include "report/plots/plot.h"

#include <stdlib.h>

enum { MAX_PANELS = 4, MAX_ROWS = 300, PANEL = 190, MARGIN = 60 }; /* pixels */

/* One input of a series as gnuplot data; absent rows leave a gap. */
static void put_values(FILE *script, const struct dataset *dataset, const struct series *series,
                       int input) {
    struct scaling scaling = series_scaling(dataset, series);
    for (int t = 0; t < series->rows && t < MAX_ROWS; t++) {
        double value = (double)series->x[(size_t)t * (size_t)dataset->inputs + (size_t)input];
        value = value * scaling.input_scale[input] + scaling.input_offset[input];
        if (series->present != NULL && series->present[t] == 0)
            fprintf(script, "%.9g NaN\n", series->time[t]);
        else
            fprintf(script, "%.9g %.9g\n", series->time[t], value);
    }
    fputs("EOD\n", script);
}

static void put_panel(FILE *script, const struct dataset *dataset, const struct series *clean,
                      const struct series *perturbed, int input) {
    fprintf(script, "$clean%d << EOD\n", input);
    put_values(script, dataset, clean, input);
    fprintf(script, "$perturbed%d << EOD\n", input);
    put_values(script, dataset, perturbed, input);
    fputs("set ylabel ", script);
    put_quoted(script, dataset->input_names[input]);
    fprintf(script,
            "\nplot $clean%d with lines linewidth 3 linecolor rgb '#b0b0b0' title 'clean', "
            "$perturbed%d with linespoints pointtype 7 pointsize 0.3 linewidth 1 linecolor rgb "
            "'#0072b2' title 'perturbed'\n",
            input, input);
    fputs("unset key\n", script); /* one is enough */
}

bool perturbed_plot(const struct dataset *dataset, const struct perturbation_type *type,
                    double severity, const char *path, struct error *error) {
    struct arena arena = {0};
    struct text_stream commands;
    FILE *script = text_stream_open(&commands);
    struct split split = perturb(type, severity, 0, dataset, &dataset->test, &arena);
    int values = dataset->inputs - dataset->flags;
    int panels = values < MAX_PANELS ? values : MAX_PANELS;
    fprintf(script, "set multiplot layout %d,1 title ", panels);
    put_quoted(script, arena_printf(&arena, "%s, severity %g: %s, %s", type->title, severity,
                                    dataset->name, dataset->test.series->name));
    fputs("\nset key top right inside vertical\nset lmargin 9\n", script);
    for (int i = 0; i < panels; i++) {
        if (i == panels - 1)
            fputs("set xlabel 'time'\n", script);
        put_panel(script, dataset, dataset->test.series, split.series, i);
    }
    fputs("unset multiplot\n", script);
    bool drawn = plot_write(path, WIDE_PLOT, PANEL * panels + MARGIN,
                            text_stream_close(&commands, &arena), error);
    arena_free(&arena);
    return drawn;
}
