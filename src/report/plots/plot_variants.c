/* What size and learning rate do to a family of models: test error against parameters, with fitted
 * power laws and the target; validation error against the learning rate. */
#include "evaluate/robustness.h"
#include "report/plots/plot.h"
#include "report/results/families.h"
#include "report/results/target.h"

#include <math.h>

/* The mean error of a model on a split; NaN without one. */
static double mean_error_on(const struct dataset_results *dataset,
                            const struct model_results *model, const char *split) {
    struct condition condition = {CONDITION_SPLIT, split, 0, NULL};
    size_t c = condition_position(dataset, &condition);
    if (c == dataset->condition_count || dataset->metric_count == 0)
        return NAN;
    double mean = score_error(scores_at(dataset, model, c, 0)->summary.mean,
                              dataset->metrics[0].higher_is_better);
    return isfinite(mean) && mean > 0 ? mean : NAN;
}

/* A family is drawn in the colour of its first model; returns whether there is anything. */
static bool put_families(const struct dataset_results *dataset, const struct families *families,
                         const char *split, struct drawing *drawing) {
    FILE *script = drawing->script;
    bool any = false;
    for (size_t f = 0; f < families->count; f++) {
        const struct family *family = &families->items[f];
        fprintf(script, "$family%zu << END\n", f);
        for (size_t m = 0; m < family->count; m++) {
            double error = mean_error_on(dataset, family->models[m], split);
            any |= !isnan(error);
            fprintf(script, "%.9g %.9g\n", family->rungs[m], error);
        }
        fputs("END\n", script);
    }
    return any;
}

static void put_lines(const struct families *families, struct drawing *drawing) {
    for (size_t f = 0; f < families->count; f++) {
        struct model_results named = *families->items[f].models[0];
        named.name = families->items[f].name;
        fprintf(drawing->script, "%s$family%zu using 1:2", f == 0 ? "" : ", ", f);
        put_style(drawing->script, "linespoints", &named);
        put_title(drawing->script, &named);
    }
}

/* Draws the families on logarithmic axes with these labels; the plot command stays open. False when
 * there is nothing to draw. */
static bool draw_families(const struct dataset_results *dataset, enum family_kind kind,
                          const char *split, const char *labels, struct families *families,
                          struct drawing *drawing) {
    *families = families_of(dataset, kind, drawing->arena);
    if (families->count == 0 || !put_families(dataset, families, split, drawing))
        return false;
    fprintf(drawing->script, "set logscale xy\n%splot ", labels);
    put_lines(families, drawing);
    drawing->width = WIDE_PLOT;
    return true;
}

static void put_laws(const struct dataset_results *dataset, const struct families *families,
                     struct drawing *drawing) {
    for (size_t f = 0; f < families->count; f++) {
        const struct family *family = &families->items[f];
        struct power_law law = family_error_law(dataset, family, drawing->arena);
        if (!isnan(law.exponent))
            fprintf(drawing->script,
                    ", [%.9g:%.9g] %.9g * x**(%.9g) with lines linecolor rgb '%s' linewidth 1 "
                    "dashtype (2,4) notitle",
                    family->rungs[0], family->rungs[family->count - 1], law.factor, law.exponent,
                    family->models[0]->colour);
    }
}

static bool draw_sizes(const struct section *section, struct drawing *drawing) {
    const struct dataset_results *dataset = section->results;
    struct families families;
    if (!draw_families(dataset, FAMILY_OF_SIZES, "test",
                       "set xlabel 'parameters'\nset ylabel 'test error'\n", &families, drawing))
        return false;
    struct target target = target_on_test(dataset, drawing->arena);
    double error = score_error(target.score, target.higher_is_better);
    put_laws(dataset, &families, drawing);
    if (error > 0)
        fprintf(drawing->script,
                ", %.9g with lines linecolor rgb '#222222' dashtype (6,4) title 'target'", error);
    fputc('\n', drawing->script);
    drawing->description = arena_printf(
        drawing->arena,
        "Test error (%s) against the number of parameters on %s, means over seeds. Dotted: fitted "
        "power laws%s.",
        dataset->metrics[0].title, dataset->title, error > 0 ? "; dashed: the target" : "");
    return true;
}

static bool draw_rates(const struct section *section, struct drawing *drawing) {
    const struct dataset_results *dataset = section->results;
    struct families families;
    if (!draw_families(dataset, FAMILY_OF_RATES, "valid",
                       "set xlabel 'learning rate'\nset ylabel 'validation error'\n", &families,
                       drawing))
        return false;
    fputc('\n', drawing->script);
    drawing->description = arena_printf(
        drawing->arena,
        "Validation error (%s) against the learning rate on %s, means over the seeds that "
        "finished.",
        dataset->metrics[0].title, dataset->title);
    return true;
}

const struct plot_type plot_sizes = {"sizes", "Error and size", "sizes", draw_sizes};
const struct plot_type plot_rates = {"rates", "Learning rates", "rates", draw_rates};
