/* Numbers as people read them, in UTF-8. All results live in the arena. */
#ifndef REPORT_TABLES_FORMAT_H
#define REPORT_TABLES_FORMAT_H

#include "base/arena.h"
#include "evaluate/statistics.h"
#include "report/results/results.h"

#define NO_VALUE "–"

/* "0.0123 ± 0.0012": two significant digits of the standard deviation decide how many of the mean
 * are shown. A value without spread gets four significant digits; no value at all is NO_VALUE. When
 * scores are not finite, "∞ (1/3)" says of how many. */
const char *format_summary(struct arena *arena, struct summary summary);

/* A number with so many significant digits: "0.01230", "1234", "1.23e-07". */
const char *format_number(struct arena *arena, double value, int digits);

/* "×1.83": a score relative to the clean one. */
const char *format_ratio(struct arena *arena, double ratio);

/* "p = 0.012", "p < 0.001" */
const char *format_p(struct arena *arena, double p);

/* A cost in its unit: "4736", "18.5 KiB", "1.23". */
const char *format_cost(struct arena *arena, enum cost_unit unit, double value);

/* "test", "gaussian 0.1", "half-rate" */
const char *format_condition(struct arena *arena, const struct condition *condition);

/* The text in at most so many characters, the middle of a longer one replaced by "…": the ends of "cfc-small-lr3" and
 * "cfc-small-lr4" differ. */
const char *shorten_text(struct arena *arena, const char *text, size_t width);

/* The characters of a UTF-8 text: its width in a terminal. */
size_t text_width(const char *text);

#endif
