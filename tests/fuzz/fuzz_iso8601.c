#include "data/text/iso8601.h"
#include "fuzz/fuzz.h"

#include <math.h>
#include <stdlib.h>

static void check(bool accepted, const struct moment *moment) {
    fuzz_require(!accepted || (moment->fraction >= 0 && moment->fraction < 1),
                 "a time is whole seconds and a fraction");
    fuzz_use(accepted ? (double)moment->seconds : 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const formats[] = {"%d.%m.%Y %H:%M:%S.%f", "%s", "%b %d %Y %I:%M %p", "%f"};
    char *text = fuzz_text(data, size);
    struct moment moment = {0};
    double seconds = 0;
    check(iso8601_parse(text, &moment), &moment);
    check(compact_time_parse(text, &moment), &moment);
    check(parts_of_time_parse(text, &moment), &moment);
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        check(formatted_time_parse(text, formats[i], &moment), &moment);
    if (iso8601_seconds(text, &seconds))
        fuzz_require(isfinite(seconds), "a time is a number");
    free(text);
    return 0;
}
