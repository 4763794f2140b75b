/* Files: read whole, written whole or not at all. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "base/arena.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

enum { SHA256_TEXT = 65 }; /* 64 hexadecimal digits and the final NUL */

bool file_exists(const char *path);
bool file_is_directory(const char *path);

/* The whole content, with a NUL after its end; *size may be NULL. NULL and an error otherwise. */
char *file_read(const char *path, struct arena *arena, size_t *size, struct error *error);

/* Writes to a temporary name beside `path`, syncs it to disk and renames it: the file is whole or
 * it is not there, whatever happens meanwhile. */
bool file_write(const char *path, const void *content, size_t size, struct error *error);

/* Creates the directory and those above it; existing ones are fine. */
bool file_make_directory(const char *path, struct error *error);

/* Removes a folder and everything in it; what is not there need not be. */
void file_remove_tree(const char *path);

/* SHA-256 of a file or of bytes, as lower-case hexadecimal text. */
bool file_sha256(const char *path, char text[SHA256_TEXT], struct error *error);
void bytes_sha256(const void *bytes, size_t size, char text[SHA256_TEXT]);

/* "<directory>/<name>"; an absolute name stays as it is. */
char *path_join(struct arena *arena, const char *directory, const char *name);
/* The part before the last slash ("." when there is none) and the part after it. */
char *path_directory(struct arena *arena, const char *path);
const char *path_name(const char *path);

#endif
