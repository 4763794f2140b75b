#include "report/report.h"

#include "base/file.h"
#include "base/json.h"
#include "report/findings/findings.h"
#include "report/plots/palette.h"
#include "report/results/across.h"
#include "report/results/degradation.h"
#include "report/results/pairs.h"
#include "report/tables/format.h"
#include "support/fake_results.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* One results folder and, after make_report(), its report folder. */
struct bench {
    char *folder, *report, *path; /* path: PATH as it was */
    struct results results;
};

static int make_drawing_bench(void **state) {
    struct bench *bench = calloc(1, sizeof *bench);
    bench->folder = fake_folder();
    bench->path = strdup(getenv("PATH"));
    if (asprintf(&bench->report, "%s/report", bench->folder) < 0)
        return -1;
    *state = bench;
    return 0;
}

/* For tests that look at no picture: a stand-in for gnuplot writes empty ones. */
static int make_bench(void **state) {
    make_drawing_bench(state);
    char *here = getcwd(NULL, 0), *path;
    if (asprintf(&path, "%s/tests/support/stand-ins:%s", here, getenv("PATH")) < 0)
        return -1;
    setenv("PATH", path, 1);
    free(path);
    free(here);
    return 0;
}

static int drop_bench(void **state) {
    struct bench *bench = *state;
    setenv("PATH", bench->path, 1);
    free(bench->path);
    results_free(&bench->results);
    remove_folder(bench->folder);
    free(bench->folder);
    free(bench->report);
    free(bench);
    return 0;
}

static void load(struct bench *bench, const struct fake_experiment *experiment) {
    struct error error = {0};
    const char *folder = bench->folder;
    fake_results_write(folder, experiment);
    if (!results_load(&bench->results, &folder, 1, &error))
        fail_msg("%s", error.text);
}

static void make_report(struct bench *bench, const struct fake_experiment *experiment) {
    struct error error = {0};
    load(bench, experiment);
    if (!report_write(&bench->results, bench->report, &(struct report_options){0}, &error))
        fail_msg("%s", error.text);
}

static char *printed(const struct bench *bench, bool colour) {
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    struct error error;
    report_print(&bench->results, &(struct report_options){0}, out, colour, &error);
    fclose(out);
    return text;
}

static void assert_contains(const char *text, const char *wanted) {
    if (strstr(text, wanted) == NULL)
        fail_msg("\"%s\" is not in:\n%s", wanted, text);
}

static void assert_fits_76_columns(const char *text) {
    char *copy = strdup(text), *rest = copy, *line;
    while ((line = strsep(&rest, "\n")) != NULL)
        if (text_width(line) > 76)
            fail_msg("%zu columns: %s", text_width(line), line);
    free(copy);
}

static size_t count_occurrences(const char *text, const char *wanted) {
    size_t count = 0;
    for (const char *at = text; (at = strstr(at, wanted)) != NULL; at++)
        count++;
    return count;
}

/* ---- Numbers ---- */

static const char *summary_text(struct arena *arena, double mean, double deviation, size_t count) {
    return format_summary(arena,
                          (struct summary){.count = count, .mean = mean, .deviation = deviation});
}

static void the_deviation_decides_how_many_digits_of_a_mean_are_shown(void **state) {
    (void)state;
    struct arena arena = {0};
    assert_string_equal(summary_text(&arena, 0.0123456, 0.00123, 3), "0.0123 ± 0.0012");
    assert_string_equal(summary_text(&arena, 2.5, 0.14, 5), "2.50 ± 0.14");
    assert_string_equal(summary_text(&arena, 1234.5, 340, 5), "1234 ± 340");
    assert_string_equal(summary_text(&arena, 0.0000123, 0.0000012, 3), "(1.23 ± 0.12)e-5");
    assert_string_equal(summary_text(&arena, -3.2e8, 1e6, 3), "(-3.200 ± 0.010)e8");
    assert_string_equal(summary_text(&arena, 0.5, 0, 3), "0.5000");
    assert_string_equal(summary_text(&arena, 0.5, 1e-17, 3), "0.5000");
    assert_string_equal(summary_text(&arena, 0.123456789, NAN, 1), "0.1235");
    assert_string_equal(summary_text(&arena, 0, 0, 3), "0.000");
    assert_string_equal(summary_text(&arena, NAN, NAN, 0), NO_VALUE);
    assert_string_equal(summary_text(&arena, INFINITY, NAN, 2), NO_VALUE);
    arena_free(&arena);
}

static void costs_are_shown_in_their_units(void **state) {
    (void)state;
    struct arena arena = {0};
    assert_string_equal(format_cost(&arena, UNIT_BYTES, 512), "512 B");
    assert_string_equal(format_cost(&arena, UNIT_BYTES, 18944), "18.5 KiB");
    assert_string_equal(format_cost(&arena, UNIT_COUNT, 4736), "4736");
    assert_string_equal(format_cost(&arena, UNIT_SECONDS, 1.234), "1.23");
    assert_string_equal(format_cost(&arena, UNIT_SECONDS, 0.0004), "<0.01");
    assert_string_equal(format_cost(&arena, UNIT_SECONDS, NAN), NO_VALUE);
    assert_string_equal(format_ratio(&arena, 1.834), "×1.83");
    assert_string_equal(format_ratio(&arena, INFINITY), ">×1000");
    assert_int_equal(text_width("±µ…a"), 4);
    arena_free(&arena);
}

static void no_two_models_have_the_same_colour(void **state) {
    (void)state;
    enum { MODELS = 40 };
    struct arena arena = {0};
    const char *colours[MODELS];
    for (size_t i = 0; i < MODELS; i++) {
        colours[i] = palette_colour(&arena, i >= 30, i >= 30 ? i - 30 : i);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(colours[i], colours[j]);
    }
    arena_free(&arena);
}

