/* Text and tables in Markdown and XML, for all that is written in them. */
#ifndef REPORT_EXPORT_MARKUP_H
#define REPORT_EXPORT_MARKUP_H

#include "report/tables/report_table.h"

#include <stdio.h>

/* Text as an element's content or an attribute's value, of HTML or XML. */
void xml_text(FILE *out, const char *text);

/* Text in which nothing is markup. */
void markdown_text(FILE *out, const char *text);

/* The columns' titles and the rows; the table's own title and note are the caller's. */
void markdown_table(FILE *out, const struct report_table *table);

#endif
