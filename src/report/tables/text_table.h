/* Tables and paragraphs as wide as the terminal. */
#ifndef REPORT_TABLES_TEXT_TABLE_H
#define REPORT_TABLES_TEXT_TABLE_H

#include "report/contents.h"

#include <stdio.h>

#define TEXT_BOLD  "\033[1m"
#define TEXT_DIM   "\033[2m"
#define TEXT_RED   "\033[31m"
#define TEXT_GREEN "\033[32m"
#define TEXT_RESET "\033[0m"

/* The code with colour, nothing without. */
const char *paint(const char *code, bool colour);

/* Columns of the terminal that `out` is, at least 40; 76 for a file or a pipe. */
size_t text_line_width(FILE *out);

/* Prints the table; the best cells are bold with colour and marked "*" without. The columns of a
 * table that is too wide for the line are in several blocks, each with the first column. Long
 * texts are shortened in the middle; names in the first column that would become the same stand
 * whole in lines of their own. */
void text_table(FILE *out, const struct report_table *table, bool colour);

/* Of the blocks only so many; the number of columns that are left out. */
size_t text_table_begin(FILE *out, const struct report_table *table, size_t max_blocks,
                        bool colour);

/* Prints text after a lead ("  - ") in lines of at most 80 characters, broken between words. */
void text_paragraph(FILE *out, const char *text, const char *lead);

#endif
