#include "base/arena.h"
#include "base/file.h"
#include "experiment/run/claim.h"
#include "fuzz/fuzz.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena arena = {0};
    struct trial_claim claim = {0};
    struct claim_news news;
    if (claim_read(path_join(&arena, fuzz_folder("claim", data, size), "claim"), &claim, &news,
                   NULL))
        fuzz_require(claim.pid > 0 && strlen(claim.host) < sizeof claim.host &&
                         strlen(claim.place) < sizeof claim.place,
                     "a claim names its process, and its texts end");
    arena_free(&arena);
    return 0;
}
