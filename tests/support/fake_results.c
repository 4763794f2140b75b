#include "support/fake_results.h"

#include "base/arena.h"
#include "base/file.h"
#include "base/json.h"

#include <ftw.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const char *const standard_datasets[] = {"sunspots", NULL};

static const struct fake_model standard_models[] = {
    {"lstm", false, 4736, 0.182, 1.6, NULL},    {"cfc", false, 9280, 0.165, 0.9, NULL},
    {"ltc", false, 5408, 0.171, 0.7, NULL},     {"ltc-ncp", false, 1233, 0.274, 1.2, NULL},
    {"persistence", true, 0, 0.241, 1.0, NULL}, {"ridge", true, 33, 0.209, 2.4, NULL},
};

const struct fake_experiment fake_standard = {
    .name = "quickstart",
    .datasets = standard_datasets,
    .models = standard_models,
    .model_count = sizeof standard_models / sizeof standard_models[0],
    .seeds = 3,
    .epochs = 40,
    .noise = true,
    .ood = true,
};

const struct fake_experiment fake_robustness = {
    .name = "robustness",
    .datasets = standard_datasets,
    .models = standard_models,
    .model_count = sizeof standard_models / sizeof standard_models[0],
    .seeds = 10,
    .epochs = 40,
    .noise = true,
    .ood = true,
    .rollout = true,
    .perturbations = 14,
    .reference = "lstm",
};

/* ---- Numbers ---- */

/* The same numbers for the same trial, whatever else is made. */
static gsl_rng *stream(const struct fake_model *model, const char *dataset, int seed) {
    char text[256], digest[SHA256_TEXT];
    snprintf(text, sizeof text, "%s %s %d", model->name, dataset, seed);
    bytes_sha256(text, strlen(text), digest);
    digest[8] = '\0';
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    gsl_rng_set(rng, strtoul(digest, NULL, 16));
    return rng;
}

static cJSON *metrics_of(const struct fake_experiment *experiment, double error) {
    cJSON *metrics = cJSON_CreateObject();
    if (experiment->classifies) {
        cJSON_AddNumberToObject(metrics, "accuracy", 1 / (1 + error));
        cJSON_AddNumberToObject(metrics, "macro_f1", 1 / (1 + 1.3 * error));
        return metrics;
    }
    cJSON_AddNumberToObject(metrics, "mse", error);
    cJSON_AddNumberToObject(metrics, "mae", 0.8 * sqrt(error));
    cJSON_AddNumberToObject(metrics, "r2", 1 - error);
    return metrics;
}

static void add_info(cJSON *infos, const char *name, const char *title, bool higher_is_better) {
    cJSON *info = cJSON_CreateObject();
    cJSON_AddStringToObject(info, "name", name);
    cJSON_AddStringToObject(info, "title", title);
    cJSON_AddBoolToObject(info, "higher_is_better", higher_is_better);
    cJSON_AddItemToArray(infos, info);
}

static void add_metric_info(cJSON *trial, const struct fake_experiment *experiment) {
    cJSON *infos = cJSON_AddArrayToObject(trial, "metric_info");
    if (experiment->classifies) {
        add_info(infos, "accuracy", "Accuracy", true);
        add_info(infos, "macro_f1", "Macro F1", true);
    } else {
        add_info(infos, "mse", "MSE", false);
        add_info(infos, "mae", "MAE", false);
        add_info(infos, "r2", "R²", true);
    }
}

/* ---- Parts of a trial ---- */

static void add_curve(cJSON *curve, int epochs, double final, gsl_rng *rng) {
    int last = epochs - (int)(gsl_rng_uniform(rng) * epochs / 3);
    for (int e = 1; e <= last; e++) {
        cJSON *epoch = cJSON_CreateObject();
        double loss = final * (0.8 + 4 * exp(-6.0 * e / epochs));
        cJSON_AddNumberToObject(epoch, "epoch", e);
        cJSON_AddNumberToObject(epoch, "loss", loss);
        cJSON_AddNumberToObject(epoch, "valid", loss * (1.1 + gsl_ran_gaussian(rng, 0.04)));
        cJSON_AddNumberToObject(epoch, "learning_rate", 0.001);
        cJSON_AddItemToArray(curve, epoch);
    }
}

