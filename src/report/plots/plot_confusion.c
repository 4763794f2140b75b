/* The confusion matrix of the best network, dark where much is predicted: readable with many classes. */
#include "report/plots/plot.h"
#include "report/results/breakdown.h"

#include <math.h>

enum { CELL = 44, SMALL_CELL = 13, FEW_CLASSES = 12, LABEL_CHARACTER = 8, AROUND = 130 };

static bool draw(const struct section *section, struct drawing *drawing) {
    const struct dataset_results *dataset = section->results;
    const struct trial *trial = trial_with_classes(dataset);
    const struct model_results *best =
        dataset->metric_count > 0 ? best_model(dataset, 0, 0, dataset->network_count) : NULL;
    size_t classes = trial != NULL ? trial->class_count : 0, longest = 0;
    double *shares =
        classes > 1 && best != NULL ? confusion_shares(best, classes, drawing->arena) : NULL;
    if (shares == NULL)
        return false;
    FILE *script = drawing->script;
    bool few = classes <= FEW_CLASSES;
    fputs("$shares << END\n", script);
    for (size_t c = 0; c < classes; c++) {
        size_t length = 0;
        for (const char *s = trial->classes[c].name; *s != '\0'; s++)
            length += ((unsigned char)*s & 0xC0) != 0x80;
        longest = length > longest ? length : longest;
        for (size_t p = 0; p < classes; p++)
            fprintf(script, "%zu %zu %.4g\n", p, c,
                    isnan(shares[c * classes + p]) ? 0 : 100 * shares[c * classes + p]);
    }
    fputs("END\nset size square\nset yrange [] reverse\nunset grid\nunset key\n"
          "set xlabel 'predicted class'\nset ylabel 'true class'\n"
          "set cblabel '% of the true class' textcolor rgb '#333333'\nset cbrange [0:100]\n"
          "set palette defined (0 '#ffffff', 50 '#7fb3d5', 100 '#08306b')\n",
          script);
    put_class_tics(script, 'x', trial);
    put_class_tics(script, 'y', trial);
    fputs(few && longest * LABEL_CHARACTER < CELL ? "" : "set xtics rotate by 90 right\n", script);
    if (!few)
        fputs("set tics font ',9'\n", script);
    fprintf(script, "set xrange [-0.5:%zu.5]\nset yrange [%zu.5:-0.5]\n", classes - 1, classes - 1);
    fputs("plot $shares using 1:2:3 with image pixels notitle", script);
    if (few)
        fputs(
            ", $shares using 1:2:(sprintf('%.0f', $3)):($3 > 50 ? 0xffffff : 0x222222) with labels "
            "font ',12' textcolor rgb variable notitle",
            script);
    fputs("\n", script);
    int side = (int)classes * (few ? CELL : SMALL_CELL) + AROUND;
    longest = longest > 20 ? 20 : longest;
    drawing->height = side < PLOT_HEIGHT ? PLOT_HEIGHT : side;
    drawing->width = drawing->height + AROUND / 2 + LABEL_CHARACTER * (int)longest;
    drawing->description = arena_printf(
        drawing->arena,
        "Confusion matrix of %s on the test of %s: per cent of the steps of each true class (row) "
        "that each class was predicted for (column), all seeds together.",
        best->name, dataset->title);
    return true;
}

const struct plot_type plot_confusion = {"confusion", "Confusion matrix", "confusion", draw};
