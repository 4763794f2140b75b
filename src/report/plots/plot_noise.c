/* Degradation curves: the headline metric against the severity of each perturbation, one panel
 * each; as it is, as a ratio to the model's own clean error, and as a ratio to the reference's. Severities
 * are at equal distances, so that mild ones are not squeezed together. */
#include "evaluate/robustness.h"
#include "report/plots/panels.h"
#include "report/tables/format.h"

#include <math.h>
#include <string.h>

enum { FEW_PANELS = 6, MAX_BANDS = 8, MAX_TICKS = 7 };

/* What is drawn. */
enum noise_view { NOISE_SCORE, NOISE_TO_CLEAN, NOISE_TO_REFERENCE };

/* The error of each seed of a model under a condition, relative to what the view compares with: its own
 * clean error, or the reference's mean error under the same condition. */
static struct summary summarize_view(const struct section *section,
                                     const struct model_results *model, size_t condition,
                                     enum noise_view view) {
    const struct dataset_results *dataset = section->results;
    const struct scores *scores = scores_at(dataset, model, condition, 0);
    if (view == NOISE_SCORE)
        return scores->summary;
    bool higher = dataset->metrics[0].higher_is_better;
    const double *clean = scores_at(dataset, model, dataset->test, 0)->values;
    const struct model_results *reference = section->degradations.reference;
    double base = score_error(scores_at(dataset, reference, condition, 0)->summary.mean, higher);
    struct arena scratch = {0};
    double *ratios = ARENA_NEW(&scratch, double, model->trial_count + 1);
    for (size_t t = 0; t < model->trial_count; t++)
        ratios[t] = shift_ratio(view == NOISE_TO_CLEAN ? score_error(clean[t], higher) : base,
                                score_error(scores->values[t], higher));
    struct summary summary = summarize(ratios, model->trial_count);
    arena_free(&scratch);
    return summary;
}

static double lower_end(const struct summary *summary, const struct range *range) {
    return fmax(summary->mean - summary->deviation, range->min);
}

/* Lines of "position mean low high", the clean score at position 0. */
static bool put_data(FILE *script, const struct section *section, enum noise_view view,
                     const struct model_results *model, const size_t *conditions, size_t count,
                     const struct range *range, size_t panel) {
    size_t points = 0;
    fprintf(script, "$panel%zu_model%zu << END\n", panel, model->position);
    for (size_t s = 0; s <= count; s++) {
        size_t condition = s == 0 ? section->results->test : conditions[s - 1];
        struct summary summary = summarize_view(section, model, condition, view);
        if (summary.not_finite > 0)
            fprintf(script, "%zu NaN NaN NaN\n", s); /* a gap, where a line would tell a lie */
        if (!isfinite(summary.mean))
            continue;
        fprintf(script, "%zu %.9g %.9g %.9g\n", s, summary.mean, lower_end(&summary, range),
                fmin(summary.mean + summary.deviation, range->max));
        points++;
    }
    fputs("END\n", script);
    return points > 0;
}

/* The severities used, and 0 for clean. Too many for their labels: every second, third ... */
static void put_ticks(FILE *script, const struct dataset_results *dataset, const size_t *conditions,
                      size_t count) {
    size_t every = (count + MAX_TICKS - 1) / MAX_TICKS;
    fputs("set xtics (\"0\" 0", script);
    for (size_t s = 0; s < count; s++)
        if ((s + 1) % (every == 0 ? 1 : every) == 0)
            fprintf(script, ", \"%g\" %zu", dataset->conditions[conditions[s]].severity, s + 1);
    fprintf(script, ")\nset xrange [-0.2:%.1f]\n", (double)count + 0.2);
}

static void put_panel(const struct section *section, enum noise_view view,
                      const struct panels *panels, struct drawing *drawing, size_t panel,
                      const char *type) {
    const struct dataset_results *dataset = section->results;
    FILE *script = drawing->script;
    const struct shown *shown = panels->shown;
    bool drawn[sizeof shown->models / sizeof shown->models[0]];
    size_t *conditions = ARENA_NEW(drawing->arena, size_t, dataset->condition_count);
    size_t count = severities_of(dataset, type, conditions);
    for (size_t m = 0; m < shown->count; m++)
        drawn[m] = put_data(script, section, view, shown->models[m], conditions, count,
                            &panels->range, panel);
    panels_next(panels, drawing, panel, type);
    put_ticks(script, dataset, conditions, count);
    fputs("plot ", script);
    for (size_t m = 0; m < shown->count && shown->count <= MAX_BANDS; m++)
        if (drawn[m] && shown->models[m]->finished > 1)
            fprintf(script,
                    "$panel%zu_model%zu using 1:3:4 with filledcurves fillcolor rgb '%s' "
                    "fillstyle transparent solid 0.16 noborder notitle, ",
                    panel, shown->models[m]->position, shown->models[m]->colour);
    for (size_t m = 0; m < shown->count; m++)
        if (drawn[m]) {
            fprintf(script, "$panel%zu_model%zu using 1:2", panel, shown->models[m]->position);
            put_style(script, "linespoints", shown->models[m]);
            fputs(" notitle, ", script);
        }
    fputs("NaN notitle\n", script);
}