/* ---- The text table ---- */

static void text_fits_76_columns_and_marks_the_best_network(void **state) {
    struct bench *bench = *state;
    load(bench, &fake_standard);
    char *text = printed(bench, false);
    assert_fits_76_columns(text);
    assert_contains(text, "0.1662 ± 0.0050*");
    assert_contains(text, "ltc-ncp does not beat the trivial baseline ridge");
    assert_contains(text, "Perturbations, on average: ltc is the steadiest");
    assert_null(strstr(text, "\033"));
    free(text);
    text = printed(bench, true);
    assert_contains(text, "\033[1m0.1662 ± 0.0050\033[0m");
    free(text);
}

static void long_names_are_shortened_to_fit(void **state) {
    struct bench *bench = *state;
    static const struct fake_model models[] = {
        {"a-model-with-a-very-long-name-indeed-1", false, 40736000, 2.5e-6, 8, NULL},
        {"a-model-with-a-very-long-name-indeed-2", false, 40736000, 2.5e-6, 800, NULL},
    };
    struct fake_experiment experiment = fake_standard;
    experiment.models = models;
    experiment.model_count = 2;
    load(bench, &experiment);
    char *text = printed(bench, false);
    assert_fits_76_columns(text);
    assert_contains(text, "…");
    assert_contains(text, "eed-2");
    free(text);
}

static void names_that_differ_in_the_middle_alone_stand_whole(void **state) {
    struct bench *bench = *state;
    static const struct fake_model models[] = {
        {"cell-and-size-and-wiring-lr0.001-and-everything-else-of-the-settings", false, 4736, 0.17,
         8, NULL},
        {"cell-and-size-and-wiring-lr0.002-and-everything-else-of-the-settings", false, 4736, 0.18,
         8, NULL},
    };
    struct fake_experiment experiment = fake_standard;
    experiment.models = models;
    experiment.model_count = 2;
    load(bench, &experiment);
    char *text = printed(bench, false);
    assert_fits_76_columns(text);
    assert_contains(text,
                    "\ncell-and-size-and-wiring-lr0.001-and-everything-else-of-the-settings\n");
    assert_contains(text,
                    "\ncell-and-size-and-wiring-lr0.002-and-everything-else-of-the-settings\n");
    free(text);
}

static void a_table_that_is_too_wide_stands_in_blocks_with_all_columns(void **state) {
    struct bench *bench = *state;
    load(bench, &fake_standard);
    char *text = printed(bench, false);
    static const char *const titles[] = {"seeds", "params", "MSE ↓", "noise", "OOD", "step µs"};
    for (size_t i = 0; i < sizeof titles / sizeof titles[0]; i++)
        assert_contains(text, titles[i]);
    assert_true(strstr(text, "OOD") < strstr(text, "train s"));
    assert_true(count_occurrences(text, "\nmodel ") >= 2);
    free(text);
}

static void failed_trials_are_listed_with_their_reason(void **state) {
    struct bench *bench = *state;
    static const struct fake_model models[] = {{"lstm", false, 100, 0.2, 1, "diverged"}};
    struct fake_experiment experiment = fake_standard;
    experiment.models = models;
    experiment.model_count = 1;
    load(bench, &experiment);
    char *text = printed(bench, false);
    assert_contains(text, "1/3");
    assert_contains(text, "sunspots-lstm-s0-9f86d081: diverged: the loss became NaN");
    assert_contains(text, "2 of 3 trials of lstm did not finish");
    free(text);
}

/* ---- The report folder ---- */

static void a_report_has_every_file_and_every_plot(void **state) {
    struct bench *bench = *state;
    make_report(bench, &fake_robustness);
    static const char *const files[] = {
        "index.html",
        "report.md",
        "report.tex",
        "measurements.csv",
        "summary.csv",
        "comparisons.csv",
        "robustness.csv",
        "rollouts.csv",
        "curves.csv",
        "measures.csv",
        "hypotheses.csv",
        "trials.csv",
        "report.json",
        "plots/sunspots-learning_curves.svg",
        "plots/sunspots-prediction.svg",
        "plots/sunspots-pareto.svg",
        "plots/sunspots-noise.svg",
        "plots/sunspots-ood.svg",
        "plots/sunspots-distance.svg",
        "plots/sunspots-rollout.svg",
        "plots/sunspots-stream.svg",
        "plots/sunspots-ladder.svg",
        "plots/sunspots-gradient_lag.svg",
    };
    for (size_t f = 0; f < sizeof files / sizeof files[0]; f++) {
        if (system("command -v gnuplot >/dev/null 2>&1") != 0 && strstr(files[f], "plots/"))
            continue;
        char *text = read_text(bench->report, files[f]);
        assert_true(strlen(text) > 3);
        free(text);
    }
}

static void a_report_is_a_pure_function_of_trial_files(void **state) {
    struct bench *bench = *state;
    make_report(bench, &fake_standard);
    char *html = read_text(bench->report, "index.html");
    char *csv = read_text(bench->report, "measurements.csv");
    struct error error = {0};
    assert_true(report_write(&bench->results, bench->report, &(struct report_options){0}, &error));
    char *html_again = read_text(bench->report, "index.html");
    char *csv_again = read_text(bench->report, "measurements.csv");
    assert_string_equal(html, html_again);
    assert_string_equal(csv, csv_again);
    free(html);
    free(csv);
    free(html_again);
    free(csv_again);
}

