#include "report/report.h"

#include "base/file.h"
#include "report/format.h"
#include "report/palette.h"
#include "support/fake_results.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* One results folder and, after make_report(), its report folder. */
struct bench {
    char *folder, *report;
    struct results results;
};

static int make_bench(void **state) {
    struct bench *bench = calloc(1, sizeof *bench);
    bench->folder = fake_folder();
    if (asprintf(&bench->report, "%s/report", bench->folder) < 0)
        return -1;
    *state = bench;
    return 0;
}

static int drop_bench(void **state) {
    struct bench *bench = *state;
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
    if (!report_write(&bench->results, bench->report, &error))
        fail_msg("%s", error.text);
}

static char *printed(const struct bench *bench, bool colour) {
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    report_print(&bench->results, out, colour);
    fclose(out);
    return text;
}

static void assert_contains(const char *text, const char *wanted) {
    if (strstr(text, wanted) == NULL)
        fail_msg("\"%s\" is not in:\n%s", wanted, text);
}

static void assert_fits_80_columns(const char *text) {
    char *copy = strdup(text), *rest = copy, *line;
    while ((line = strsep(&rest, "\n")) != NULL)
        if (text_width(line) > 80)
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

static void text_fits_80_columns_and_marks_the_best_network(void **state) {
    struct bench *bench = *state;
    load(bench, &fake_standard);
    char *text = printed(bench, false);
    assert_fits_80_columns(text);
    assert_contains(text, "0.1662 ± 0.0050*");
    assert_contains(text, "ltc-ncp does not beat the trivial baseline ridge");
    assert_contains(text, "Under perturbations, the error of ltc grows least");
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
    assert_fits_80_columns(text);
    assert_contains(text, "…");
    assert_contains(text, "eed-2");
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
        "trials.csv",
        "report.json",
        "plots/sunspots-learning_curves.svg",
        "plots/sunspots-prediction.svg",
        "plots/sunspots-pareto.svg",
        "plots/sunspots-noise.svg",
        "plots/sunspots-ood.svg",
        "plots/sunspots-distance.svg",
        "plots/sunspots-rollout.svg",
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
    assert_true(report_write(&bench->results, bench->report, &error));
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
    assert_null(strstr(html, "<script"));
    assert_null(strstr(html, "src="));
    assert_null(strstr(html, "<link"));
    assert_null(strstr(html, "@import"));
    assert_contains(html, "prefers-color-scheme:dark");
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
    assert_contains(tex, "a\\textless{}b\\textgreater{}\\&\\textquotedbl{}'\\textbar{}`touch "
                         "x`\\$(touch x)\\_\\{\\textasciicircum{}\\}\\textasciitilde{}\\#\\%"
                         "\\textbackslash{}");
    free(tex);
    char *csv = read_text(bench->report, "summary.csv");
    assert_contains(csv, "\"a<b>&\"\"'|`touch x`$(touch x)_{^}~#%\\,'; system 'touch x'\"");
    free(csv);
    char *markdown = read_text(bench->report, "report.md");
    assert_contains(markdown, "a&lt;b>&amp;\"'\\|\\`touch x\\`$(touch x)\\_{^}\\~\\#%\\\\,");
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
    char *path = strdup(getenv("PATH"));
    setenv("PATH", "/nonexistent", 1);
    make_report(bench, &fake_standard);
    setenv("PATH", path, 1);
    free(path);
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
    assert_fits_80_columns(text);
    free(text);
}

static void a_folder_that_cannot_be_written_is_an_error(void **state) {
    struct bench *bench = *state;
    load(bench, &fake_standard);
    write_text(bench->folder, "file", "in the way");
    struct error error = {0};
    struct arena arena = {0};
    const char *directory = path_join(&arena, bench->folder, "file/report");
    assert_false(report_write(&bench->results, directory, &error));
    assert_contains(error.text, "file");
    arena_free(&arena);
}

#define ON_BENCH(test) cmocka_unit_test_setup_teardown(test, make_bench, drop_bench)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_deviation_decides_how_many_digits_of_a_mean_are_shown),
        cmocka_unit_test(costs_are_shown_in_their_units),
        cmocka_unit_test(no_two_models_have_the_same_colour),
        ON_BENCH(text_fits_80_columns_and_marks_the_best_network),
        ON_BENCH(long_names_are_shortened_to_fit),
        ON_BENCH(failed_trials_are_listed_with_their_reason),
        ON_BENCH(a_report_has_every_file_and_every_plot),
        ON_BENCH(a_report_is_a_pure_function_of_trial_files),
        ON_BENCH(the_page_is_self_contained_and_its_ids_are_unique),
        ON_BENCH(names_are_escaped_in_every_format),
        ON_BENCH(every_measurement_has_one_row_in_the_tidy_csv),
        ON_BENCH(without_gnuplot_everything_but_the_plots_is_there),
        ON_BENCH(reports_of_little_are_written_too),
        ON_BENCH(huge_and_tiny_scores_do_not_break_tables_or_plots),
        ON_BENCH(a_folder_that_cannot_be_written_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
