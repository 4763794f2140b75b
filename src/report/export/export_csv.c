/* Tidy CSV files (RFC 4180): measurements.csv has one row a measurement, summary.csv one a model
 * and condition, comparisons.csv one a pair of networks, robustness.csv one a model and
 * perturbation, rollouts.csv one a trial and horizon, errors.csv one a trial and target or step ahead,
 * classes.csv one a trial and class, confusion.csv one a trial and pair of classes that occurs,
 * curves.csv one a trial and point of a curve, measures.csv one a trial and number that its record
 * holds for hypotheses, trials.csv one a trial. Numbers keep all their digits; what is not known is
 * empty, and a score that is not finite is inf or -inf, the worst there is.
 */
#include "base/csv_text.h"
#include "evaluate/measure.h"
#include "report/export/exporter.h"

#include <math.h>

static void put_text(FILE *out, const char *text, char end) {
    csv_write_text(out, text);
    fputc(end, out);
}

static void put_field(FILE *out, const char *text) {
    put_text(out, text, ',');
}

static void put_number(FILE *out, double value, char end) {
    if (!isnan(value))
        fprintf(out, "%.17g", value);
    fputc(end, out);
}

static const char *kind_name(enum condition_kind kind) {
    return kind == CONDITION_SPLIT ? "split" : kind == CONDITION_NOISE ? "noise" : "ood";
}

static void put_condition(FILE *out, const struct condition *condition) {
    put_field(out, kind_name(condition->kind));
    put_field(out, condition->name);
    put_number(out, condition->kind == CONDITION_NOISE ? condition->severity : NAN, ',');
}

/* ---- measurements.csv ---- */

static void put_trial_key(FILE *out, const struct trial *trial) {
    put_field(out, trial->experiment);
    put_field(out, trial->dataset);
    put_field(out, trial->model);
    fprintf(out, "%.0f,", trial->seed);
}

static void put_measurements_of(FILE *out, const struct trial *trial) {
    for (size_t i = 0; i < trial->measurement_count; i++)
        for (size_t m = 0; m < trial->metric_count; m++) {
            put_trial_key(out, trial);
            put_condition(out, &trial->measurements[i].condition);
            put_field(out, trial->metrics[m].name);
            put_number(out, trial->measurements[i].values[m], ',');
            put_number(out, trial->measurements[i].distance, '\n');
        }
    for (size_t c = 0; c < COST_COUNT; c++) {
        put_trial_key(out, trial);
        fprintf(out, "cost,,,%s,", cost_infos[c].name);
        put_number(out, trial->costs[c], ',');
        fputc('\n', out);
    }
}

static void write_measurements(const struct contents *contents, FILE *out) {
    fputs("experiment,dataset,model,seed,condition,name,severity,metric,value,distance\n", out);
    for (size_t s = 0; s < contents->section_count; s++) {
        const struct dataset_results *dataset = contents->sections[s].results;
        if (dataset == NULL)
            continue;
        for (size_t m = 0; m < dataset->model_count; m++)
            for (size_t t = 0; t < dataset->models[m].trial_count; t++)
                if (dataset->models[m].trials[t]->ok)
                    put_measurements_of(out, dataset->models[m].trials[t]);
    }
}

/* ---- summary.csv ---- */

static void put_model_key(FILE *out, const struct dataset_results *dataset,
                          const struct model_results *model) {
    put_field(out, dataset->experiment);
    put_field(out, dataset->name);
    put_field(out, model->name);
    put_field(out, model->baseline ? "true" : "false");
}

static void put_scores(FILE *out, const struct scores *scores) {
    const struct summary *summary = &scores->summary;
    bool known = summary->count > 0;
    fprintf(out, "%zu,", summary->count);
    put_number(out, known ? summary->mean : NAN, ',');
    put_number(out, summary->count > 1 ? summary->deviation : NAN, ',');
    put_number(out, known ? summary->min : NAN, ',');
    put_number(out, known ? summary->max : NAN, ',');
    put_number(out, scores->interquartile_mean, ',');
    put_number(out, scores->interval.low, ',');
    put_number(out, scores->interval.high, ',');
}