/* Every id in the page, each ended by its quote, must occur once. */
static void assert_ids_are_unique(const char *html) {
    for (const char *at = html; (at = strstr(at, " id=")) != NULL; at++) {
        char id[256];
        size_t length = strcspn(at + 5, "\"'") + 6;
        assert_true(length < sizeof id);
        memcpy(id, at, length);
        id[length] = '\0';
        if (count_occurrences(html, id) != 1)
            fail_msg("%s occurs %zu times", id, count_occurrences(html, id));
    }
}

static void the_page_is_self_contained_and_its_ids_are_unique(void **state) {
    static const char *const datasets[] = {"sunspots", "sun spots", "sun_spots", NULL};
    struct fake_experiment experiment = fake_standard;
    experiment.datasets = datasets;
    struct bench *bench = *state;
    make_report(bench, &experiment);
    char *html = read_text(bench->report, "index.html");
    assert_ids_are_unique(html);
    assert_int_equal(count_occurrences(html, "<script>"), 1); /* nothing is loaded */
    assert_int_equal(count_occurrences(html, "<script"), 1);
    assert_null(strstr(html, "src="));
    assert_null(strstr(html, "<link"));
    assert_null(strstr(html, "@import"));
    assert_contains(html, "prefers-color-scheme:dark");
    free(html);
}

static void the_page_shows_each_model_s_config_once_whatever_the_seeds(void **state) {
    struct bench *bench = *state;
    make_report(bench, &fake_robustness);
    char *html = read_text(bench->report, "index.html");
    assert_int_equal(count_occurrences(html, "Config of "), fake_robustness.model_count - 1);
    free(html);
}

static void tables_are_sorted_by_score_and_baselines_stand_below(void **state) {
    struct bench *bench = *state;
    static const struct fake_model models[] = {{"third", false, 1, 0.9, 1, NULL},
                                               {"lost", false, 1, 0.1, 1, "failed"},
                                               {"first", false, 1, 0.2, 1, NULL},
                                               {"worse", true, 1, 0.5, 1, NULL},
                                               {"better", true, 1, 0.3, 1, NULL}};
    struct fake_experiment experiment = fake_standard;
    experiment.models = models;
    experiment.model_count = 5;
    experiment.seeds = 1;
    load(bench, &experiment);
    struct arena arena = {0};
    static const char *const expected[] = {"first", "third", "lost", "better", "worse"};
    const struct model_results **order = models_by_score(&bench->results.datasets[0], &arena);
    for (size_t m = 0; m < 5; m++)
        assert_string_equal(order[m]->name, expected[m]);
    arena_free(&arena);
    char *text = printed(bench, false);
    assert_true(strstr(text, "\nfirst ") < strstr(text, "\nthird "));
    assert_true(strstr(text, "\nbetter ") < strstr(text, "\nworse "));
    free(text);
}

static void the_reference_is_shown_however_many_models_are_better(void **state) {
    struct bench *bench = *state;
    static const struct fake_model models[] = {{"last", false, 1, 0.9, 1, NULL},
                                               {"a", false, 1, 0.2, 1, NULL},
                                               {"b", false, 1, 0.3, 1, NULL},
                                               {"c", false, 1, 0.4, 1, NULL}};
    struct fake_experiment experiment = fake_standard;
    experiment.models = models;
    experiment.model_count = 4;
    experiment.reference = "last";
    load(bench, &experiment);
    const struct model_results *shown[4];
    assert_int_equal(select_models(&bench->results.datasets[0], 2, 0, shown), 2);
    assert_string_equal(shown[0]->name, "last");
    assert_string_equal(shown[1]->name, "a");
}

static void the_page_sorts_filters_and_names_what_a_plot_draws(void **state) {
    struct bench *bench = *state;
    make_report(bench, &fake_standard);
    char *html = read_text(bench->report, "index.html");
    assert_contains(html, "<caption>Test scores</caption>");
    assert_contains(html, "id=\"filter-models\"");
    assert_contains(html, "hidden><label>"); /* until the script shows it */
    assert_contains(html, "aria-sort");
    assert_null(strstr(html, "<title>gnuplot"));
    if (strstr(html, "<svg") != NULL) {
        assert_contains(html, "<title>lstm</title>");
        assert_contains(html, "<title>ltc</title>");
        char *svg = read_text(bench->report, "plots/sunspots-noise.svg");
        assert_null(strstr(svg, "<title>gnuplot"));
        assert_null(strstr(svg, "Produced by GNUPLOT"));
        assert_contains(svg, "role=\"img\">\n<title>Test ");
        size_t lstm = count_occurrences(svg, "<title>lstm</title>");
        assert_true(lstm > 1); /* in the key, too */
        assert_int_equal(lstm, count_occurrences(svg, "<title>ltc</title>"));
        free(svg);
    }
    free(html);
}

/* A name that is special to HTML, LaTeX, Markdown, CSV, gnuplot and the shell. */
#define HOSTILE "a<b>&\"'|`touch x`$(touch x)_{^}~#%\\,'; system 'touch x'"

