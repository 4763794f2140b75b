/* Files: read whole, written whole or not at all. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "base/arena.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum { SHA256_TEXT = 65 }; /* 64 hexadecimal digits and the final NUL */

bool file_exists(const char *path);
bool file_is_directory(const char *path);

/* Seconds since it was last written; NaN when there is none. */
double file_age(const char *path);

/* Opens a file to read. What is not one (a folder, a FIFO, a device) is an error, so that nothing
 * hangs; only what the process was given itself may be a pipe or a terminal: /dev/stdin, /dev/fd/N.
 * NULL and an error otherwise. */
FILE *file_open(const char *path, struct error *error);
int file_open_descriptor(const char *path, struct error *error); /* -1 and an error otherwise */

/* The whole content, with a NUL after its end; *size may be NULL. NULL and an error otherwise. */
char *file_read(const char *path, struct arena *arena, size_t *size, struct error *error);

/* Writes to a temporary file beside `path`, syncs it to disk, renames it and syncs the folder: the
 * file is whole or as it was, whatever happens meanwhile. What is replaced keeps its mode; where `path` is a link,
 * what it leads to is replaced. What is no regular file (/dev/stdout, a FIFO) is written straight
 * to. Everything that the program writes goes through these functions, but for journals, which
 * grow. */
bool file_write(const char *path, const void *content, size_t size, struct error *error);

/* The same of what `print` prints, without holding it in memory. Signals wait until it is over. */
bool file_print(const char *path, void (*print)(FILE *out, const void *data), const void *data,
                struct error *error);

struct file_content {
    const char *path;
    const void *bytes;
    size_t size;
};

/* Several files, as file_write() does one: all are written and synced under temporary names before the first
 * one is replaced, so that a full disk or a signal leaves all of them as they were. Only SIGKILL, a crash of
 * the machine or a broken disk can leave new ones among old ones. What is there and no regular file is an error. */
bool file_write_all(const struct file_content *files, size_t count, struct error *error);

/* "<path>.tmp-<16 digits>": a name beside it that nobody can guess. NULL and errno without random
 * numbers. */
const char *file_temporary_name(const char *path, struct arena *arena);

/* How many bytes of a temporary file's name are the name that it is to get: 5 of "a.csv.tmp-1f". 0 when it is not
 * temporary, or when that name is so long that it was cut off. */
size_t file_temporary_target(const char *name);

/* Makes a folder of a temporary name beside `path`, to be removed or renamed. NULL on error. */
const char *file_make_temporary_folder(const char *path, struct arena *arena, struct error *error);

/* Removes temporary files and folders whose names begin with `stem` and that are older than so many
 * seconds by the clock that dates files there: those of processes that were killed as they wrote. */
void file_remove_temporaries(const char *folder, const char *stem, double age);

/* False, with the reason, for a directory that exists and cannot be read. */
bool directory_check(const char *path, struct error *error);

/* Creates the directory and those above it; existing ones are fine. */
bool file_make_directory(const char *path, struct error *error);

/* Removes a folder and everything in it; what is not there need not be. */
void file_remove_tree(const char *path);

/* SHA-256 of a file or of bytes, as lower-case hexadecimal text. */
bool file_sha256(const char *path, char text[SHA256_TEXT], struct error *error);
void bytes_sha256(const void *bytes, size_t size, char text[SHA256_TEXT]);

/* "<directory>/<name>"; an absolute name stays as it is. */
char *path_join(struct arena *arena, const char *directory, const char *name);
/* Whether a relative path leads to a place inside the folder that it begins in: not absolute, not
 * empty, and without "..". */
bool path_stays_inside(const char *path);
/* The part before the last slash ("." when there is none) and the part after it. */
char *path_directory(struct arena *arena, const char *path);
const char *path_name(const char *path);

/* Whether the path ends so: ".csv". */
bool path_ends_with(const char *path, const char *ending);

#endif
