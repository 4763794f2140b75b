/* What the page does beyond showing: sorting of tables and a filter. Everything can be read without
 * it. */
#ifndef REPORT_EXPORT_PAGE_SCRIPT_H
#define REPORT_EXPORT_PAGE_SCRIPT_H

extern const char page_script[];

#endif
