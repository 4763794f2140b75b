#include "experiment/claim.h"
#include "fuzz/fuzz.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct claim claim = {0}, own = claim_of_this_process();
    struct timespec touched;
    if (claim_read(fuzz_file(data, size), &claim, &touched)) {
        fuzz_require(strlen(claim.host) < sizeof claim.host &&
                         strlen(claim.place) < sizeof claim.place,
                     "a claim's texts end");
        claim_is_dead(&claim, &own);
    }
    return 0;
}
