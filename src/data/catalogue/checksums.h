/* Checksums of a data set's files, in the format of sha256sum: a line "<64 digits>  <name>" each.
 * They stand beside a card as <name>.sha256. */
#ifndef DATA_CATALOGUE_CHECKSUMS_H
#define DATA_CATALOGUE_CHECKSUMS_H

#include "base/arena.h"
#include "base/file.h"

struct checksum {
    const char *name;
    char sha256[SHA256_TEXT];
};

struct checksums {
    struct checksum *items;
    size_t count;
};

bool checksums_read(const char *path, struct arena *arena, struct checksums *sums,
                    struct error *error);
bool checksums_write(const char *path, const struct checksums *sums, struct error *error);

/* Whether the folder holds every file, and each is what it should be; the error names the first
 * that is not. */
bool checksums_verify(const struct checksums *sums, const char *folder, struct error *error);

#endif
