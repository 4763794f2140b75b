#include "data/npz.h"

#include "base/file.h"
#include "data/archive.h"
#include "data/npy.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool read_only_array(const char *path, const glob_t *found, struct table *table,
                            struct error *error) {
    if (found->gl_pathc != 1)
        return error_set(error,
                         "%s: holds %zu arrays; save the one to be read alone, with "
                         "numpy.save",
                         path, found->gl_pathc);
    return npy_read(found->gl_pathv[0], table, error) || error_prefix(error, "%s", path);
}

bool npz_read(const char *path, struct table *table, struct error *error) {
    struct arena arena = {0};
    const char *parent = getenv("TMPDIR");
    char *folder = arena_printf(&arena, "%s/liquidbench-XXXXXX", parent != NULL ? parent : "/tmp");
    glob_t found = {0};
    *table = (struct table){0};
    bool read = mkdtemp(folder) != NULL ||
                error_set(error, "%s: no temporary folder can be made to unpack it", path);
    if (read) {
        read = archive_unpack(path, folder, error);
        glob(path_join(&arena, folder, "*"), 0, NULL, &found);
        read = read && read_only_array(path, &found, table, error);
        for (size_t i = 0; i < found.gl_pathc; i++)
            unlink(found.gl_pathv[i]);
        globfree(&found);
        rmdir(folder);
    }
    if (read)
        table->path = arena_strdup(&table->arena, path);
    arena_free(&arena);
    return read;
}
