/* Every CSV file of a report, read back by a reader that forgives nothing (RFC 4180). */
#include "report/report.h"

#include "support/fake_results.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Reads one field at `text` into `field`; returns where its end is, a comma or a line feed. */
static const char *read_field(const char *text, char *field) {
    if (*text != '"') {
        while (*text != ',' && *text != '\n') {
            assert_true(*text != '\0' && *text != '"' && *text != '\r');
            *field++ = *text++;
        }
        *field = '\0';
        return text;
    }
    for (text++; *text != '"' || text[1] == '"'; text++) {
        assert_true(*text != '\0');
        text += *text == '"';
        *field++ = *text;
    }
    *field = '\0';
    text++;
    assert_true(*text == ',' || *text == '\n');
    return text;
}

/* The number of fields of the row at `*text`, which moves on to the next; whether one is `wanted`.
 */
static size_t read_row(const char **text, const char *wanted, bool *found) {
    static char field[1 << 16];
    for (size_t count = 1;; count++) {
        const char *end = read_field(*text, field);
        *found = *found || strcmp(field, wanted) == 0;
        *text = end + 1;
        if (*end == '\n')
            return count;
    }
}

static void assert_strict(const char *folder, const char *name, size_t columns,
                          const char *wanted) {
    char *csv = read_text(folder, name);
    const char *rest = csv;
    bool found = false;
    size_t rows = 0;
    assert_int_equal(read_row(&rest, wanted, &found), columns);
    for (; *rest != '\0'; rows++)
        if (read_row(&rest, wanted, &found) != columns)
            fail_msg("%s: row %zu has not %zu fields", name, rows + 1, columns);
    assert_true(rows > 0);
    assert_true(found);
    free(csv);
}

static void every_row_has_as_many_fields_as_the_header(void **state) {
    (void)state;
    static const char *const names[] = {
        "plain", "a \"quoted\", and, comma", "two\nlines", "tail,", "\"", ";\t'"};
    char *folder = fake_folder();
    setenv("PATH", "/nonexistent", 1); /* no gnuplot, no plots */
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *const datasets[] = {names[i], NULL};
        const struct fake_model models[] = {{names[i], false, 100, 0.5, 2, "diverged"},
                                            {"other", false, 100, 0.4, 1, NULL},
                                            {"trivial", true, 0, 0.9, 1, NULL}};
        struct fake_experiment experiment = fake_robustness;
        experiment.name = names[i];
        experiment.datasets = datasets;
        experiment.models = models;
        experiment.model_count = 3;
        experiment.seeds = 3;
        experiment.reference = names[i];
        cJSON *stated = cJSON_CreateArray(), *hypothesis = cJSON_CreateObject();
        cJSON_AddItemToArray(stated, hypothesis);
        cJSON_AddStringToObject(hypothesis, "name", names[i]);
        cJSON_AddStringToObject(hypothesis, "measure", "test.error");
        cJSON_AddStringToObject(hypothesis, "models", names[i]);
        cJSON_AddStringToObject(hypothesis, "against", "other");
        cJSON_AddStringToObject(hypothesis, "expect", "lower");
        cJSON_AddNumberToObject(hypothesis, "by", 0.05);
        char *hypotheses = cJSON_PrintUnformatted(stated);
        experiment.hypotheses = hypotheses;
        fake_results_write(folder, &experiment);
        struct results results;
        struct error error = {0};
        const char *only = folder;
        if (!results_load(&results, &only, 1, &error))
            fail_msg("%s", error.text);
        struct arena arena = {0};
        const char *report = arena_printf(&arena, "%s/report", folder);
        assert_true(report_write(&results, report, &(struct report_options){0}, &error));
        assert_strict(report, "measurements.csv", 10, names[i]);
        assert_strict(report, "summary.csv", 18, names[i]);
        assert_strict(report, "comparisons.csv", 21, names[i]);
        assert_strict(report, "robustness.csv", 13, names[i]);
        assert_strict(report, "rollouts.csv", 8, names[i]);
        assert_strict(report, "curves.csv", 7, names[i]);
        assert_strict(report, "measures.csv", 6, names[i]);
        assert_strict(report, "hypotheses.csv", 14, names[i]);
        assert_strict(report, "trials.csv", 9, names[i]);
        arena_free(&arena);
        results_free(&results);
        cJSON_free(hypotheses);
        cJSON_Delete(stated);
    }
    remove_folder(folder);
    free(folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_has_as_many_fields_as_the_header),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
