/* A model whose predictions are not finite counts as the worst everywhere in a report. */
#include "report/report.h"

#include "base/json.h"
#include "report/findings/findings.h"
#include "report/results/across.h"
#include "report/results/degradation.h"
#include "report/results/pairs.h"
#include "report/tables/format.h"
#include "support/fake_results.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct bench {
    char *folder;
    struct results results;
    struct arena arena;
};

static int make_bench(void **state) {
    struct bench *bench = calloc(1, sizeof *bench);
    bench->folder = fake_folder();
    *state = bench;
    return 0;
}

static int drop_bench(void **state) {
    struct bench *bench = *state;
    results_free(&bench->results);
    arena_free(&bench->arena);
    remove_folder(bench->folder);
    free(bench->folder);
    free(bench);
    return 0;
}

/* The steadiest network by far is the one that will be spoilt. */
static const struct fake_model models[] = {{"lstm", false, 100, 0.5, 2, NULL},
                                           {"steady", false, 100, 0.3, 0.1, NULL},
                                           {"gru", false, 100, 0.4, 1, NULL}};

enum { NOISE = 1, OOD = 2, CLEAN = 4 };

static cJSON *member(cJSON *object, const char *key) {
    return cJSON_GetObjectItemCaseSensitive(object, key);
}

/* All metrics become null, as cJSON writes NaN and infinity alike. */
static void spoil_metrics(cJSON *metrics) {
    for (cJSON *metric = metrics->child; metric != NULL; metric = metric->next)
        cJSON_SetNumberHelper(metric, metric == metrics->child ? NAN : INFINITY);
}

/* The harshest of the first perturbation, and the last shift. */
static void spoil(const struct bench *bench, const char *model, int seed, int what) {
    struct error error;
    struct arena arena = {0};
    const char *path =
        arena_printf(&arena, "%s/trials/data-%s-s%d-9f86d081.json", bench->folder, model, seed);
    cJSON *trial = json_load(path, &error);
    assert_non_null(trial);
    if (what & NOISE)
        spoil_metrics(member(cJSON_GetArrayItem(member(trial, "noise"), 4), "metrics"));
    if (what & OOD)
        spoil_metrics(member(cJSON_GetArrayItem(member(trial, "ood"), 2), "metrics"));
    if (what & CLEAN)
        spoil_metrics(member(member(trial, "metrics"), "test"));
    for (cJSON *info = member(trial, "metric_info")->child; info != NULL; info = info->next)
        if (member(info, "undefined") == NULL)
            cJSON_AddArrayToObject(info, "undefined"); /* nothing is */
    assert_true(json_save(trial, path, &error));
    cJSON_Delete(trial);
    arena_free(&arena);
}

static void write_results(const struct bench *bench, int seeds, bool classifies) {
    static const char *const datasets[] = {"data", NULL};
    struct fake_experiment experiment = fake_standard;
    experiment.datasets = datasets;
    experiment.models = models;
    experiment.model_count = 3;
    experiment.seeds = seeds;
    experiment.classifies = classifies;
    fake_results_write(bench->folder, &experiment);
}

static const struct dataset_results *load(struct bench *bench) {
    struct error error = {0};
    const char *folder = bench->folder;
    if (!results_load(&bench->results, &folder, 1, &error))
        fail_msg("%s", error.text);
    return &bench->results.datasets[0];
}

static const char *findings_of(struct bench *bench, const struct dataset_results *dataset) {
    struct arena *arena = &bench->arena;
    struct pairs pairs = pairs_make(dataset, arena);
    struct degradations degradations = degradations_make(dataset, arena);
    struct published none = {0};
    struct findings found = findings_make(dataset, &pairs, &degradations, &none, NULL, arena);
    const char *text = arena_printf(arena, "%s\n", found.headline);
    for (size_t i = 0; i < found.count; i++)
        text = arena_printf(arena, "%s%s\n", text, found.items[i]);
    return text;
}

static void assert_contains(const char *text, const char *wanted) {
    if (strstr(text, wanted) == NULL)
        fail_msg("\"%s\" is not in:\n%s", wanted, text);
}