static void names_are_escaped_in_every_format(void **state) {
    static const struct fake_model models[] = {{HOSTILE, false, 100, 0.2, 1, NULL},
                                               {"lstm", false, 200, 0.3, 1, NULL}};
    struct fake_experiment experiment = fake_standard;
    experiment.models = models;
    experiment.model_count = 2;
    struct bench *bench = *state;
    make_report(bench, &experiment);
    char *html = read_text(bench->report, "index.html");
    assert_null(strstr(html, "a<b>"));
    assert_contains(html, "a&lt;b&gt;&amp;&quot;&#39;|");
    assert_contains(html, "A processor with &lt;two&gt; cores &amp; more");
    free(html);
    char *tex = read_text(bench->report, "report.tex");
    assert_contains(
        tex, "a\\textless{}b\\textgreater{}\\&\\textquotedbl{}'\\textbar{}\\textasciigrave{}touch "
             "x\\textasciigrave{}\\$(touch x)\\_\\{\\textasciicircum{}\\}\\textasciitilde{}\\#\\%"
             "\\textbackslash{}");
    free(tex);
    char *csv = read_text(bench->report, "summary.csv");
    assert_contains(csv, "\"a<b>&\"\"'|`touch x`$(touch x)_{^}~#%\\,'; system 'touch x'\"");
    free(csv);
    char *markdown = read_text(bench->report, "report.md");
    assert_contains(markdown, "a&lt;b>&amp;\"'\\|\\`touch x\\`\\$(touch x)\\_{^}\\~\\#%\\\\,");
    free(markdown);
    assert_false(file_exists("x"));
}

static void every_measurement_has_one_row_in_the_tidy_csv(void **state) {
    struct bench *bench = *state;
    make_report(bench, &fake_standard);
    char *csv = read_text(bench->report, "measurements.csv");
    /* 18 trials: 3 splits, 10 noises and 3 shifts with 3 metrics each, and the costs. */
    assert_int_equal(count_occurrences(csv, "\n"), 1 + 18 * (16 * 3 + COST_COUNT));
    assert_contains(csv, "quickstart,sunspots,lstm,0,noise,gaussian,0.8");
    assert_contains(csv, "quickstart,sunspots,lstm,2,cost,,,step_us_p50,");
    free(csv);
}

static void without_gnuplot_everything_but_the_plots_is_there(void **state) {
    struct bench *bench = *state;
    setenv("PATH", "/nonexistent", 1);
    make_report(bench, &fake_standard);
    char *html = read_text(bench->report, "index.html");
    assert_null(strstr(html, "<figure"));
    assert_contains(html, "0.1662 ± 0.0050");
    free(html);
}

static void reports_of_little_are_written_too(void **state) {
    static const struct fake_model dead[] = {{"dead", false, 10, 1, 1, "out_of_memory"}};
    static const struct fake_model null_scores[] = {{"null", false, 10, NAN, 1, NULL}};
    static const struct fake_model baseline[] = {{"persistence", true, 0, 1, 1, NULL}};
    static const struct fake_model *const few[] = {dead, null_scores, baseline};
    struct bench *bench = *state;
    for (size_t i = 0; i < 3; i++) {
        struct fake_experiment experiment = fake_standard;
        experiment.models = few[i];
        experiment.model_count = 1;
        experiment.seeds = 1;
        experiment.noise = experiment.ood = i == 1;
        experiment.epochs = 1;
        results_free(&bench->results);
        remove_folder(bench->folder);
        make_report(bench, &experiment);
        char *text = printed(bench, true);
        assert_contains(text, few[i][0].name);
        free(text);
    }
}

static void huge_and_tiny_scores_do_not_break_tables_or_plots(void **state) {
    static const struct fake_model models[] = {{"huge", false, 10, 1e300, 1, NULL},
                                               {"tiny", false, 2000000000, 1e-300, 1, NULL},
                                               {"zero", false, 1, 0, 0, NULL}};
    struct fake_experiment experiment = fake_standard;
    experiment.models = models;
    experiment.model_count = 3;
    struct bench *bench = *state;
    make_report(bench, &experiment);
    char *text = printed(bench, false);
    assert_fits_76_columns(text);
    free(text);
}

static void a_folder_that_cannot_be_written_is_an_error(void **state) {
    struct bench *bench = *state;
    load(bench, &fake_standard);
    write_text(bench->folder, "file", "in the way");
    struct error error = {0};
    struct arena arena = {0};
    const char *directory = path_join(&arena, bench->folder, "file/report");
    assert_false(report_write(&bench->results, directory, &(struct report_options){0}, &error));
    assert_contains(error.text, "file");
    arena_free(&arena);
}

/* ---- What is significant ---- */

/* Adds a search of "lstm" and "ltc" to what fake_results_write() made. */
static void add_search(const struct bench *bench) {
    struct error error;
    struct arena arena = {0};
    const char *path = path_join(&arena, bench->folder, "experiment.json");
    cJSON *json = json_load(path, &error);
    cJSON *config = cJSON_GetObjectItemCaseSensitive(json, "config");
    cJSON_AddStringToObject(cJSON_AddObjectToObject(config, "search"), "method", "random");
    assert_true(json_save(json, path, &error));
    cJSON_Delete(json);
    arena_free(&arena);
    write_text(bench->folder, "search.json",
               "{\"method\": \"random\", \"metric\": {\"name\": \"mse\", \"title\": \"MSE\","
               " \"higher_is_better\": false}, \"models\": ["
               "{\"name\": \"lstm\", \"budget\": 40, \"settings\": {\"hidden\": 8}, \"trials\": ["
               "{\"epochs\": 10, \"valid\": null}, {\"epochs\": 10, \"valid\": 0.5},"
               "{\"epochs\": 10, \"valid\": 0.7}, {\"epochs\": 6, \"valid\": 0.25}]},"
               "{\"name\": \"ltc\", \"budget\": 40, \"settings\": {\"train.optimizer\": \"adam\"},"
               " \"trials\": [{\"epochs\": 10, \"valid\": 0.375}, {\"epochs\": 10,"
               " \"valid\": 0.5}]}]}");
}

static void load_with_search(struct bench *bench) {
    struct error error = {0};
    const char *folder = bench->folder;
    load(bench, &fake_standard);
    add_search(bench);
    results_free(&bench->results);
    if (!results_load(&bench->results, &folder, 1, &error))
        fail_msg("%s", error.text);
}

