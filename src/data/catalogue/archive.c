#include "data/catalogue/archive.h"

#include "base/file.h"
#include "base/process.h"

#include <string.h>

static bool ends_with_one_of(const char *path, const char *const *endings) {
    for (; *endings != NULL; endings++) {
        size_t length = strlen(path), tail = strlen(*endings);
        if (length > tail && strcmp(path + length - tail, *endings) == 0)
            return true;
    }
    return false;
}

bool archive_has_members(const char *path) {
    static const char *const endings[] = {".zip",     ".npz",    ".tar", ".tar.gz",
                                          ".tar.bz2", ".tar.xz", ".tgz", NULL};
    return ends_with_one_of(path, endings);
}

bool archive_is_compressed(const char *path) {
    static const char *const endings[] = {".gz", ".bz2", ".xz", NULL};
    return ends_with_one_of(path, endings) && !archive_has_members(path);
}

static bool run(const char *const argv[], const struct process_options *options, const char *path,
                struct process_result *result, struct error *error) {
    FILE *file = file_open(path, error); /* what is no file must not keep the program waiting */
    if (file == NULL)
        return false;
    fclose(file);
    if (!process_run(argv, options, result, error))
        return false;
    if (result->code == PROCESS_MISSING)
        return error_set(error,
                         "%s: the program %s, which unpacks it, is not installed (Debian: apt "
                         "install libarchive-tools)",
                         path, argv[0]);
    return result->code == 0 ||
           error_set(error, "%s: cannot be unpacked; it may be cut off, or the disk full (%s)",
                     path, result->first);
}

bool archive_unpack(const char *path, const char *folder, struct error *error) {
    struct process_result result;
    return run((const char *const[]){"bsdtar", "-x", "--no-same-owner", "--no-same-permissions",
                                     "-f", path, "-C", folder, NULL},
               &(struct process_options){0}, path, &result, error);
}

bool archive_expand(const char *path, const char *output, struct error *error) {
    struct process_result result;
    return run((const char *const[]){"bsdcat", path, NULL},
               &(struct process_options){.output = output}, path, &result, error);
}

const char *archive_read_only_member(const char *path, struct arena *arena, size_t *size,
                                     struct error *error) {
    struct process_options options = {.arena = arena};
    struct process_result result;
    if (!run((const char *const[]){"bsdtar", "-t", "-f", path, NULL}, &options, path, &result,
             error))
        return NULL;
    size_t members = 0;
    for (const char *c = result.output; *c != '\0'; c++)
        members += *c == '\n';
    if (members != 1) {
        error_set(error, "%s: holds %zu arrays; save the one to be read alone, with numpy.save",
                  path, members);
        return NULL;
    }
    if (!run((const char *const[]){"bsdtar", "-x", "-O", "-f", path, NULL}, &options, path, &result,
             error))
        return NULL;
    *size = result.size;
    return result.output;
}
