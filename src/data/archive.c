#include "data/archive.h"

#include "base/process.h"

#include <stddef.h>
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

static bool run(const char *const argv[], const char *output, const char *path,
                struct error *error) {
    struct process_result result;
    if (!process_run(argv, output, &result, error))
        return false;
    if (result.code == 127)
        return error_set(error,
                         "%s: the program %s, which unpacks it, is not installed (Debian: apt "
                         "install libarchive-tools)",
                         path, argv[0]);
    return result.code == 0 ||
           error_set(error, "%s: cannot be unpacked; it may be cut off, or the disk full (%s)",
                     path, result.words);
}

bool archive_unpack(const char *path, const char *folder, struct error *error) {
    return run((const char *const[]){"bsdtar", "-x", "-f", path, "-C", folder, NULL}, NULL, path,
               error);
}

bool archive_expand(const char *path, const char *output, struct error *error) {
    return run((const char *const[]){"bsdcat", path, NULL}, output, path, error);
}