static void add_noise(cJSON *noise, const struct fake_experiment *experiment,
                      const struct fake_model *model, double error, gsl_rng *rng) {
    static const char *const types[] = {
        "gaussian",     "dropout",    "uniform",        "impulse", "drift", "bias",   "gain",
        "quantisation", "saturation", "sensor_dropout", "stuck",   "delay", "jitter", "hum"};
    static const double severities[] = {0.05, 0.1, 0.2, 0.4, 0.8};
    int count = experiment->perturbations == 0 ? 2 : experiment->perturbations;
    for (int t = 0; t < count; t++)
        for (int s = 0; s < 5; s++) {
            double growth = model->noise * severities[s] * (t == 0 ? 1.5 : 1.0 / (1 + t / 4));
            double noisy = error * (1 + growth) * (1 + gsl_ran_gaussian(rng, 0.02));
            noisy *= experiment->noise_factor == 0 ? 1 : experiment->noise_factor;
            cJSON *item = cJSON_CreateObject();
            cJSON_AddStringToObject(item, "type", types[t]);
            cJSON_AddNumberToObject(item, "severity", severities[s]);
            cJSON_AddItemToObject(item, "metrics", metrics_of(experiment, noisy));
            if (!experiment->old)
                cJSON_AddNumberToObject(item, "distance", 0.05 + severities[s] / (1 + t));
            cJSON_AddItemToArray(noise, item);
        }
}

static void add_rollout(cJSON *item, double error) {
    cJSON *rollout = cJSON_AddObjectToObject(item, "rollout");
    cJSON_AddNumberToObject(rollout, "steps", 200);
    cJSON_AddNumberToObject(rollout, "starts", 16);
    cJSON *horizons = cJSON_AddArrayToObject(rollout, "horizon");
    cJSON *times = cJSON_AddArrayToObject(rollout, "time");
    cJSON *errors = cJSON_AddArrayToObject(rollout, "error");
    for (int h = 1; h <= 200; h += h < 20 ? 1 : h / 8) {
        cJSON_AddItemToArray(horizons, cJSON_CreateNumber(h));
        cJSON_AddItemToArray(times, cJSON_CreateNumber(0.02 * h));
        double grown = error * 0.02 * exp(h / 25.0);
        cJSON_AddItemToArray(errors, cJSON_CreateNumber(grown / (1 + grown / 1.4)));
    }
    cJSON_AddNumberToObject(rollout, "threshold", 0.4);
    cJSON_AddNumberToObject(rollout, "valid_steps", 25 * log(0.5 / (0.02 * error)));
    cJSON_AddNumberToObject(rollout, "valid_time", 0.5 * log(0.5 / (0.02 * error)));
    cJSON_AddNullToObject(rollout, "valid_lyapunov");
}

static void add_ood(cJSON *ood, const struct fake_experiment *experiment,
                    const struct fake_model *model, double error, gsl_rng *rng) {
    static const char *const shifts[] = {"half-rate", "wide-amplitude", "later-years",
                                         "closed-loop"};
    static const char *const kinds[] = {"resample", "parameters", "rows", "rollout"};
    for (int s = 0; s < (experiment->rollout ? 4 : 3); s++) {
        double shifted = error * (1.2 + 0.5 * s * model->noise) * (1 + gsl_ran_gaussian(rng, 0.05));
        shifted *= experiment->ood_factor == 0 ? 1 : experiment->ood_factor;
        cJSON *item = cJSON_CreateObject();
        cJSON_AddStringToObject(item, "name", shifts[s]);
        cJSON_AddItemToObject(item, "metrics", metrics_of(experiment, shifted));
        if (!experiment->old) {
            cJSON_AddStringToObject(item, "kind", kinds[s]);
            if (s < 3)
                cJSON_AddNumberToObject(item, "distance", 0.2 + 0.3 * s);
            else
                cJSON_AddNullToObject(item, "distance");
        }
        if (s == 3)
            add_rollout(item, error);
        cJSON_AddItemToArray(ood, item);
    }
}

