/* Unpacking archives and compressed files with libarchive's programs bsdtar and bsdcat, which know
 * every common format and refuse members that would leave the folder. */
#ifndef DATA_CATALOGUE_ARCHIVE_H
#define DATA_CATALOGUE_ARCHIVE_H

#include "base/arena.h"
#include "base/error.h"

#include <stdbool.h>

/* Whether the name ends as that of an archive with members (.zip, .npz, .tar, .tar.gz, ...), or of
 * one compressed file (.gz, .bz2, .xz). */
bool archive_has_members(const char *path);
bool archive_is_compressed(const char *path);

/* Unpacks all members into the folder. */
bool archive_unpack(const char *path, const char *folder, struct error *error);

/* Writes what a compressed file holds. */
bool archive_expand(const char *path, const char *output, struct error *error);

/* What the only member of an archive of arrays (.npz) holds; nothing is written to disk. NULL and
 * an error otherwise. */
const char *archive_read_only_member(const char *path, struct arena *arena, size_t *size,
                                     struct error *error);

#endif
