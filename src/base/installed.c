#include "base/installed.h"

#include "base/file.h"

#include <unistd.h>

static const char *program_directory(struct arena *arena) {
    char path[4096];
    ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
    if (length <= 0)
        return ".";
    path[length] = '\0';
    return path_directory(arena, path);
}

void installed_folders(const char *kind, const char *folders[INSTALLED_FOLDERS],
                       struct arena *arena) {
    const char *program = program_directory(arena);
    folders[0] = kind;
    folders[1] = path_join(arena, program, kind);
    folders[2] = arena_printf(arena, "%s/../share/liquidbench/%s", program, kind);
}
