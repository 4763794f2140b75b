/* gnuplot, run as a program. */
#ifndef REPORT_PLOTS_GNUPLOT_H
#define REPORT_PLOTS_GNUPLOT_H

#include "base/process.h"

/* Far more than it takes to start, or for one picture, on a machine that has other things to do. */
enum { GNUPLOT_START_SECONDS = 10, GNUPLOT_PICTURE_SECONDS = 10 };

/* Starts it in the folder (NULL: this one) with a script, for at most so many seconds. With `output`, what
 * it draws without "set output" is kept there. */
bool gnuplot_start(struct process *gnuplot, const char *script, const char *folder, double seconds,
                   struct arena *output, struct error *error);

/* Waits for its end; an error says what to do when there is none, or it failed. */
bool gnuplot_finish(struct process *gnuplot, struct process_result *result, struct error *error);

bool gnuplot_run(const char *script, const char *folder, double seconds, struct arena *output,
                 struct process_result *result, struct error *error);

#endif
