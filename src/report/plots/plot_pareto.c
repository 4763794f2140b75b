/* What a score costs: test score against parameters, memory and latency, and the Pareto front, the
 * models of which none is both cheaper and better. */
#include "report/plots/panels.h"

#include "evaluate/robustness.h"

#include <math.h>

struct price {
    const char *title;
    const char *format; /* of the axis */
    double (*of)(const struct model_results *model);
};

static double mean_cost(const struct model_results *model, enum cost cost) {
    const struct summary *summary = &model->costs[cost].summary;
    return summary->count > 0 && summary->mean > 0 ? summary->mean : NAN;
}

static double parameters(const struct model_results *model) {
    return mean_cost(model, COST_PARAMETERS);
}

/* What a device must hold: parameters and the state of one stream. */
static double bytes(const struct model_results *model) {
    double streaming = mean_cost(model, COST_STREAMING_BYTES);
    return mean_cost(model, COST_PARAMETER_BYTES) + (isnan(streaming) ? 0 : streaming);
}

static double step(const struct model_results *model) {
    return mean_cost(model, COST_STEP_P50);
}

static const struct price prices[] = {
    {"trainable parameters", "%.0s%c", parameters},
    {"bytes to run it", "%.0s%cB", bytes},
    {"µs per streaming step", "%g", step},
};
enum { PRICES = sizeof prices / sizeof prices[0] };

static double mean_score(const struct dataset_results *dataset, const struct model_results *model) {
    return scores_at(dataset, model, dataset->test, 0)->summary.mean;
}

/* Writes the front as steps from the cheapest model on, among all networks of the data set. Returns
 * the x range of what is shown. */
static struct range put_front(const struct dataset_results *dataset, const struct shown *shown,
                              const struct price *price, size_t panel, struct drawing *drawing) {
    const struct metric_info *metric = &dataset->metrics[0];
    size_t count = dataset->network_count;
    double *costs = ARENA_NEW(drawing->arena, double, count + 1);
    double *errors = ARENA_NEW(drawing->arena, double, count + 1);
    bool *on_front = ARENA_NEW(drawing->arena, bool, count + 1);
    for (size_t m = 0; m < count; m++) {
        costs[m] = price->of(&dataset->models[m]);
        errors[m] = score_error(mean_score(dataset, &dataset->models[m]), metric->higher_is_better);
    }
    pareto_front(costs, errors, count, on_front);
    struct range range = EMPTY_RANGE;
    for (size_t m = 0; m < shown->count; m++)
        range_include(&range, price->of(shown->models[m]));
    fprintf(drawing->script, "$front%zu << END\n", panel);
    for (double last = -INFINITY;;) { /* in order of cost */
        size_t next = count;
        for (size_t m = 0; m < count; m++)
            if (on_front[m] && costs[m] > last && (next == count || costs[m] < costs[next]))
                next = m;
        if (next == count)
            break;
        last = costs[next];
        range_include(&range, last);
        fprintf(drawing->script, "%.9g %.9g\n", last, mean_score(dataset, &dataset->models[next]));
    }
    fputs("END\n", drawing->script);
    return range;
}

static bool is_beyond(double score, const struct range *range) {
    return score < range->min || score > range->max;
}

/* "seasonal 1189 ↑" at the edge of the first panel, one above the other. */
static void put_beyond(const struct dataset_results *dataset, const struct panels *panels, double x,
                       struct drawing *drawing) {
    int above = 0, below = 0;
    for (size_t m = 0; m < panels->shown->count; m++) {
        const struct model_results *model = panels->shown->models[m];
        double score = mean_score(dataset, model);
        if (!isfinite(score) || !is_beyond(score, &panels->range))
            continue;
        bool high = score > panels->range.max;
        fprintf(drawing->script, ", '+' using (%.9g):(%.9g):(", x,
                high ? panels->range.max : panels->range.min);
        put_quoted(drawing->script, arena_printf(drawing->arena, "%s %.4g %s", model->name, score,
                                                 high ? "↑" : "↓"));
        fprintf(drawing->script,
                ") every ::0::0 with labels left offset 0,%.1f font ',12' textcolor rgb '#333333' "
                "notitle",
                high ? -0.9 - above++ : 0.9 + below++);
    }
}

