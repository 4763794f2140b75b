#include "fuzz/fuzz.h"
#include "report/report.h"
#include "report/results/results.h"

#include <stdio.h>

/* A folder with one record, loaded and printed. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct results results = {0};
    struct error error = {0};
    const char *folder = fuzz_folder("trials/fuzzed.json", data, size);
    bool accepted = results_load(&results, &folder, 1, &error);
    fuzz_check_error(accepted, &error);
    FILE *nowhere = fopen("/dev/null", "w");
    if (accepted)
        report_print(&results, &(struct report_options){0}, nowhere, false, &error);
    fclose(nowhere);
    results_free(&results);
    return 0;
}