static void put_model(FILE *out, const struct dataset_results *dataset,
                      const struct model_results *model) {
    for (size_t c = 0; c < dataset->condition_count; c++)
        for (size_t i = 0; i < dataset->metric_count; i++) {
            put_model_key(out, dataset, model);
            put_condition(out, &dataset->conditions[c]);
            put_field(out, dataset->metrics[i].name);
            put_scores(out, scores_at(dataset, model, c, i));
            put_number(out, dataset->distances[c], ',');
            fprintf(out, "%zu\n", scores_at(dataset, model, c, i)->summary.not_finite);
        }
    for (size_t c = 0; c < COST_COUNT; c++) {
        put_model_key(out, dataset, model);
        fprintf(out, "cost,,,%s,", cost_infos[c].name);
        put_scores(out, &model->costs[c]);
        fputs(",0\n", out);
    }
}

static void write_summary(const struct contents *contents, FILE *out) {
    fputs("experiment,dataset,model,baseline,condition,name,severity,metric,seeds,mean,std,min,"
          "max,iqm,low95,high95,distance,not_finite\n",
          out);
    for (size_t s = 0; s < contents->section_count; s++) {
        const struct dataset_results *dataset = contents->sections[s].results;
        if (dataset == NULL)
            continue;
        for (size_t m = 0; m < dataset->model_count; m++)
            put_model(out, dataset, &dataset->models[m]);
    }
}

/* ---- comparisons.csv ---- */

static void put_difference(FILE *out, const struct pair *pair) {
    const struct difference *difference = &pair->difference;
    put_number(out, difference->value, ',');
    put_number(out, difference->interval.low, ',');
    put_number(out, difference->interval.high, ',');
    put_number(out, pair->seeds_p, ',');
    put_number(out, difference->data_p, ',');
    put_number(out, difference->seeds_variance, ',');
    put_number(out, difference->data_variance, ',');
    put_number(out, pair->longer, '\n');
}

static void write_comparisons(const struct contents *contents, FILE *out) {
    fputs("experiment,dataset,metric,a,b,seeds,p,holm_p,wilcoxon_p,permutation_p,cliff_delta,"
          "better,seeds_needed,difference,low95,high95,seeds_p,data_p,seeds_variance,"
          "data_variance,data_needed\n",
          out);
    for (size_t s = 0; s < contents->section_count; s++) {
        const struct section *section = &contents->sections[s];
        for (size_t p = 0; p < section->pairs.count; p++) {
            const struct pair *pair = &section->pairs.items[p];
            put_field(out, section->results->experiment);
            put_field(out, section->results->name);
            put_field(out, section->results->metrics[0].name);
            put_field(out, pair->a->name);
            put_field(out, pair->b->name);
            fprintf(out, "%zu,", pair->seeds);
            put_number(out, pair->p, ',');
            put_number(out, pair->adjusted, ',');
            put_number(out, pair->signed_ranks, ',');
            put_number(out, pair->permutation, ',');
            put_number(out, pair->delta, ',');
            put_field(out, pair->better == NULL ? "" : pair->better->name);
            put_number(out, ceil(pair->needed), ',');
            put_difference(out, pair);
        }
    }
}

/* ---- robustness.csv ---- */

static void put_degradation(FILE *out, const struct degradation *degradation) {
    put_number(out, degradation->area, ',');
    put_number(out, degradation->mean, ',');
    put_number(out, degradation->corruption, ',');
    put_number(out, degradation->relative, ',');
    put_number(out, degradation->worst, ',');
    put_text(out, degradation->worst_under, '\n');
}

static void put_robustness_of(FILE *out, const struct section *section, size_t m) {
    const struct dataset_results *dataset = section->results;
    const struct degradations *degradations = &section->degradations;
    for (size_t t = 0; t <= degradations->type_count; t++) {
        bool all = t == degradations->type_count;
        put_model_key(out, dataset, &dataset->models[m]);
        put_field(out, dataset->metrics[0].name);
        put_field(out, degradations->reference == NULL ? "" : degradations->reference->name);
        put_field(out, all ? "all" : degradations->types[t]);
        put_degradation(out, all ? &degradations->overall[m]
                                 : &degradations->items[m * degradations->type_count + t]);
    }
}

