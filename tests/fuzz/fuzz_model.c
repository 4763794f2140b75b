#include "experiment/deploy/saved_model.h"
#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct saved_model model = {0};
    struct error error = {0};
    fuzz_check_error(saved_model_read(&model, fuzz_file(data, size), &error), &error);
    saved_model_free(&model);
    return 0;
}
