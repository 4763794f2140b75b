/* Parts of gnuplot scripts that plots share. */
#include "base/printable.h"
#include "report/plots/plot.h"
#include "report/tables/format.h"

#include <math.h>
#include <string.h>

enum { MAX_KEY_CHARACTERS = 40, KEY_CHARACTER = 9, KEY_SAMPLE = 70, KEY_ROW = 27 }; /* pixels */
enum { MAX_SHOWN = 10, MAX_BASELINES_SHOWN = 3 };

struct shown models_shown(const struct dataset_results *dataset) {
    struct shown shown = {0};
    shown.count = select_models(dataset, MAX_SHOWN, MAX_BASELINES_SHOWN, shown.models);
    return shown;
}

const char *shown_note(const struct shown *shown, const struct dataset_results *dataset,
                       struct arena *arena) {
    size_t not_finite = 0;
    for (size_t m = 0; m < shown->count; m++)
        for (size_t c = 0; c < dataset->condition_count; c++)
            not_finite += scores_at(dataset, shown->models[m], c, 0)->summary.not_finite;
    const char *best = shown->count == dataset->model_count
                           ? ""
                           : arena_printf(arena, ", the best %zu of %zu models", shown->count,
                                          dataset->model_count);
    return arena_printf(arena, "%s%s", best,
                        not_finite > 0 ? "; scores that are not finite are not drawn" : "");
}

int key_height(const struct shown *shown, int width) {
    size_t longest = 1;
    for (size_t m = 0; m < shown->count; m++) {
        size_t length = strlen(shown->models[m]->name);
        longest = length > longest ? length : longest;
    }
    longest = longest > MAX_KEY_CHARACTERS ? MAX_KEY_CHARACTERS : longest;
    int columns = (width - 100) / (KEY_CHARACTER * (int)longest + KEY_SAMPLE);
    columns = columns < 1 ? 1 : columns;
    return KEY_ROW * (((int)shown->count + columns - 1) / columns) + 8;
}

/* In single quotes nothing is special but the quote itself, which is written twice, as all of
 * `doubled` is. */
static void put_doubling(FILE *script, const char *text, const char *doubled) {
    struct arena arena = {0};
    fputc('\'', script);
    for (text = printable(&arena, text); *text != '\0'; text++) {
        if (strchr(doubled, *text) != NULL)
            fputc(*text, script);
        fputc(*text, script);
    }
    fputc('\'', script);
    arena_free(&arena);
}

void put_quoted(FILE *script, const char *text) {
    put_doubling(script, text, "'");
}

void put_tic_label(FILE *script, const char *text) {
    put_doubling(script, text, "'%");
}

void put_class_tics(FILE *script, char axis, const struct trial *trial) {
    fprintf(script, "set %ctics scale 0 (", axis);
    for (size_t c = 0; c < trial->class_count; c++) {
        fputs(c > 0 ? ", " : "", script);
        put_tic_label(script, trial->classes[c].name);
        fprintf(script, " %zu", c);
    }
    fputs(")\n", script);
}

void put_style(FILE *script, const char *with, const struct model_results *model) {
    static const int points[] = {7, 5, 9, 13, 11}; /* filled: circle, square, triangles, rhombus */
    size_t shapes = sizeof points / sizeof points[0];
    fprintf(script, " with %s linecolor rgb '%s' linewidth 2 dashtype %s pointtype %d", with,
            model->colour, model->baseline ? "(5,4)" : "1", points[model->position % shapes]);
}

void put_title(FILE *script, const struct model_results *model) {
    struct arena arena = {0};
    fputs(" title ", script);
    put_quoted(script, shorten_text(&arena, model->name, MAX_KEY_CHARACTERS));
    arena_free(&arena);
}

void put_model_lines(FILE *script, const char *with, const struct shown *drawn) {
    for (size_t m = 0; m < drawn->count; m++) {
        fprintf(script, "$model%zu using 1:2", drawn->models[m]->position);
        put_style(script, with, drawn->models[m]);
        put_title(script, drawn->models[m]);
        fputs(", ", script);
    }
    fputs("NaN notitle\n", script);
}

bool wants_logarithm(double min, double max) {
    return min > 0 && max / min > 8;
}

/* Scores of errors alone have the units of the targets, and MSE their square. */
static const char *units_of(const struct dataset_results *dataset, struct arena *arena) {
    const char *name = dataset->metrics[0].name;
    bool squared = strcmp(name, "mse") == 0;
    if (!squared && strcmp(name, "rmse") != 0 && strcmp(name, "mae") != 0)
        return "";
    if (dataset->units[0] == '\0')
        return "";
    return arena_printf(arena, ", %s%s",
                        strcmp(dataset->units, "scaled") == 0 ? "scaled units" : "data units",
                        squared ? "²" : "");
}

const char *score_label(const struct dataset_results *dataset, struct arena *arena) {
    return arena_printf(arena, "test %s%s (%s is better)", dataset->metrics[0].title,
                        units_of(dataset, arena),
                        dataset->metrics[0].higher_is_better ? "higher" : "lower");
}

const char *font_that_fits(const char *text, double pixels, struct arena *arena) {
    const double usual = 8, of_size = 0.64; /* pixels a character, at most; and for each point */
    double characters = (double)strlen(text);
    return characters * usual <= pixels
               ? ""
               : arena_printf(arena, " font ',%d'", (int)fmax(6, pixels / (of_size * characters)));
}

void put_score_label(FILE *script, const struct dataset_results *dataset) {
    struct arena arena = {0};
    const char *label = score_label(dataset, &arena);
    fputs("set ylabel ", script);
    put_quoted(script, label);
    fprintf(script, "%s\n", font_that_fits(label, 0.9 * PLOT_HEIGHT, &arena));
    arena_free(&arena);
}

void range_include(struct range *range, double value) {
    if (isfinite(value)) {
        range->min = fmin(range->min, value);
        range->max = fmax(range->max, value);
    }
}

/* Labels at 1, 2 and 5 of each decade, of which less than two may be in sight; at every digit where even
 * these would be too few. */
static void put_fine_tics(FILE *script, char axis, double min, double max) {
    bool every = max / min < 5;
    fprintf(script, "set %ctics (", axis);
    const char *between = "";
    for (int decade = (int)floor(log10(min)); decade <= (int)ceil(log10(max)); decade++)
        for (int digit = 1; digit < 10; digit++) {
            if (!every && digit != 1 && digit != 2 && digit != 5)
                continue;
            fprintf(script, "%s%.9g", between, digit * pow(10, decade));
            between = ", ";
        }
    fputs(")\n", script);
}

void put_axis_range(FILE *script, char axis, const struct range *range, bool logarithmic) {
    double min = range->min, max = range->max;
    if (logarithmic) {
        double room = fmin(10, exp(0.05 * (log(max) - log(min))));
        fprintf(script, "set logscale %c\nset %crange [%.9g:%.9g]\n", axis, axis, min / room,
                max * room);
        if (max / min < 100)
            put_fine_tics(script, axis, min, max);
    } else {
        double room = max > min ? 0.05 * (max - min) : fabs(max) * 0.05 + 1e-300;
        fprintf(script, "set %crange [%.9g:%.9g]\n", axis, min - room, max + room);
    }
}