static void write_robustness(const struct contents *contents, FILE *out) {
    fputs("experiment,dataset,model,baseline,metric,reference,perturbation,area,growth,ce,"
          "relative_ce,worst_growth,worst_under\n",
          out);
    for (size_t s = 0; s < contents->section_count; s++) {
        const struct section *section = &contents->sections[s];
        for (size_t m = 0; section->results != NULL && section->degradations.type_count > 0 &&
                           m < section->results->model_count;
             m++)
            put_robustness_of(out, section, m);
    }
}

/* ---- hypotheses.csv ---- */

/* A line for each data set, then one for all of them. */
static void put_hypothesis(FILE *out, const struct hypothesis *hypothesis,
                           const struct hypothesis_unit *unit) {
    const struct effect *effect = unit != NULL ? &unit->effect : &hypothesis->effect;
    put_field(out, hypothesis->options.name);
    put_field(out, hypothesis->rule);
    put_field(out, unit != NULL ? unit->dataset->experiment : "");
    put_field(out, unit != NULL ? unit->dataset->name : "all");
    fprintf(out, "%zu,", effect->count);
    put_field(out, effect->units == EFFECT_OF_SEEDS ? "seeds" : "data sets");
    put_number(out, exp(effect->mean), ',');
    put_number(out, exp(unit != NULL ? unit->low : hypothesis->low), ',');
    put_number(out, exp(unit != NULL ? unit->high : hypothesis->high), ',');
    put_number(out, unit != NULL ? SIGNIFICANCE_LEVEL : hypothesis->level, ',');
    put_number(out, unit != NULL ? NAN : hypothesis->p, ',');
    put_number(out, unit != NULL ? NAN : hypothesis->adjusted, ',');
    put_field(out, unit != NULL ? "" : decision_name(hypothesis->verdict));
    put_number(out, unit != NULL ? NAN : hypothesis->needed, '\n');
}

static void write_hypotheses(const struct contents *contents, FILE *out) {
    fputs("hypothesis,rule,experiment,dataset,count,units,ratio,low,high,level,p,holm_p,verdict,"
          "needed\n",
          out);
    for (size_t s = 0; s < contents->section_count; s++) {
        const struct hypotheses *hypotheses = contents->sections[s].hypotheses;
        for (size_t h = 0; hypotheses != NULL && h < hypotheses->count; h++) {
            const struct hypothesis *hypothesis = &hypotheses->items[h];
            for (size_t u = 0; u < hypothesis->unit_count; u++)
                put_hypothesis(out, hypothesis, &hypothesis->units[u]);
            put_hypothesis(out, hypothesis, NULL);
        }
    }
}

/* ---- rollouts.csv ---- */

static void put_rollouts_of(FILE *out, const struct trial *trial) {
    for (size_t i = 0; i < trial->measurement_count; i++) {
        const struct rollout_summary *rollout = trial->measurements[i].rollout;
        for (size_t h = 0; rollout != NULL && h < rollout->count; h++) {
            put_trial_key(out, trial);
            put_field(out, trial->measurements[i].condition.name);
            put_number(out, rollout->horizon[h], ',');
            put_number(out, rollout->time[h], ',');
            put_number(out, rollout->error[h], '\n');
        }
    }
}

static void write_rollouts(const struct contents *contents, FILE *out) {
    fputs("experiment,dataset,model,seed,rollout,horizon,time,error\n", out);
    for (size_t t = 0; t < contents->results->trial_count; t++)
        put_rollouts_of(out, &contents->results->trials[t]);
}

/* ---- errors.csv ---- */

static void write_errors(const struct contents *contents, FILE *out) {
    fputs("experiment,dataset,model,seed,target,step,metric,value\n", out);
    for (size_t t = 0; t < contents->results->trial_count; t++) {
        const struct trial *trial = &contents->results->trials[t];
        for (size_t i = 0; i < trial->part_count; i++)
            for (size_t m = 0; m < trial->metric_count; m++) {
                const struct part_scores *part = &trial->parts[i];
                put_trial_key(out, trial);
                put_field(out, part->target != NULL ? part->target : "");
                put_number(out, part->step > 0 ? part->step : NAN, ',');
                put_field(out, trial->metrics[m].name);
                put_number(out, part->values[m], '\n');
            }
    }
}

/* ---- classes.csv, confusion.csv ---- */

