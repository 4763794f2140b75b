#include "fuzz/fuzz.h"
#include "model/safetensors.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct tensor_file file = {0};
    struct error error = {0};
    bool accepted = safetensors_read(fuzz_file(data, size), &file, &error);
    fuzz_check_error(accepted, &error);
    for (size_t i = 0; accepted && i < file.count; i++) {
        const struct tensor *tensor = &file.tensors[i];
        size_t numbers = 1;
        for (int k = 0; k < tensor->dimensions; k++)
            numbers *= (size_t)tensor->shape[k];
        fuzz_require(numbers == tensor->size, "the shape and the size of a tensor agree");
        for (size_t k = 0; k < tensor->size; k++)
            fuzz_use(tensor->values[k]);
    }
    tensor_file_free(&file);
    return 0;
}
