/* Best validation score so far against the epochs that a model's search has spent. */
#include "report/plots/plot.h"

#include <math.h>
#include <string.h>

static const struct tuning *tuning_of(const struct section *section,
                                      const struct model_results *model) {
    const struct search_results *search = section->search;
    for (size_t i = 0; i < search->count; i++)
        if (strcmp(search->tunings[i].model, model->name) == 0)
            return &search->tunings[i];
    return NULL;
}

/* Lines of "epochs best", from the first trial with a score on. */
static bool put_data(const struct tuning *tuning, const struct model_results *model,
                     struct drawing *drawing, struct range *range) {
    size_t points = 0;
    fprintf(drawing->script, "$model%zu << END\n", model->position);
    for (size_t s = 0; s < tuning->step_count; s++) {
        const struct tuning_step *step = &tuning->steps[s];
        if (isnan(step->best))
            continue;
        fprintf(drawing->script, "%.0f %.9g\n", step->epochs, step->best);
        range_include(range, step->best);
        points++;
    }
    fputs("END\n", drawing->script);
    return points > 0;
}

static bool draw(const struct section *section, struct drawing *drawing) {
    if (section->search == NULL)
        return false;
    FILE *script = drawing->script;
    const struct dataset_results *dataset = section->results;
    struct range range = EMPTY_RANGE;
    struct shown shown = {0};
    struct shown all = models_shown(dataset);
    for (size_t m = 0; m < all.count; m++) {
        const struct tuning *tuning = tuning_of(section, all.models[m]);
        if (tuning != NULL && put_data(tuning, all.models[m], drawing, &range))
            shown.models[shown.count++] = all.models[m];
    }
    if (shown.count == 0)
        return false;
    if (wants_logarithm(range.min, range.max))
        fputs("set logscale y\n", script);
    fputs("set xlabel 'epochs of training spent on the search'\nset xrange [0:*]\nset ylabel ",
          script);
    put_quoted(script,
               arena_printf(drawing->arena, "best validation %s so far", section->search->metric));
    fputs("\nplot ", script);
    put_model_lines(script, "steps", &shown);
    drawing->width = WIDE_PLOT;
    drawing->height += key_height(&shown, drawing->width);
    drawing->description =
        arena_printf(drawing->arena,
                     "Best validation %s found so far against the epochs spent on the search of "
                     "each model on %s.",
                     section->search->metric, dataset->title);
    return true;
}

const struct plot_type plot_search = {"search", "Score against search budget", "search", draw};