static void a_search_is_read_as_the_best_score_so_far_against_epochs_spent(void **state) {
    struct bench *bench = *state;
    load_with_search(bench);
    const struct search_results *search = bench->results.experiments[0].search;
    assert_non_null(search);
    assert_int_equal(search->count, 2);
    const struct tuning *lstm = &search->tunings[0], *ltc = &search->tunings[1];
    assert_int_equal(lstm->failed, 1);
    static const double best[][2] = {{20, 0.5}, {29, 0.5}, {35.9, 0.5}, {36, 0.25}, {40, 0.25}};
    for (size_t i = 0; i < sizeof best / sizeof best[0]; i++)
        assert_true(tuning_best_after(lstm, best[i][0]) == best[i][1]);
    assert_true(isnan(tuning_best_after(lstm, 19)));
    assert_string_equal(tuning_setting(ltc, "train.optimizer"), "adam");
    assert_null(tuning_setting(ltc, "hidden"));
    assert_ptr_equal(search_leader(search, 0.25), ltc);
    assert_ptr_equal(search_leader(search, 1), lstm);
    assert_null(search_leader(search, 0));
}

static void a_report_says_who_led_after_how_much_tuning(void **state) {
    struct bench *bench = *state;
    load_with_search(bench);
    struct error error;
    assert_true(report_write(&bench->results, bench->report, &(struct report_options){0}, &error));
    char *text = read_text(bench->report, "report.md");
    assert_non_null(strstr(text, "| lstm | 4 | 1 | 40 | 36 | – | 0.5000 | **0.2500** |"));
    assert_non_null(strstr(text, "| ltc | 2 | 0 | 40 | 20 | **0.3750** | **0.3750** | 0.3750 |"));
    assert_non_null(strstr(text, "| lstm | 8 | – |"));
    assert_non_null(strstr(text, "lstm has the best validation MSE: 0.2500; after a quarter of the "
                                 "budget, ltc led"));
    free(text);
}

static void a_search_that_is_broken_or_left_over_is_not_reported(void **state) {
    struct bench *bench = *state;
    struct error error = {0};
    const char *folder = bench->folder;
    load_with_search(bench);
    write_text(bench->folder, "search.json", "{\"models\": [{}, 3, {\"trials\": [4, {}]}]}");
    results_free(&bench->results);
    assert_true(results_load(&bench->results, &folder, 1, &error));
    assert_true(report_write(&bench->results, bench->report, &(struct report_options){0}, &error));
    write_text(bench->folder, "search.json", "{");
    results_free(&bench->results);
    assert_true(results_load(&bench->results, &folder, 1, &error));
    assert_null(bench->results.experiments[0].search);
    assert_int_equal(bench->results.problem_count, 1);
    add_search(bench);
    results_free(&bench->results);
    load(bench, &fake_standard); /* its config has no search */
    assert_null(bench->results.experiments[0].search);
}

/* What is found in results of these models: all sentences in one text; free() it. */
static char *findings_over(struct bench *bench, const struct fake_model *models, size_t count,
                           int seeds, double drift) {
    struct fake_experiment experiment = fake_standard;
    experiment.drift = drift;
    experiment.models = models;
    experiment.model_count = count;
    experiment.seeds = seeds;
    results_free(&bench->results);
    remove_folder(bench->folder);
    load(bench, &experiment);
    struct arena arena = {0};
    const struct dataset_results *dataset = &bench->results.datasets[0];
    struct pairs pairs = pairs_make(dataset, &arena);
    struct degradations degradations = degradations_make(dataset, &arena);
    struct published published = {0};
    struct findings found = findings_make(dataset, &pairs, &degradations, &published, NULL, &arena);
    const char *text = arena_printf(&arena, "%s\n", found.headline);
    for (size_t i = 0; i < found.count; i++)
        text = arena_printf(&arena, "%s%s\n", text, found.items[i]);
    char *copy = strdup(text);
    arena_free(&arena);
    return copy;
}

static char *findings_of(struct bench *bench, const struct fake_model *models, size_t count,
                         int seeds) {
    return findings_over(bench, models, count, seeds, 0);
}

static void a_network_is_called_better_only_when_the_test_says_so(void **state) {
    struct bench *bench = *state;
    static const struct fake_model models[] = {{"far", false, 100, 0.9, 1, NULL},
                                               {"near", false, 100, 0.2005, 1, NULL},
                                               {"best", false, 100, 0.2, 1, NULL}};
    char *text = findings_of(bench, models, 3, 12);
    assert_contains(text, "best leads, but is not proved the best");
    assert_contains(text, "best is proved better than far (p");
    assert_contains(text, "than near (");
    assert_contains(text, "12 seeds cannot prove it");
    assert_contains(text, "take them as equal");
    free(text);
}

static void three_seeds_prove_a_large_difference_and_one_proves_nothing(void **state) {
    struct bench *bench = *state;
    static const struct fake_model models[] = {{"far", false, 100, 0.9, 1, NULL},
                                               {"best", false, 100, 0.2, 1, NULL}};
    char *text = findings_of(bench, models, 2, 1);
    assert_contains(text, "best leads, but is not proved the best");
    assert_contains(text, "1 seed cannot prove it. Run at least 3 seeds.");
    free(text);
    text = findings_of(bench, models, 2, 3);
    assert_contains(text, "best is the best network: test MSE");
    assert_contains(text, "better than far. That is proved against far (p");
    free(text);
}