static void add_cost(cJSON *trial, const struct fake_model *model, gsl_rng *rng) {
    double parameters = model->parameters;
    cJSON *cost = cJSON_AddObjectToObject(trial, "cost");
    cJSON *memory = cJSON_AddObjectToObject(cost, "memory");
    cJSON_AddNumberToObject(memory, "parameters", 4 * parameters);
    cJSON_AddNumberToObject(memory, "gradients", model->baseline ? 0 : 4 * parameters);
    cJSON_AddNumberToObject(memory, "optimizer", model->baseline ? 0 : 8 * parameters);
    cJSON_AddNumberToObject(memory, "activations", model->baseline ? 0 : 150 * parameters);
    cJSON_AddNumberToObject(memory, "streaming", 1024);
    cJSON_AddNumberToObject(cost, "peak_rss_bytes", 2.1e7 + 200 * parameters);
    cJSON_AddNumberToObject(cost, "train_seconds",
                            model->baseline ? 0.002 : 1 + parameters / 4000 + gsl_rng_uniform(rng));
    cJSON_AddNumberToObject(cost, "flops_per_step", 2.2 * parameters);
    if (model->baseline)
        cJSON_AddNullToObject(cost, "seconds_to_best");
    else
        cJSON_AddNumberToObject(cost, "seconds_to_best", 0.5 + parameters / 8000);
    cJSON_AddNullToObject(cost, "energy_joules");
    cJSON *step = cJSON_AddObjectToObject(cost, "step_us");
    cJSON_AddNumberToObject(step, "p50", 0.1 + parameters / 4000);
    cJSON_AddNumberToObject(step, "p90", 0.2 + parameters / 3500);
    cJSON_AddNumberToObject(step, "p99", 0.3 + parameters / 3000);
    cJSON_AddNumberToObject(step, "mean", 0.12 + parameters / 3900);
}

static void add_example(cJSON *trial, const struct fake_model *model, int seed, gsl_rng *rng) {
    cJSON *example = cJSON_AddObjectToObject(trial, "example");
    cJSON_AddStringToObject(example, "name", "monthly");
    cJSON_AddStringToObject(example, "target", "sunspot number");
    cJSON *time = cJSON_AddArrayToObject(example, "time");
    cJSON *truth = cJSON_AddArrayToObject(example, "truth");
    cJSON *prediction = cJSON_AddArrayToObject(example, "prediction");
    for (int i = 0; i < 160; i++) {
        double value = 80 + 60 * sin(i / 18.0) + 12 * sin(i / 2.3);
        cJSON_AddItemToArray(time, cJSON_CreateNumber(1960 + i / 12.0));
        cJSON_AddItemToArray(truth, cJSON_CreateNumber(value));
        double miss = 40 * model->score + 2 * seed;
        cJSON_AddItemToArray(prediction, cJSON_CreateNumber(value + gsl_ran_gaussian(rng, miss)));
    }
}

static void add_config(cJSON *trial, const struct fake_experiment *experiment,
                       const struct fake_model *model, int seed) {
    double rate = experiment->learning_rate == 0 ? 0.001 : experiment->learning_rate;
    cJSON *config = cJSON_AddObjectToObject(trial, "config");
    cJSON *train = cJSON_AddObjectToObject(config, "train");
    cJSON *described = cJSON_CreateObject();
    cJSON_AddStringToObject(described, "name", model->name);
    cJSON_AddNumberToObject(described, "learning_rate", rate);
    cJSON_AddItemToArray(cJSON_AddArrayToObject(config, "models"), described);
    cJSON_AddStringToObject(config, "name", experiment->name);
    cJSON_AddItemToObject(config, "seeds", cJSON_CreateIntArray(&seed, 1));
    if (experiment->reference != NULL)
        cJSON_AddStringToObject(config, "reference", experiment->reference);
    cJSON_AddStringToObject(train, "optimizer", "adam");
    cJSON_AddNumberToObject(train, "learning_rate", rate);
    cJSON_AddNumberToObject(train, "batch", 16);
    cJSON *provenance = cJSON_AddObjectToObject(trial, "provenance");
    cJSON_AddStringToObject(provenance, "version", "0.1.0");
    cJSON_AddStringToObject(provenance, "commit", "0123456789ab");
    cJSON_AddStringToObject(provenance, "cpu", "A processor with <two> cores & more");
}

