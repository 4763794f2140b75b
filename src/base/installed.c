#include "base/installed.h"

#include "base/file.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
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

static int is_config(const struct dirent *entry) {
    size_t length = strspn(entry->d_name, "abcdefghijklmnopqrstuvwxyz0123456789_-");
    return length > 0 && strcmp(entry->d_name + length, ".json") == 0;
}

const char *installed_configs(struct arena *arena) {
    const char *folders[INSTALLED_FOLDERS], *names = "";
    installed_folders("configs", folders, arena);
    for (size_t f = INSTALLED_FOLDERS; f-- > 0 && names[0] == '\0';) {
        struct dirent **entries;
        int count = scandir(folders[f], &entries, is_config, alphasort);
        for (int i = 0; i < count; i++) {
            names = arena_printf(arena, "%s%s%.*s", names, names[0] != '\0' ? " " : "",
                                 (int)strcspn(entries[i]->d_name, "."), entries[i]->d_name);
            free(entries[i]);
        }
        if (count >= 0)
            free(entries);
    }
    return names;
}
