/* Closed-loop forecasts: normalised error against the horizon, one panel a rollout. */
#include "report/plots/panels.h"

#include <math.h>

static const struct rollout_summary *rollout_of(const struct trial *trial,
                                                const struct condition *condition) {
    const struct measurement *measured = trial->ok ? measurement_under(trial, condition) : NULL;
    return measured == NULL ? NULL : measured->rollout;
}

/* Errors of all seeds at one of the first trial's horizons. */
static struct summary error_at(const struct model_results *model, const struct condition *condition,
                               double horizon, struct arena *arena) {
    double *errors = ARENA_NEW(arena, double, model->trial_count + 1);
    for (size_t t = 0; t < model->trial_count; t++) {
        const struct rollout_summary *rollout = rollout_of(model->trials[t], condition);
        errors[t] = NAN;
        for (size_t i = 0; rollout != NULL && i < rollout->count; i++)
            if (rollout->horizon[i] == horizon)
                errors[t] = rollout->error[i];
    }
    return summarize(errors, model->trial_count);
}

static const struct rollout_summary *any_rollout(const struct model_results *model,
                                                 const struct condition *condition) {
    for (size_t t = 0; t < model->trial_count; t++) {
        const struct rollout_summary *rollout = rollout_of(model->trials[t], condition);
        if (rollout != NULL && rollout->count > 0)
            return rollout;
    }
    return NULL;
}

/* Lines of "horizon mean". */
static bool put_data(const struct model_results *model, const struct condition *condition,
                     size_t panel, struct range *range, struct drawing *drawing) {
    const struct rollout_summary *rollout = any_rollout(model, condition);
    if (rollout == NULL)
        return false;
    fprintf(drawing->script, "$panel%zu_model%zu << END\n", panel, model->position);
    size_t points = 0;
    for (size_t i = 0; i < rollout->count; i++) {
        struct summary error = error_at(model, condition, rollout->horizon[i], drawing->arena);
        if (!isfinite(error.mean))
            continue;
        fprintf(drawing->script, "%.9g %.9g\n", rollout->horizon[i], error.mean);
        range_include(range, error.mean);
        points++;
    }
    fputs("END\n", drawing->script);
    return points > 0;
}

struct curves {
    const struct condition *condition;
    double threshold;
    bool drawn[sizeof((struct shown *)0)->models / sizeof((struct shown *)0)->models[0]];
};

static size_t collect(const struct dataset_results *dataset, const struct shown *shown,
                      struct curves *curves, struct range *range, struct drawing *drawing) {
    size_t count = 0;
    for (size_t c = 0; c < dataset->condition_count; c++) {
        struct curves *panel = &curves[count];
        *panel = (struct curves){.condition = &dataset->conditions[c], .threshold = NAN};
        bool any = false;
        for (size_t m = 0; m < shown->count; m++) {
            panel->drawn[m] = put_data(shown->models[m], panel->condition, count, range, drawing);
            if (panel->drawn[m])
                panel->threshold = any_rollout(shown->models[m], panel->condition)->threshold;
            any = any || panel->drawn[m];
        }
        range_include(range, panel->threshold);
        count += any;
    }
    return count;
}

static void put_panel(const struct panels *panels, const struct curves *curves, size_t panel,
                      struct drawing *drawing) {
    FILE *script = drawing->script;
    panels_next(panels, drawing, panel, curves->condition->name);
    fputs("set logscale x\nset xrange [1:*]\nplot ", script);
    if (!isnan(curves->threshold))
        fprintf(script, "%.9g with lines linecolor rgb '#888888' dashtype (2,3) notitle, ",
                curves->threshold);
    for (size_t m = 0; m < panels->shown->count; m++)
        if (curves->drawn[m]) {
            fprintf(script, "$panel%zu_model%zu using 1:2", panel,
                    panels->shown->models[m]->position);
            put_style(script, "lines", panels->shown->models[m]);
            fputs(" notitle, ", script);
        }
    fputs("NaN notitle\n", script);
}

static bool draw(const struct section *section, struct drawing *drawing) {
    const struct dataset_results *dataset = section->results;
    struct shown shown = models_shown(dataset);
    struct curves *curves = ARENA_NEW(drawing->arena, struct curves, dataset->condition_count + 1);
    struct panels panels = {.panel_height = 270,
                            .range = EMPTY_RANGE,
                            .x_label = "steps ahead",
                            .y_label = "normalised error (lower is better)",
                            .shown = &shown};
    panels.count = collect(dataset, &shown, curves, &panels.range, drawing);
    if (panels.count == 0 || !isfinite(panels.range.min))
        return false;
    panels.columns = panels.count < 3 ? panels.count : 3;
    panels_begin(&panels, drawing);
    for (size_t p = 0; p < panels.count; p++)
        put_panel(&panels, &curves[p], p, drawing);
    panels_end(&panels, drawing);
    drawing->description = arena_printf(
        drawing->arena,
        "Normalised error of closed-loop forecasts on %s against the steps ahead: mean over "
        "seeds%s. The dotted line is the error beyond which a forecast counts as no longer valid.",
        dataset->title, shown_note(&shown, dataset, drawing->arena));
    return true;
}

const struct plot_type plot_rollout = {"rollout", "Closed-loop forecasts", "rollout", draw};