static void add_description(cJSON *trial, const struct fake_experiment *experiment,
                            const struct fake_model *model) {
    cJSON *task = cJSON_AddObjectToObject(trial, "task");
    cJSON_AddStringToObject(task, "type", experiment->classifies ? "classification" : "forecast");
    cJSON_AddStringToObject(task, "at", "every");
    cJSON_AddNumberToObject(task, "horizon", 1);
    cJSON_AddStringToObject(task, "units", "data");
    cJSON *described = cJSON_AddObjectToObject(trial, "model");
    cJSON_AddStringToObject(described, "name", model->name);
    if (model->baseline)
        cJSON_AddNullToObject(described, "cell");
    else
        cJSON_AddStringToObject(described, "cell", model->name);
    cJSON_AddBoolToObject(described, "baseline", model->baseline);
    cJSON_AddNumberToObject(described, "parameters", model->parameters);
    cJSON *options = cJSON_AddObjectToObject(described, "options");
    if (!model->baseline)
        cJSON_AddNumberToObject(options, "hidden", 32);
}

static void add_scores(cJSON *trial, const struct fake_experiment *experiment,
                       const struct fake_model *model, gsl_rng *rng) {
    double factor = experiment->factor == 0 ? 1 : experiment->factor;
    double spread = model->baseline ? 0 : gsl_ran_gaussian(rng, 0.05);
    double error = model->score * factor * (1 + spread);
    cJSON *metrics = cJSON_AddObjectToObject(trial, "metrics");
    cJSON_AddItemToObject(metrics, "train", metrics_of(experiment, 0.8 * error));
    cJSON_AddItemToObject(metrics, "valid", metrics_of(experiment, 0.95 * error));
    cJSON_AddItemToObject(metrics, "test", metrics_of(experiment, error));
    cJSON *curve = cJSON_AddArrayToObject(trial, "curve");
    if (!model->baseline)
        add_curve(curve, experiment->epochs, error, rng);
    cJSON_AddNumberToObject(trial, "best_epoch", model->baseline ? 0 : experiment->epochs / 2);
    cJSON *noise = cJSON_AddArrayToObject(trial, "noise");
    if (experiment->noise)
        add_noise(noise, experiment, model, error, rng);
    cJSON *ood = cJSON_AddArrayToObject(trial, "ood");
    if (experiment->ood)
        add_ood(ood, experiment, model, error, rng);
}

static void add_nothing(cJSON *trial) {
    cJSON_AddObjectToObject(trial, "metrics");
    cJSON_AddArrayToObject(trial, "curve");
    cJSON_AddNullToObject(trial, "best_epoch");
    cJSON_AddNullToObject(trial, "cost");
    cJSON_AddArrayToObject(trial, "noise");
    cJSON_AddArrayToObject(trial, "ood");
    cJSON_AddNullToObject(trial, "example");
}

/* A slow wave, the same for all seeds of a model. */
static void add_sampling(cJSON *trial, const struct fake_experiment *experiment,
                         const struct fake_model *model) {
    enum { BLOCKS = 64 };
    cJSON *sampling = cJSON_AddObjectToObject(trial, "sampling");
    cJSON_AddStringToObject(sampling, "metric", "mse");
    cJSON_AddStringToObject(sampling, "blocks", "time");
    cJSON *influence = cJSON_AddArrayToObject(sampling, "influence");
    for (int k = 0; k < BLOCKS; k++) {
        double wave = cos(M_PI * (1 + model->name[0] % 3) * (k + 0.5) / BLOCKS);
        double share = experiment->drift * model->score * wave / BLOCKS;
        cJSON_AddItemToArray(influence, cJSON_CreateNumber(share));
    }
}