/* The seeds are clear; what differs is how much the errors wander over the test. */
static void a_difference_is_proved_only_if_the_test_data_allow_it(void **state) {
    struct bench *bench = *state;
    static const struct fake_model models[] = {{"far", false, 100, 0.9, 1, NULL},
                                               {"best", false, 100, 0.2, 1, NULL}};
    char *text = findings_over(bench, models, 2, 5, 0);
    assert_contains(text, "That is proved against far (p < 0.001, over seeds alone).");
    free(text);
    text = findings_over(bench, models, 2, 5, 0.2);
    assert_contains(text, "That is proved against far (p");
    assert_contains(text, ", over seeds and test data).");
    free(text);
    text = findings_over(bench, models, 2, 5, 4);
    assert_contains(text, "best leads, but is not proved the best");
    assert_contains(text,
                    "on this test, whatever the seed (p < 0.001), but the test is too short to "
                    "prove it of other data (p = ");
    assert_contains(text, "). That takes at least ");
    free(text);
}

/* The headline is the first line of findings_of(). */
static void the_headline_names_the_best_the_smallest_the_steadiest_and_the_baseline(void **state) {
    struct bench *bench = *state;
    static const struct fake_model large_wins[] = {{"large", false, 900, 0.2, 1, NULL},
                                                   {"small", false, 100, 0.206, 0.1, NULL},
                                                   {"bad", false, 50, 0.9, 1, NULL},
                                                   {"mean", true, 1, 1.5, 1, NULL}};
    char *text = findings_of(bench, large_wins, 4, 8);
    *strchr(text, '\n') = '\0';
    assert_contains(text, "large");
    assert_contains(text, "small is the smallest model within 5 % of it (100 parameters, not 900)");
    assert_contains(text, "small is the steadiest under perturbations (×");
    assert_contains(text, "large beats every trivial baseline; small is the smallest");
    free(text);
    static const struct fake_model baseline_wins[] = {{"one", false, 100, 0.5, 1, NULL},
                                                      {"two", false, 50, 0.9, 1, NULL},
                                                      {"mean", true, 1, 0.1, 1, NULL}};
    text = findings_of(bench, baseline_wins, 3, 8);
    assert_ptr_equal(strstr(text, "No network beats the trivial baseline mean (test MSE"), text);
    assert_int_equal(count_occurrences(text, "trivial baseline"), 1);
    free(text);
    static const struct fake_model alone[] = {{"mean", true, 1, 0.1, 1, NULL}};
    text = findings_of(bench, alone, 1, 1);
    assert_contains(text, "No network has a test score; the trivial baseline mean");
    free(text);
}

static void every_format_opens_with_the_headline(void **state) {
    struct bench *bench = *state;
    make_report(bench, &fake_standard);
    static const char headline[] = "is the smallest model within 5 % of it";
    char *text = printed(bench, false);
    assert_true(strstr(text, "beats every trivial baseline") < strstr(text, "───"));
    assert_fits_76_columns(text);
    free(text);
    static const char *const files[] = {"index.html", "report.md"};
    static const char *const tables[] = {"<table>", "| --- |"};
    for (size_t f = 0; f < 2; f++) {
        text = read_text(bench->report, files[f]);
        const char *at = strstr(text, headline);
        at = at != NULL ? at : strstr(text, "is also the smallest within 5 %");
        assert_non_null(at);
        assert_true(at < strstr(text, tables[f]));
        assert_int_equal(count_occurrences(text, "beats every trivial baseline"), 1);
        free(text);
    }
}

static void pairs_are_compared_over_common_seeds(void **state) {
    struct bench *bench = *state;
    static const struct fake_model models[] = {{"far", false, 100, 0.9, 1, "diverged"},
                                               {"mid", false, 100, 0.5, 1, NULL},
                                               {"best", false, 100, 0.2, 1, NULL}};
    free(findings_of(bench, models, 3, 12));
    struct arena arena = {0};
    const struct dataset_results *dataset = &bench->results.datasets[0];
    struct pairs pairs = pairs_make(dataset, &arena);
    assert_int_equal(pairs.count, 3);
    assert_int_equal(pair_at(&pairs, 0, 1)->seeds, 6);
    assert_int_equal(pair_at(&pairs, 2, 1)->seeds, 12);
    assert_ptr_equal(pair_at(&pairs, 2, 1), pair_at(&pairs, 1, 2));
    assert_true(pair_at(&pairs, 1, 2)->delta == -1);
    assert_ptr_equal(pair_at(&pairs, 1, 2)->better, &dataset->models[2]);
    assert_true(pair_at(&pairs, 1, 2)->adjusted < 1e-6);
    arena_free(&arena);
}

/* ---- Robustness ---- */

static void corruption_errors_are_relative_to_the_reference(void **state) {
    struct bench *bench = *state;
    load(bench, &fake_robustness);
    struct arena arena = {0};
    const struct dataset_results *dataset = &bench->results.datasets[0];
    struct degradations degradations = degradations_make(dataset, &arena);
    assert_int_equal(degradations.type_count, 14);
    assert_string_equal(degradations.reference->name, "lstm");
    assert_true(fabs(degradations.overall[0].corruption - 1) < 1e-12);
    assert_true(fabs(degradations.overall[0].relative - 1) < 1e-12);
    assert_true(degradations.overall[2].corruption < 1);
    assert_true(degradations.overall[2].mean < degradations.overall[0].mean);
    assert_string_equal(degradations.overall[0].worst_under, "gaussian");
    assert_true(degradations.shift_ratio[0] > 1);
    size_t conditions[200];
    assert_int_equal(severities_of(dataset, "hum", conditions), 5);
    assert_true(dataset->conditions[conditions[0]].severity == 0.05);
    assert_true(dataset->conditions[conditions[4]].severity == 0.8);
    arena_free(&arena);
}

