/* What a comparison says, in the formats that people, pull requests and CI systems read. */
#ifndef REPORT_GATE_COMPARE_OUTPUT_H
#define REPORT_GATE_COMPARE_OUTPUT_H

#include "report/gate/compare.h"
#include "report/tables/report_table.h"

#include <stdio.h>

/* For a terminal: the verdict first, then what fails, then the changes. */
void comparison_print(const struct comparison *comparison, FILE *out, bool colour);

/* The same for a comment on a pull request. */
void comparison_markdown(const struct comparison *comparison, FILE *out);

/* JUnit XML: a test suite for each data set and model, a test case for each value. */
void comparison_junit(const struct comparison *comparison, FILE *out);

/* Everything, for programs. */
void comparison_json(const struct comparison *comparison, FILE *out);

/* GitHub's workflow commands: an ::error:: for each row that fails, at the config. */
void comparison_github(const struct comparison *comparison, FILE *out);

/* ---- Words that they share ---- */

/* "FAIL: 2 of 54 values are worse" */
const char *comparison_verdict(const struct comparison *comparison, struct arena *arena);

/* "sunspots · lstm" */
const char *row_subject(const struct comparison_row *row, struct arena *arena);

bool row_fails(const struct comparison_row *row);

/* What is wrong with a row that fails: "MSE 0.2 → 0.25: 25 % worse (tolerance 5 %, p = 0.0020)". */
const char *row_failure(const struct comparison_row *row, struct arena *arena);

/* "What these seeds can show: a change of 2.1 % (...) to 31 % (...), with 80 % power"; NULL when there
 * was no test. */
const char *comparison_power(const struct comparison *comparison, struct arena *arena);

/* The rows that changed, with their columns: data set · model, metric, base, new, change,
 * verdict, what
 * change the seeds can show.
 */
struct report_table comparison_changes(const struct comparison *comparison, struct arena *arena);

#endif
