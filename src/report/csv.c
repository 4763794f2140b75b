/* Tidy CSV files (RFC 4180): measurements.csv has one row a measurement, summary.csv one a model
 * and condition, trials.csv one a trial. Numbers keep all their digits; what is not known is empty.
 */
#include "report/exporter.h"

#include <csv.h>
#include <math.h>
#include <string.h>

static void put_field(FILE *out, const char *text) {
    if (text[strcspn(text, ",\"\r\n")] == '\0')
        fputs(text, out);
    else
        csv_fwrite(out, text, strlen(text));
    fputc(',', out);
}

static void put_number(FILE *out, double value, char end) {
    if (isfinite(value))
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
            put_number(out, trial->measurements[i].values[m], '\n');
        }
    for (size_t c = 0; c < COST_COUNT; c++) {
        put_trial_key(out, trial);
        fprintf(out, "cost,,,%s,", cost_infos[c].name);
        put_number(out, trial->costs[c], '\n');
    }
}

static void write_measurements(const struct contents *contents, FILE *out) {
    fputs("experiment,dataset,model,seed,condition,name,severity,metric,value\n", out);
    for (size_t s = 0; s < contents->section_count; s++) {
        const struct dataset_results *dataset = contents->sections[s].results;
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

static void put_summary(FILE *out, const struct summary *summary) {
    bool known = summary->count > 0;
    fprintf(out, "%zu,", summary->count);
    put_number(out, known ? summary->mean : NAN, ',');
    put_number(out, summary->count > 1 ? summary->deviation : NAN, ',');
    put_number(out, known ? summary->least : NAN, ',');
    put_number(out, known ? summary->most : NAN, '\n');
}

static void put_model(FILE *out, const struct dataset_results *dataset,
                      const struct model_results *model) {
    for (size_t c = 0; c < dataset->condition_count; c++)
        for (size_t i = 0; i < dataset->metric_count; i++) {
            put_model_key(out, dataset, model);
            put_condition(out, &dataset->conditions[c]);
            put_field(out, dataset->metrics[i].name);
            put_summary(out, &scores_at(dataset, model, c, i)->summary);
        }
    for (size_t c = 0; c < COST_COUNT; c++) {
        put_model_key(out, dataset, model);
        fprintf(out, "cost,,,%s,", cost_infos[c].name);
        put_summary(out, &model->costs[c].summary);
    }
}

static void write_summary(const struct contents *contents, FILE *out) {
    fputs("experiment,dataset,model,baseline,condition,name,severity,metric,seeds,mean,std,min,"
          "max\n",
          out);
    for (size_t s = 0; s < contents->section_count; s++) {
        const struct dataset_results *dataset = contents->sections[s].results;
        for (size_t m = 0; m < dataset->model_count; m++)
            put_model(out, dataset, &dataset->models[m]);
    }
}

/* ---- trials.csv ---- */

static void write_trials(const struct contents *contents, FILE *out) {
    fputs("experiment,dataset,model,seed,trial,hash,status,error,best_epoch\n", out);
    for (size_t s = 0; s < contents->section_count; s++) {
        const struct dataset_results *dataset = contents->sections[s].results;
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

const struct exporter exporter_measurements = {"measurements.csv", write_measurements};
const struct exporter exporter_summary = {"summary.csv", write_summary};
const struct exporter exporter_trials = {"trials.csv", write_trials};
