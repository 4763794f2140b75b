#include "experiment/run/progress.h"
#include "fuzz/fuzz.h"
#include "report/report.h"
#include "report/results/results.h"

#include <stdio.h>

/* experiment.json, as a report and as `status` read it. There are no trials. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct results results = {0};
    struct arena arena = {0};
    struct progress progress;
    struct error error = {0};
    const char *folder = fuzz_folder("experiment.json", data, size);
    bool accepted = results_load(&results, &folder, 1, &error);
    fuzz_check_error(accepted, &error);
    FILE *nowhere = fopen("/dev/null", "w");
    if (accepted)
        report_print(&results, &(struct report_options){0}, nowhere, false, &error);
    fclose(nowhere);
    error = (struct error){0};
    fuzz_check_error(progress_read(&progress, folder, &arena, &error), &error);
    results_free(&results);
    arena_free(&arena);
    return 0;
}