/* A stream of three visits, and for networks a ladder, whose last rung only even seeds solve, and
 * gradients. */
static void add_recorded(cJSON *trial, const struct fake_model *model, int seed) {
    static const char policy[] =
        "{\"error\": 0.5, \"fading\": 0.25, \"level\": 0.125, \"excess\": 8, "
        "\"relative_excess\": 64, \"recovery\": 12, \"never\": 1, \"forgetting\": null, "
        "\"curve\": {\"row\": [0, 100, 200], \"error\": [0.25, 1, 0.125]}, "
        "\"since_change\": {\"rows\": [0, 50], \"error\": [1, null]}}";
    cJSON *stream =
        cJSON_Parse("{\"warm_up\": 10, \"visits\": [{\"regime\": \"calm\", \"row\": 0}, "
                    "{\"regime\": \"storm\", \"row\": 100}, "
                    "{\"regime\": \"calm\", \"row\": 200}]}");
    cJSON *frozen = cJSON_Parse(policy), *online = cJSON_Parse(policy);
    cJSON_SetNumberValue(cJSON_GetObjectItem(online, "error"), 0.125 + 0.0625 * (seed % 2));
    cJSON_AddNumberToObject(online, "gain", 0.75 - 0.125 * (seed % 2));
    if (model->baseline)
        cJSON_AddNullToObject(online, "learning_rate");
    else
        cJSON_AddNumberToObject(online, "learning_rate", 0.01);
    cJSON_AddItemToObject(stream, "frozen", frozen);
    cJSON_AddItemToObject(stream, "online", online);
    cJSON_AddItemToObject(trial, "stream", stream);
    if (model->baseline)
        return;
    cJSON_AddItemToObject(
        trial, "ladder",
        cJSON_Parse(
            seed % 3 == 0
                ? "{\"vary\": \"rows\", \"solved\": 0.1, \"longest\": 40, \"state_bytes\": 512, "
                  "\"longest_per_kib\": 80, \"rungs\": [{\"value\": 20, \"score\": 0.01}, "
                  "{\"value\": 40, \"score\": 0.05}]}"
                : "{\"vary\": \"rows\", \"solved\": 0.1, \"longest\": 20, \"state_bytes\": 512, "
                  "\"longest_per_kib\": 40, \"rungs\": [{\"value\": 20, \"score\": 0.02}, "
                  "{\"value\": 40, \"score\": null}]}"));
    cJSON_AddItemToObject(
        trial, "gradient_lag",
        cJSON_Parse(
            "{\"lags\": 3, \"largest\": 2, \"lag_1pct\": 2, \"growth\": 4, \"norm\": [0.25, 1, "
            "0.001], \"fresh\": {\"largest\": 1, \"lag_1pct\": 3, \"growth\": 1, "
            "\"norm\": [1, 0.5, 0.25]}}"));
}