static void one_seed_that_blows_up_makes_the_steadiest_model_the_worst(void **state) {
    struct bench *bench = *state;
    write_results(bench, 3, false);
    assert_contains(findings_of(bench, load(bench)),
                    "Perturbations, on average: steady is the steadiest");
    results_free(&bench->results);
    spoil(bench, "steady", 1, NOISE | OOD);
    const struct dataset_results *dataset = load(bench);
    const struct model_results *steady = &dataset->models[1];
    struct degradations degradations = degradations_make(dataset, &bench->arena);
    const struct degradation *gaussian = &degradations.items[degradations.type_count];
    assert_true(isinf(gaussian->area) && isinf(gaussian->mean) && isinf(gaussian->worst));
    assert_true(isinf(gaussian->corruption) && isinf(gaussian->relative));
    assert_int_equal(gaussian->not_finite, 1);
    assert_true(isfinite(degradations.items[degradations.type_count + 1].area)); /* dropout */
    const struct degradation *overall = &degradations.overall[1];
    assert_true(isinf(overall->area) && isinf(overall->corruption) && isinf(overall->worst));
    assert_string_equal(overall->worst_under, "gaussian");
    assert_int_equal(overall->not_finite, 1);
    assert_true(isinf(degradations.shift_gap[1]) && isinf(degradations.shift_ratio[1]));
    assert_true(isinf(ratio_worst(dataset, steady, CONDITION_NOISE, NULL)));
    assert_true(isinf(ratio_mean(dataset, steady, CONDITION_OOD)));
    const char *text = findings_of(bench, dataset);
    assert_null(strstr(text, "average: steady is the steadiest"));
    assert_null(strstr(text, "corruption error here: steady"));
    assert_contains(text, "Perturbations, on average: gru is the steadiest");
    assert_contains(text, "steady is the least steady: its score is not always finite");
    assert_contains(text, "The predictions of steady are not finite for 1 of 3 seeds "
                          "(under gaussian 0.8 and 1 other condition)");
}

static void the_same_holds_for_scores_that_are_higher_when_better(void **state) {
    struct bench *bench = *state;
    write_results(bench, 3, true);
    for (int seed = 0; seed < 3; seed++)
        spoil(bench, "steady", seed, NOISE);
    const struct dataset_results *dataset = load(bench);
    struct degradations degradations = degradations_make(dataset, &bench->arena);
    assert_true(degradations.overall[1].area == -INFINITY);
    assert_true(degradations.overall[1].corruption == INFINITY);
    assert_true(ratio_worst(dataset, &dataset->models[1], CONDITION_NOISE, NULL) == -INFINITY);
    assert_contains(findings_of(bench, dataset), "not finite for 3 of 3 seeds");
}

static void of_a_reference_that_blows_up_nothing_is_a_multiple(void **state) {
    struct bench *bench = *state;
    write_results(bench, 3, false);
    spoil(bench, "lstm", 0, NOISE);
    const struct dataset_results *dataset = load(bench);
    struct degradations degradations = degradations_make(dataset, &bench->arena);
    assert_string_equal(degradations.reference->name, "lstm");
    assert_int_equal(degradations.without_reference, 1);
    assert_true(isinf(degradations.items[0].corruption));
    const struct degradation *steady = &degradations.items[degradations.type_count];
    assert_true(isnan(steady[0].corruption)); /* not 0 */
    assert_true(isnan(steady[0].relative));
    assert_true(isfinite(steady[1].corruption));
    assert_true(degradations.overall[1].corruption == steady[1].corruption);
    assert_true(isinf(degradations.overall[0].corruption));
}

static void a_clean_score_that_is_not_finite_loses_every_comparison(void **state) {
    struct bench *bench = *state;
    write_results(bench, 8, false);
    for (int seed = 0; seed < 8; seed++)
        spoil(bench, "steady", seed, CLEAN);
    const struct dataset_results *dataset = load(bench);
    assert_string_equal(best_model(dataset, 0, 0, 3)->name, "gru");
    struct pairs pairs = pairs_make(dataset, &bench->arena);
    const struct pair *pair = pair_at(&pairs, 1, 2);
    assert_int_equal(pair->seeds, 8);
    assert_true(pair->p < 0.01 && pair->permutation < 0.01);
    assert_true(pair->delta == -1);
    assert_ptr_equal(pair->better, &dataset->models[2]);
    assert_string_equal(
        format_summary(&bench->arena, scores_at(dataset, &dataset->models[1], 0, 0)->summary),
        "∞ (8/8)");
    struct degradations degradations = degradations_make(dataset, &bench->arena);
    assert_true(isinf(degradations.overall[1].mean) && isinf(degradations.shift_gap[1]));
    assert_contains(findings_of(bench, dataset), "on the clean test data");
}

