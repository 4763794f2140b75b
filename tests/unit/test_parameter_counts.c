/* The formula that `liquidbench list models` prints for a cell is the number of its parameters. */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/cells.h"

/* A formula under evaluation: sums of products of numbers, letters and brackets. */
struct formula {
    const char *rest;
    long letters[26];
};

static void skip_spaces(struct formula *formula) {
    while (*formula->rest == ' ')
        formula->rest++;
}

static long sum(struct formula *formula);

static long factor(struct formula *formula) {
    char c = *formula->rest;
    if (isdigit((unsigned char)c)) {
        char *end;
        long number = strtol(formula->rest, &end, 10);
        formula->rest = end;
        return number;
    }
    formula->rest++;
    if (c != '(')
        return formula->letters[c - 'A'];
    long inside = sum(formula);
    assert_int_equal(*formula->rest++, ')');
    return inside;
}

static long product(struct formula *formula) {
    long value = 1;
    skip_spaces(formula);
    while (isalnum((unsigned char)*formula->rest) || *formula->rest == '(')
        value *= factor(formula);
    skip_spaces(formula);
    return value;
}

static long sum(struct formula *formula) {
    long value = product(formula);
    while (*formula->rest == '+') {
        formula->rest++;
        value += product(formula);
    }
    return value;
}

/* An option that a formula has a letter for, with two values for it. */
static const struct {
    const char *cell, *format;
    char letter;
    int values[2];
} lettered[] = {
    {"cfc", ", \"backbone\": {\"units\": %d}", 'U', {8, 128}},
    {"ctgru", ", \"scales\": %d", 'M', {3, 8}},
    {"liquids4", ", \"state\": %d", 'N', {5, 64}},
    {"tcn", ", \"kernel\": %d", 'K', {2, 5}},
    {"lru", ", \"state\": %d", 'N', {5, 64}},
    {"linoss", ", \"state\": %d", 'N', {5, 64}},
    {"lrcssm", ", \"state\": %d", 'N', {5, 32}},
};
enum { LETTERED = sizeof lettered / sizeof lettered[0] };

static void check(const char *name, int inputs, int hidden, int choice) {
    char model[128], option[64] = "";
    struct formula formula = {0};
    formula.letters['I' - 'A'] = inputs;
    formula.letters['H' - 'A'] = hidden;
    for (int i = 0; i < LETTERED; i++)
        if (strcmp(lettered[i].cell, name) == 0) {
            formula.letters[lettered[i].letter - 'A'] = lettered[i].values[choice];
            snprintf(option, sizeof option, lettered[i].format, lettered[i].values[choice]);
        }
    snprintf(model, sizeof model, "{\"cell\": \"%s\", \"hidden\": %d%s}", name, hidden, option);
    struct cell_case test;
    struct error error;
    if (!cell_case_create(&test, model, inputs, 0, &error))
        fail_msg("%s: %s", model, error.text);
    formula.rest = test.cell.type->parameters;
    long promised = sum(&formula);
    if (*formula.rest != '\0' && *formula.rest != ',')
        fail_msg("%s: \"%s\" is no formula", name, test.cell.type->parameters);
    if (promised != (long)test.params.size)
        fail_msg("%s has %zu parameters, but %s is %ld", model, test.params.size,
                 test.cell.type->parameters, promised);
    cell_case_free(&test);
}

static void every_cell_has_as_many_parameters_as_its_formula_says(void **state) {
    (void)state;
    const char *name;
    for (size_t i = 0; (name = cell_type_name(i)) != NULL; i++)
        for (int choice = 0; choice < 2; choice++) {
            check(name, 1, 2, choice);
            check(name, 17, 32, choice);
            check(name, 5, 3, choice);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cell_has_as_many_parameters_as_its_formula_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
