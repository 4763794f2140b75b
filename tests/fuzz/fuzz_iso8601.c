#include "data/text/iso8601.h"
#include "fuzz/fuzz.h"

#include <math.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *text = fuzz_text(data, size);
    double seconds = 0;
    if (iso8601_seconds(text, &seconds))
        fuzz_require(isfinite(seconds), "a time is a number");
    free(text);
    return 0;
}