static void put_points(const struct dataset_results *dataset, const struct panels *panels,
                       const struct price *price, struct drawing *drawing) {
    for (size_t m = 0; m < panels->shown->count; m++) {
        const struct model_results *model = panels->shown->models[m];
        struct summary summary = scores_at(dataset, model, dataset->test, 0)->summary;
        double cost = price->of(model);
        if (!isfinite(summary.mean) || is_beyond(summary.mean, &panels->range))
            continue;
        if (!isnan(cost)) {
            fprintf(drawing->script, ", '+' using (%.9g):(%.9g):(%.9g):(%.9g) every ::0::0", cost,
                    summary.mean, fmax(summary.mean - summary.deviation, panels->range.min),
                    fmin(summary.mean + summary.deviation, panels->range.max));
            put_style(drawing->script, "yerrorbars", model);
            fputs(" pointsize 1.2 notitle", drawing->script);
        } else if (model->baseline) {
            fprintf(drawing->script, ", %.9g", summary.mean);
            put_style(drawing->script, "lines", model);
            fputs(" notitle", drawing->script);
        }
    }
}

/* Means and deviations of the networks, or of all models where no network has a score. */
static struct range range_of(const struct dataset_results *dataset, const struct shown *shown,
                             bool with_baselines) {
    struct range range = EMPTY_RANGE;
    for (size_t m = 0; m < shown->count; m++) {
        if (shown->models[m]->baseline && !with_baselines)
            continue;
        struct summary summary = scores_at(dataset, shown->models[m], dataset->test, 0)->summary;
        range_include(&range, summary.mean);
        if (summary.mean - summary.deviation > 0 || summary.mean <= 0)
            range_include(&range, summary.mean - summary.deviation);
        range_include(&range, summary.mean + summary.deviation);
    }
    return range;
}

/* The axis fits the networks, and baselines that score about as they do; others are at its edge. */
static struct range score_range(const struct dataset_results *dataset, const struct shown *shown) {
    struct range networks = range_of(dataset, shown, false);
    if (!isfinite(networks.min))
        return range_of(dataset, shown, true);
    double near = fmax(networks.max - networks.min, 0.2 * fabs(networks.max));
    struct range range = networks;
    for (size_t m = 0; m < shown->count; m++) {
        double mean = mean_score(dataset, shown->models[m]);
        if (shown->models[m]->baseline && mean >= networks.min - near &&
            mean <= networks.max + near)
            range_include(&range, mean);
    }
    return range;
}

static bool draw(const struct section *section, struct drawing *drawing) {
    const struct dataset_results *dataset = section->results;
    FILE *script = drawing->script;
    struct shown shown = models_shown(dataset);
    struct range ranges[PRICES];
    size_t used[PRICES];
    struct panels panels = {.panel_height = 270, .shown = &shown};
    for (size_t p = 0; dataset->metric_count > 0 && p < PRICES; p++) {
        ranges[p] = put_front(dataset, &shown, &prices[p], p, drawing);
        if (isfinite(ranges[p].min))
            used[panels.count++] = p;
    }
    panels.range = score_range(dataset, &shown);
    if (panels.count == 0 || !isfinite(panels.range.min))
        return false;
    panels.columns = panels.count;
    panels.y_label = score_label(dataset, drawing->arena);
    panels_begin(&panels, drawing);
    fputs("set logscale x\nset grid xtics ytics\n", script);
    for (size_t i = 0; i < panels.count; i++) {
        size_t p = used[i];
        panels_next(&panels, drawing, i, prices[p].title);
        fprintf(script, "set format x '%s'\nset xrange [%.9g:%.9g]\n", prices[p].format,
                ranges[p].min / 1.8, ranges[p].max * 1.8);
        fprintf(script,
                "plot $front%zu using 1:2 with steps linecolor rgb '#b0b0b0' linewidth 5 notitle",
                p);
        put_points(dataset, &panels, &prices[p], drawing);
        if (i == 0)
            put_beyond(dataset, &panels, ranges[p].min / 1.7, drawing);
        fputc('\n', script);
    }
    panels_end(&panels, drawing);
    drawing->description = arena_printf(
        drawing->arena,
        "Test %s on %s against parameters, bytes and time per step: mean and standard deviation "
        "over seeds%s. The grey steps are the Pareto front of the networks: none is both cheaper "
        "and better. Models without a cost are level lines; baselines that score unlike the "
        "networks are named at the edge.",
        dataset->metrics[0].title, dataset->title, shown_note(&shown, dataset, drawing->arena));
    return true;
}

const struct plot_type plot_pareto = {"pareto", "Score and cost", NULL, draw};
