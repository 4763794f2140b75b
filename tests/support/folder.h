/* Temporary folders and small text files for tests. Whatever goes wrong here fails the test. */
#ifndef SUPPORT_FOLDER_H
#define SUPPORT_FOLDER_H

#include <stddef.h>

enum { FOLDER_PATH = 256 };

/* A new folder below $TMPDIR (or /tmp). */
struct folder {
    char path[FOLDER_PATH];
};
struct folder folder_new(void);
/* Removes it and all that is in it. */
void folder_remove(const struct folder *folder);

/* "<folder>/<name>", in a buffer of the caller's; returns the buffer. */
char *folder_path(const struct folder *folder, const char *name, char path[2 * FOLDER_PATH]);

/* Writes a file into the folder. */
void folder_write(const struct folder *folder, const char *name, const char *text);
/* The whole file with a NUL after its end; free() it. */
char *folder_read(const struct folder *folder, const char *name);
/* How many entries the folder holds. */
size_t folder_count(const struct folder *folder);

#endif
