#include "fuzz/fuzz.h"
#include "report/results/search_results.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena arena = {0};
    struct error error = {0};
    const struct search_results *search =
        search_load(fuzz_folder("search.json", data, size), &arena, &error);
    fuzz_require(search == NULL || error.text[0] == '\0', "no message comes without a refusal");
    if (search != NULL)
        search_leader(search, 0.5);
    arena_free(&arena);
    return 0;
}