cJSON *fake_trial(const struct fake_experiment *experiment, const struct fake_model *model,
                  const char *dataset, int seed) {
    bool fails = model->status != NULL && seed % 2 == 0;
    cJSON *trial = cJSON_CreateObject();
    cJSON_AddNumberToObject(trial, "format", 1);
    cJSON_AddStringToObject(trial, "status", fails ? model->status : "ok");
    if (fails)
        cJSON_AddStringToObject(trial, "error",
                                "the loss became NaN in epoch 3; a smaller "
                                "train.learning_rate may help");
    else
        cJSON_AddNullToObject(trial, "error");
    cJSON_AddStringToObject(trial, "name", model->name);
    cJSON_AddStringToObject(trial, "dataset", dataset);
    cJSON_AddNumberToObject(trial, "seed", seed);
    cJSON_AddStringToObject(trial, "hash", "9f86d081");
    add_description(trial, experiment, model);
    add_metric_info(trial, experiment);
    gsl_rng *rng = stream(model, dataset, seed);
    if (fails) {
        add_nothing(trial);
    } else {
        add_scores(trial, experiment, model, rng);
        add_cost(trial, model, rng);
        add_example(trial, model, seed, rng);
        if (experiment->rollout)
            add_recorded(trial, model, seed);
    }
    add_config(trial, experiment, model, seed);
    if (experiment->drift > 0)
        add_sampling(trial, experiment, model);
    if (!experiment->old)
        cJSON_AddNumberToObject(trial, "test_distance", 0.06);
    gsl_rng_free(rng);
    return trial;
}

/* ---- Folders ---- */

static void save(const cJSON *json, const char *path) {
    struct error error = {0};
    if (!json_save(json, path, &error))
        fail_msg("%s", error.text);
}

void fake_results_write(const char *folder, const struct fake_experiment *experiment) {
    struct arena arena = {0};
    struct error error = {0};
    const char *trials = path_join(&arena, folder, "trials");
    if (!file_make_directory(trials, &error))
        fail_msg("%s", error.text);
    cJSON *description = cJSON_CreateObject();
    cJSON_AddStringToObject(description, "name", experiment->name);
    cJSON *config = cJSON_AddObjectToObject(description, "config");
    cJSON_AddStringToObject(config, "name", experiment->name);
    if (experiment->gate != NULL)
        cJSON_AddItemToObject(config, "gate", cJSON_Parse(experiment->gate));
    if (experiment->hypotheses != NULL)
        cJSON_AddItemToObject(config, "hypotheses", cJSON_Parse(experiment->hypotheses));
    cJSON_AddObjectToObject(description, "provenance");
    cJSON *plan = cJSON_AddArrayToObject(description, "trials");
    for (size_t d = 0; experiment->datasets[d] != NULL; d++)
        for (size_t m = 0; m < experiment->model_count; m++)
            for (int i = 0; i < experiment->seeds; i++) {
                int seed = experiment->first_seed + i;
                const char *dataset = experiment->datasets[d];
                const struct fake_model *model = &experiment->models[m];
                const char *stem =
                    arena_printf(&arena, "%s-%s-s%d-9f86d081", dataset, model->name, seed);
                cJSON_AddItemToArray(plan, cJSON_CreateString(stem));
                cJSON *trial = fake_trial(experiment, model, dataset, seed);
                save(trial, path_join(&arena, trials, arena_printf(&arena, "%s.json", stem)));
                cJSON_Delete(trial);
            }
    save(description, path_join(&arena, folder, "experiment.json"));
    cJSON_Delete(description);
    arena_free(&arena);
}

char *fake_folder(void) {
    const char *parent = getenv("TMPDIR");
    char *path = NULL;
    if (asprintf(&path, "%s/liquidbench-XXXXXX", parent == NULL ? "/tmp" : parent) < 0)
        fail_msg("no memory");
    if (mkdtemp(path) == NULL)
        fail_msg("%s: cannot be made", path);
    return path;
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *walk) {
    (void)status, (void)type, (void)walk;
    return remove(path);
}

void remove_folder(const char *folder) {
    nftw(folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

char *read_text(const char *folder, const char *name) {
    struct arena arena = {0};
    struct error error = {0};
    const char *text = file_read(path_join(&arena, folder, name), &arena, NULL, &error);
    if (text == NULL)
        fail_msg("%s", error.text);
    char *copy = strdup(text);
    arena_free(&arena);
    return copy;
}

void write_text(const char *folder, const char *name, const char *text) {
    struct arena arena = {0};
    struct error error = {0};
    if (!file_write(path_join(&arena, folder, name), text, strlen(text), &error))
        fail_msg("%s", error.text);
    arena_free(&arena);
}
