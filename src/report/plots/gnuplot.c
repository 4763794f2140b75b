#include "report/plots/gnuplot.h"

bool gnuplot_start(struct process *gnuplot, const char *script, const char *folder, double seconds,
                   struct arena *output, struct error *error) {
    /* The reader's own settings must not change a report. */
    static const char *const command[] = {"gnuplot", "--default-settings", "-", NULL};
    struct process_options options = {
        .input = script, .folder = folder, .arena = output, .seconds = seconds};
    return process_start(command, &options, gnuplot, error);
}

bool gnuplot_finish(struct process *gnuplot, struct process_result *result, struct error *error) {
    if (!process_finish(gnuplot, result, error))
        return false;
    switch (result->code) {
    case 0:
        return true;
    case PROCESS_MISSING:
        return error_set(error,
                         "there is no gnuplot, which draws the plots; install it (apt install "
                         "gnuplot-nox, dnf install gnuplot, brew install gnuplot)");
    case PROCESS_TIMED_OUT:
        return error_set(error, "gnuplot did not end within %g s and was stopped",
                         gnuplot->options.seconds);
    default:
        return error_set(error, "gnuplot failed (exit code %d): %s", result->code,
                         result->last[0] != '\0' ? result->last : "it does not say why");
    }
}

bool gnuplot_run(const char *script, const char *folder, double seconds, struct arena *output,
                 struct process_result *result, struct error *error) {
    struct process gnuplot;
    return gnuplot_start(&gnuplot, script, folder, seconds, output, error) &&
           gnuplot_finish(&gnuplot, result, error);
}
