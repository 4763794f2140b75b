#include "data/catalogue/checksums.h"
#include "fuzz/fuzz.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena arena = {0};
    struct checksums sums = {0};
    struct error error = {0};
    bool accepted = checksums_read(fuzz_file(data, size), &arena, &sums, &error);
    fuzz_check_error(accepted, &error);
    for (size_t i = 0; accepted && i < sums.count; i++)
        fuzz_require(strlen(sums.items[i].sha256) == SHA256_TEXT - 1 &&
                         sums.items[i].name[0] != '\0',
                     "a checksum is whole");
    arena_free(&arena);
    return 0;
}
