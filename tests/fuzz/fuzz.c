#include "fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

const char *fuzz_file(const uint8_t *data, size_t size) {
    static char path[64];
    static int descriptor = -1;
    if (descriptor < 0) {
        descriptor = memfd_create("fuzz", 0);
        snprintf(path, sizeof path, "/proc/self/fd/%d", descriptor);
    }
    fuzz_require(descriptor >= 0 && ftruncate(descriptor, 0) == 0 &&
                     pwrite(descriptor, data, size, 0) == (ssize_t)size,
                 "the file in memory is written");
    return path;
}

void fuzz_require(bool condition, const char *what) {
    if (condition)
        return;
    fprintf(stderr, "not so: %s\n", what);
    abort();
}

void fuzz_check_error(bool accepted, const struct error *error) {
    fuzz_require(accepted || error->text[0] != '\0', "a refusal comes with a message");
    fuzz_require(!accepted || error->text[0] == '\0', "no message comes without a refusal");
}

void fuzz_use(double value) {
    static volatile double last;
    last = value;
    (void)last;
}
