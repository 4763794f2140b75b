#include "config/experiment.h"
#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct experiment experiment = {0};
    struct error error = {0};
    bool accepted = experiment_load(&experiment, fuzz_file(data, size), NULL, 0, &error);
    fuzz_check_error(accepted, &error);
    experiment_free(&experiment);
    return 0;
}