static void write_classes(const struct contents *contents, FILE *out) {
    fputs("experiment,dataset,model,seed,class,support,predicted,correct,precision,recall,f1\n",
          out);
    for (size_t t = 0; t < contents->results->trial_count; t++) {
        const struct trial *trial = &contents->results->trials[t];
        for (size_t c = 0; c < trial->class_count; c++) {
            const struct class_scores *scores = &trial->classes[c];
            put_trial_key(out, trial);
            put_field(out, scores->name);
            put_number(out, scores->support, ',');
            put_number(out, scores->predicted, ',');
            put_number(out, scores->correct, ',');
            put_number(out, scores->precision, ',');
            put_number(out, scores->recall, ',');
            put_number(out, scores->f1, '\n');
        }
    }
}

static void write_confusion(const struct contents *contents, FILE *out) {
    fputs("experiment,dataset,model,seed,true,predicted,count\n", out);
    for (size_t t = 0; t < contents->results->trial_count; t++) {
        const struct trial *trial = &contents->results->trials[t];
        size_t classes = trial->confusion != NULL ? trial->class_count : 0;
        for (size_t i = 0; i < classes * classes; i++) {
            if (trial->confusion[i] == 0)
                continue;
            put_trial_key(out, trial);
            put_field(out, trial->classes[i / classes].name);
            put_field(out, trial->classes[i % classes].name);
            put_number(out, trial->confusion[i], '\n');
        }
    }
}

/* ---- trials.csv ---- */

static void write_trials(const struct contents *contents, FILE *out) {
    fputs("experiment,dataset,model,seed,trial,hash,status,error,best_epoch\n", out);
    for (size_t s = 0; s < contents->section_count; s++) {
        const struct dataset_results *dataset = contents->sections[s].results;
        if (dataset == NULL)
            continue;
        for (size_t m = 0; m < dataset->model_count; m++)
            for (size_t t = 0; t < dataset->models[m].trial_count; t++) {
                const struct trial *trial = dataset->models[m].trials[t];
                put_trial_key(out, trial);
                put_field(out, trial->stem);
                put_field(out, trial->hash);
                put_field(out, trial->status);
                put_field(out, trial->error);
                put_number(out, trial->best_epoch, '\n');
            }
    }
}

/* ---- curves.csv, measures.csv ---- */

static void put_curves_of(FILE *out, const struct trial *trial) {
    for (enum curve_kind kind = 0; kind < CURVE_KINDS; kind++) {
        const struct recorded_curve *curve = &trial->curves[kind];
        for (size_t i = 0; i < curve->count; i++) {
            put_trial_key(out, trial);
            put_field(out, curve_name(kind));
            put_number(out, curve->x[i], ',');
            put_number(out, curve->y[i], '\n');
        }
    }
}

static void write_curves(const struct contents *contents, FILE *out) {
    fputs("experiment,dataset,model,seed,curve,x,value\n", out);
    for (size_t t = 0; t < contents->results->trial_count; t++)
        put_curves_of(out, &contents->results->trials[t]);
}

static void put_measures_of(FILE *out, const struct trial *trial) {
    const struct measure_type *type;
    for (size_t m = 0; (type = measure_at(m)) != NULL; m++)
        if (!isnan(trial->recorded[m])) {
            put_trial_key(out, trial);
            put_field(out, type->path);
            put_number(out, trial->recorded[m], '\n');
        }
}

static void write_measures(const struct contents *contents, FILE *out) {
    fputs("experiment,dataset,model,seed,measure,value\n", out);
    for (size_t t = 0; t < contents->results->trial_count; t++)
        put_measures_of(out, &contents->results->trials[t]);
}

const struct exporter exporter_measurements = {"measurements.csv", write_measurements};
const struct exporter exporter_summary = {"summary.csv", write_summary};
const struct exporter exporter_comparisons = {"comparisons.csv", write_comparisons};
const struct exporter exporter_robustness = {"robustness.csv", write_robustness};
const struct exporter exporter_hypotheses = {"hypotheses.csv", write_hypotheses};
const struct exporter exporter_errors = {"errors.csv", write_errors};
const struct exporter exporter_classes = {"classes.csv", write_classes};
const struct exporter exporter_confusion = {"confusion.csv", write_confusion};
const struct exporter exporter_rollouts = {"rollouts.csv", write_rollouts};
const struct exporter exporter_curves = {"curves.csv", write_curves};
const struct exporter exporter_measures = {"measures.csv", write_measures};
const struct exporter exporter_trials = {"trials.csv", write_trials};
