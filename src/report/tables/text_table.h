/* Tables and paragraphs for a terminal of 80 columns. */
#ifndef REPORT_TABLES_TEXT_TABLE_H
#define REPORT_TABLES_TEXT_TABLE_H

#include "report/contents.h"

#include <stdio.h>

enum { LINE_WIDTH = 80 };

#define TEXT_BOLD  "\033[1m"
#define TEXT_DIM   "\033[2m"
#define TEXT_RED   "\033[31m"
#define TEXT_GREEN "\033[32m"
#define TEXT_RESET "\033[0m"

/* The code with colour, nothing without. */
const char *paint(const char *code, bool colour);

/* Prints the table; the best cells are bold with colour and marked "*" without. A table that is too
 * wide for the line has the names in its first column shortened. */
void text_table(FILE *out, const struct report_table *table, bool colour);

/* The table's width when its first column is as narrow as it may become. */
size_t text_table_width(const struct report_table *table);

/* Prints text after a lead ("  - ") in lines of at most LINE_WIDTH, broken between words. */
void text_paragraph(FILE *out, const char *text, const char *lead);

#endif