static void results_without_the_newer_fields_are_reported_too(void **state) {
    struct bench *bench = *state;
    struct fake_experiment experiment = fake_standard;
    experiment.old = true;
    make_report(bench, &experiment);
    assert_true(isnan(bench->results.datasets[0].distances[0]));
    char *html = read_text(bench->report, "index.html");
    assert_null(strstr(html, "Score against distance"));
    assert_contains(html, "against the severity of 2 perturbations");
    free(html);
}

static void rollouts_are_tabled_with_their_valid_time(void **state) {
    struct bench *bench = *state;
    make_report(bench, &fake_robustness);
    char *csv = read_text(bench->report, "rollouts.csv");
    assert_contains(csv, "robustness,sunspots,lstm,0,closed-loop,1,0.02");
    free(csv);
    char *text = printed(bench, false);
    assert_contains(text, "valid steps");
    assert_fits_76_columns(text);
    free(text);
}

static void adaptation_and_memory_are_tabled(void **state) {
    struct bench *bench = *state;
    make_report(bench, &fake_robustness);
    char *csv = read_text(bench->report, "curves.csv");
    assert_contains(csv, "robustness,sunspots,lstm,0,stream.frozen,100,1\n");
    assert_contains(csv, "robustness,sunspots,lstm,0,since_change.online,50,\n");
    assert_contains(csv, "robustness,sunspots,lstm,1,ladder,40,\n");
    assert_contains(csv, "robustness,sunspots,lstm,0,gradient.trained,2,0.001");
    free(csv);
    csv = read_text(bench->report, "measures.csv");
    assert_contains(csv, "robustness,sunspots,lstm,0,stream.online.gain,0.75\n");
    assert_null(strstr(csv, "forgetting"));
    free(csv);
    char *json = read_text(bench->report, "report.json");
    assert_contains(json, "\"stream.online.gain\": 0.6875"); /* mean of ten seeds */
    free(json);
    char *text = printed(bench, false);
    assert_contains(text, "Adaptation: a stream that changes");
    assert_contains(text, " 69 % ");
    assert_contains(text, "On the stream that changes, the network with the smallest");
    /* 4 of 10 seeds solve the second rung: most do not. */
    assert_contains(text, "0.020*   ∞       20     40.0");
    assert_contains(text, "2.000    4.00             3.000    1.00");
    assert_fits_76_columns(text);
    free(text);
    char *html = read_text(bench->report, "index.html");
    assert_contains(html, "calm, storm from row 100, calm from row 200");
    assert_contains(html, "bold or *: solved (0.1 or better) by most seeds");
    free(html);
}

/* ---- Across data sets ---- */

static const char *const six[] = {"one", "two", "three", "four", "five", "six", NULL};

static void models_are_ranked_across_data_sets(void **state) {
    struct bench *bench = *state;
    struct fake_experiment experiment = fake_standard;
    experiment.datasets = six;
    experiment.noise = experiment.ood = false; /* fewer plots of each */
    make_report(bench, &experiment);
    struct arena arena = {0};
    struct across across;
    assert_true(across_make(&bench->results, &arena, &across));
    assert_int_equal(across.dataset_count, 6);
    assert_int_equal(across.model_count, 4);
    assert_true(across.mean_ranks[1] < across.mean_ranks[0]);
    assert_true(across.mean_ranks[3] == 4);
    arena_free(&arena);
    char *html = read_text(bench->report, "index.html");
    assert_contains(html, "Critical-difference diagram");
    assert_ids_are_unique(html);
    free(html);
    char *text = printed(bench, false);
    assert_contains(text, "Best mean rank: cfc");
    assert_fits_76_columns(text);
    free(text);
}

static void one_data_set_or_one_model_is_not_ranked(void **state) {
    struct bench *bench = *state;
    load(bench, &fake_standard);
    struct arena arena = {0};
    struct across across;
    assert_false(across_make(&bench->results, &arena, &across));
    results_free(&bench->results);
    static const struct fake_model models[] = {{"lstm", false, 100, 0.2, 1, NULL}};
    struct fake_experiment experiment = fake_standard;
    experiment.models = models;
    experiment.model_count = 1;
    experiment.datasets = six;
    remove_folder(bench->folder);
    load(bench, &experiment);
    assert_false(across_make(&bench->results, &arena, &across));
    arena_free(&arena);
}

/* ---- Formats ---- */

static void the_json_holds_what_the_page_says(void **state) {
    struct bench *bench = *state;
    make_report(bench, &fake_robustness);
    char *text = read_text(bench->report, "report.json");
    cJSON *json = cJSON_Parse(text);
    assert_non_null(json);
    const cJSON *dataset = cJSON_GetArrayItem(cJSON_GetObjectItem(json, "datasets"), 0);
    const cJSON *cfc = cJSON_GetArrayItem(cJSON_GetObjectItem(dataset, "models"), 1);
    assert_string_equal(json_string(cfc, "name", ""), "cfc");
    const cJSON *scores = cJSON_GetArrayItem(cJSON_GetObjectItem(cfc, "scores"), 0);
    assert_string_equal(json_string(scores, "name", ""), "test");
    const cJSON *mse = cJSON_GetObjectItem(cJSON_GetObjectItem(scores, "metrics"), "mse");
    assert_true(json_number(mse, "n", 0) == 10);
    double mean = json_number(mse, "mean", 0);
    assert_true(json_number(mse, "low95", 1) < mean && mean < json_number(mse, "high95", 0));
    assert_true(fabs(json_number(mse, "iqm", 0) - mean) < 0.01);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(dataset, "comparisons")), 6);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(cfc, "trials")), 10);
    cJSON_Delete(json);
    free(text);
}