static void when_all_blow_up_nobody_is_called_best_or_max_robust(void **state) {
    struct bench *bench = *state;
    write_results(bench, 3, false);
    for (size_t m = 0; m < 3; m++)
        for (int seed = 0; seed < 3; seed++)
            spoil(bench, models[m].name, seed, NOISE | OOD | CLEAN);
    const struct dataset_results *dataset = load(bench);
    assert_null(best_model(dataset, 0, 0, 3));
    const char *text = findings_of(bench, dataset);
    assert_null(strstr(text, "is the steadiest"));
    assert_null(strstr(text, "corruption error"));
    struct error error;
    assert_true(report_write(&bench->results,
                             arena_printf(&bench->arena, "%s/report", bench->folder),
                             &(struct report_options){0}, &error));
}

static void undefined_scores_are_left_out_instead(void **state) {
    struct bench *bench = *state;
    write_results(bench, 3, false);
    spoil(bench, "steady", 0, CLEAN);
    struct error error;
    const char *path =
        arena_printf(&bench->arena, "%s/trials/data-steady-s0-9f86d081.json", bench->folder);
    cJSON *trial = json_load(path, &error);
    cJSON_AddItemToArray(member(member(trial, "metric_info")->child, "undefined"),
                         cJSON_CreateString("test")); /* MSE */
    assert_true(json_save(trial, path, &error));
    cJSON_Delete(trial);
    const struct dataset_results *dataset = load(bench);
    struct summary summary = scores_at(dataset, &dataset->models[1], dataset->test, 0)->summary;
    assert_int_equal(summary.count, 2);
    assert_int_equal(summary.not_finite, 0);
    assert_contains(findings_of(bench, dataset), "The test MSE is undefined for 1 of 9 trials");
}

static void the_exports_tell_not_finite_from_unknown(void **state) {
    struct bench *bench = *state;
    write_results(bench, 3, false);
    spoil(bench, "steady", 1, NOISE);
    load(bench);
    struct error error;
    const char *report = arena_printf(&bench->arena, "%s/report", bench->folder);
    assert_true(report_write(&bench->results, report, &(struct report_options){0}, &error));
    char *measurements = read_text(report, "measurements.csv");
    assert_contains(measurements, ",data,steady,1,noise,gaussian,0.80000000000000004,mse,inf,");
    assert_contains(measurements, ",data,steady,1,noise,gaussian,0.80000000000000004,r2,-inf,");
    free(measurements);
    char *summary = read_text(report, "summary.csv");
    assert_contains(summary, ",noise,gaussian,0.80000000000000004,mse,3,inf,,");
    free(summary);
    char *markdown = read_text(report, "report.md");
    assert_contains(markdown, "∞ (1/3) (>×1000)");
    assert_contains(markdown, "not finite for 1 of 3 seeds, which counts as the worst");
    free(markdown);
    char *json = read_text(report, "report.json");
    assert_contains(json, "\"not_finite\": 1");
    assert_contains(json, "\"seeds_not_finite\": 1");
    free(json);
}

int main(void) {
#define ON_BENCH(test) cmocka_unit_test_setup_teardown(test, make_bench, drop_bench)
    const struct CMUnitTest tests[] = {
        ON_BENCH(one_seed_that_blows_up_makes_the_steadiest_model_the_worst),
        ON_BENCH(the_same_holds_for_scores_that_are_higher_when_better),
        ON_BENCH(of_a_reference_that_blows_up_nothing_is_a_multiple),
        ON_BENCH(a_clean_score_that_is_not_finite_loses_every_comparison),
        ON_BENCH(when_all_blow_up_nobody_is_called_best_or_max_robust),
        ON_BENCH(undefined_scores_are_left_out_instead),
        ON_BENCH(the_exports_tell_not_finite_from_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