/* Means with their deviations, as long as that leaves the axis as it is: linear or logarithmic. */
static struct range find_range(const struct section *section, enum noise_view view,
                               const struct shown *shown) {
    const struct dataset_results *dataset = section->results;
    struct range means = EMPTY_RANGE, wider = EMPTY_RANGE;
    for (size_t c = 0; c < dataset->condition_count; c++) {
        if (dataset->conditions[c].kind != CONDITION_NOISE && c != dataset->test)
            continue;
        for (size_t m = 0; m < shown->count; m++) {
            struct summary summary = summarize_view(section, shown->models[m], c, view);
            if (summary.count == 0)
                continue;
            range_include(&means, summary.mean);
            range_include(&wider, summary.mean - summary.deviation);
            range_include(&wider, summary.mean + summary.deviation);
        }
    }
    if (means.min > 0 && wider.min < 0.8 * means.min)
        wider.min = 0.8 * means.min;
    return wider;
}

/* "; gap: the score of cfc under gaussian 0.8 is not finite": why a line stops. */
static const char *gap_note(const struct dataset_results *dataset, const struct shown *shown,
                            struct arena *arena) {
    enum { MAX_NAMED = 3 };
    const char *note = "";
    size_t gaps = 0;
    for (size_t m = 0; m < shown->count; m++)
        for (size_t c = 0; c < dataset->condition_count; c++) {
            struct summary summary = scores_at(dataset, shown->models[m], c, 0)->summary;
            if (dataset->conditions[c].kind != CONDITION_NOISE || summary.not_finite == 0)
                continue;
            if (gaps++ < MAX_NAMED)
                note = arena_printf(
                    arena, "%s%s %s under %s (%zu of %zu seeds)", note,
                    gaps > 1 ? "," : "; gaps where scores are not finite:", shown->models[m]->name,
                    format_condition(arena, &dataset->conditions[c]), summary.not_finite,
                    summary.count);
        }
    return gaps <= MAX_NAMED ? note
                             : arena_printf(arena, "%s and %zu more", note, gaps - MAX_NAMED);
}

/* "error relative to the clean error", as long as it is one */
static const char *view_label(const struct section *section, enum noise_view view,
                              struct arena *arena) {
    if (view == NOISE_SCORE)
        return score_label(section->results, arena);
    return view == NOISE_TO_CLEAN ? "error / clean error (lower is better)"
                                  : arena_printf(arena, "error / error of %s (lower is better)",
                                                 section->degradations.reference->name);
}

static bool draw_view(const struct section *section, enum noise_view view,
                      struct drawing *drawing) {
    const struct dataset_results *dataset = section->results;
    const struct degradations *degradations = &section->degradations;
    struct shown shown = models_shown(dataset);
    struct panels panels = {
        .count = degradations->type_count,
        .columns = degradations->type_count > FEW_PANELS ? 4 : 3,
        .panel_height = degradations->type_count > FEW_PANELS ? 170 : 230,
        .x_label = "severity",
        .shown = &shown,
    };
    if (panels.count == 0 || (view != NOISE_SCORE && degradations->reference == NULL))
        return false;
    panels.columns = panels.count < panels.columns ? panels.count : panels.columns;
    panels.range = find_range(section, view, &shown);
    if (!isfinite(panels.range.min))
        return false;
    panels.y_label = view_label(section, view, drawing->arena);
    panels_begin(&panels, drawing);
    for (size_t p = 0; p < panels.count; p++)
        put_panel(section, view, &panels, drawing, p, degradations->types[p]);
    panels_end(&panels, drawing);
    drawing->description = arena_printf(
        drawing->arena,
        "Test %s on %s%s against the severity of %s: mean over seeds, and a band of one standard "
        "deviation; severity 0 is the clean score%s%s.",
        dataset->metrics[0].title, dataset->title,
        view == NOISE_SCORE ? ""
        : view == NOISE_TO_CLEAN
            ? ", as an error relative to the model's own clean error,"
            : arena_printf(drawing->arena, ", as an error relative to that of %s,",
                           degradations->reference->name),
        panels.count == 1 ? degradations->types[0]
                          : arena_printf(drawing->arena, "%zu perturbations", panels.count),
        shown_note(&shown, dataset, drawing->arena), gap_note(dataset, &shown, drawing->arena));
    return true;
}

static bool draw_score(const struct section *section, struct drawing *drawing) {
    return draw_view(section, NOISE_SCORE, drawing);
}

static bool draw_to_clean(const struct section *section, struct drawing *drawing) {
    return draw_view(section, NOISE_TO_CLEAN, drawing);
}

static bool draw_to_reference(const struct section *section, struct drawing *drawing) {
    return section->results->network_count > 1 && draw_view(section, NOISE_TO_REFERENCE, drawing);
}

const struct plot_type plot_noise = {"noise", "Degradation under perturbations", "robustness",
                                     draw_score};
const struct plot_type plot_noise_to_clean = {
    "noise_to_clean", "Degradation relative to the clean error", "robustness", draw_to_clean};
const struct plot_type plot_noise_to_reference = {
    "noise_to_reference", "Degradation relative to the reference", "corruption", draw_to_reference};