static void latex_compiles(void **state) {
    if (system("pdflatex --version >/dev/null 2>&1 && kpsewhich booktabs.sty siunitx.sty "
               ">/dev/null") != 0)
        skip();
    struct bench *bench = *state;
    static const struct fake_model models[] = {{HOSTILE, false, 100, 0.2, 1, NULL},
                                               {"lstm", false, 200, 0.3, 1, "diverged"}};
    struct fake_experiment experiment = fake_robustness;
    experiment.models = models;
    experiment.model_count = 2;
    experiment.datasets = six;
    make_report(bench, &experiment);
    struct arena arena = {0};
    const char *command =
        arena_printf(&arena,
                     "cd '%s' && pdflatex -interaction=nonstopmode -halt-on-error "
                     "report.tex >/dev/null 2>&1",
                     bench->report);
    assert_int_equal(system(command), 0);
    arena_free(&arena);
}

static void every_plot_has_a_text_for_those_who_do_not_see_it(void **state) {
    struct bench *bench = *state;
    make_report(bench, &fake_robustness);
    char *html = read_text(bench->report, "index.html");
    size_t plots = count_occurrences(html, "<svg");
    assert_int_equal(plots, count_occurrences(html, "role=\"img\">\n<title>"));
    assert_int_equal(count_occurrences(html, "<title></title>"), 0);
    if (system("command -v gnuplot >/dev/null 2>&1") == 0)
        assert_int_equal(plots, 13);
    free(html);
}

static void a_hundred_models_stay_readable(void **state) {
    enum { MODELS = 100 };
    static char names[MODELS][20];
    static struct fake_model models[MODELS];
    for (int i = 0; i < MODELS; i++) {
        snprintf(names[i], sizeof names[i], "model-%02d", i);
        models[i] = (struct fake_model){names[i], i >= 95, 500 + i, 0.15 + 0.002 * i, 1, NULL};
    }
    struct fake_experiment experiment = fake_standard;
    experiment.models = models;
    experiment.model_count = MODELS;
    struct bench *bench = *state;
    make_report(bench, &experiment);
    char *html = read_text(bench->report, "index.html");
    assert_contains(html, "the best 13 of 100 models");
    free(html);
    char *text = printed(bench, false);
    assert_fits_76_columns(text);
    free(text);
}

#define ON_BENCH(test) cmocka_unit_test_setup_teardown(test, make_bench, drop_bench)
#define DRAWING(test)  cmocka_unit_test_setup_teardown(test, make_drawing_bench, drop_bench)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_deviation_decides_how_many_digits_of_a_mean_are_shown),
        cmocka_unit_test(costs_are_shown_in_their_units),
        cmocka_unit_test(no_two_models_have_the_same_colour),
        ON_BENCH(text_fits_76_columns_and_marks_the_best_network),
        ON_BENCH(long_names_are_shortened_to_fit),
        ON_BENCH(names_that_differ_in_the_middle_alone_stand_whole),
        ON_BENCH(a_table_that_is_too_wide_stands_in_blocks_with_all_columns),
        ON_BENCH(failed_trials_are_listed_with_their_reason),
        DRAWING(a_report_has_every_file_and_every_plot),
        ON_BENCH(a_report_is_a_pure_function_of_trial_files),
        DRAWING(the_page_is_self_contained_and_its_ids_are_unique),
        ON_BENCH(the_page_shows_each_model_s_config_once_whatever_the_seeds),
        ON_BENCH(tables_are_sorted_by_score_and_baselines_stand_below),
        ON_BENCH(the_reference_is_shown_however_many_models_are_better),
        DRAWING(the_page_sorts_filters_and_names_what_a_plot_draws),
        DRAWING(names_are_escaped_in_every_format),
        ON_BENCH(every_measurement_has_one_row_in_the_tidy_csv),
        ON_BENCH(without_gnuplot_everything_but_the_plots_is_there),
        DRAWING(reports_of_little_are_written_too),
        DRAWING(huge_and_tiny_scores_do_not_break_tables_or_plots),
        ON_BENCH(a_folder_that_cannot_be_written_is_an_error),
        ON_BENCH(a_network_is_called_better_only_when_the_test_says_so),
        ON_BENCH(three_seeds_prove_a_large_difference_and_one_proves_nothing),
        ON_BENCH(a_difference_is_proved_only_if_the_test_data_allow_it),
        ON_BENCH(the_headline_names_the_best_the_smallest_the_steadiest_and_the_baseline),
        ON_BENCH(every_format_opens_with_the_headline),
        ON_BENCH(pairs_are_compared_over_common_seeds),
        ON_BENCH(corruption_errors_are_relative_to_the_reference),
        ON_BENCH(results_without_the_newer_fields_are_reported_too),
        ON_BENCH(rollouts_are_tabled_with_their_valid_time),
        ON_BENCH(adaptation_and_memory_are_tabled),
        DRAWING(models_are_ranked_across_data_sets),
        ON_BENCH(one_data_set_or_one_model_is_not_ranked),
        ON_BENCH(the_json_holds_what_the_page_says),
        DRAWING(latex_compiles),
        DRAWING(every_plot_has_a_text_for_those_who_do_not_see_it),
        ON_BENCH(a_hundred_models_stay_readable),
        ON_BENCH(a_search_is_read_as_the_best_score_so_far_against_epochs_spent),
        DRAWING(a_report_says_who_led_after_how_much_tuning),
        ON_BENCH(a_search_that_is_broken_or_left_over_is_not_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
