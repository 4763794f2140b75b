#include "report/results/result_folders.h"

#include "base/file.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdlib.h>

static bool has_results(const char *folder, struct arena *arena) {
    return file_is_directory(path_join(arena, folder, "trials"));
}

static int is_visible(const struct dirent *entry) {
    return entry->d_name[0] != '.';
}

static void add_folder(const char ***folders, size_t *count, const char *folder,
                       struct arena *arena) {
    *folders = arena_grow(arena, *folders, *count, sizeof **folders);
    (*folders)[(*count)++] = folder;
}

const char **result_folders(const char *const *given, size_t count, size_t *found,
                            struct arena *arena) {
    const char **folders = NULL;
    *found = 0;
    for (size_t i = 0; i < count; i++) {
        struct dirent **entries = NULL;
        size_t before = *found;
        int inside =
            has_results(given[i], arena) ? 0 : scandir(given[i], &entries, is_visible, alphasort);
        for (int e = 0; e < inside; e++) {
            const char *folder = path_join(arena, given[i], entries[e]->d_name);
            if (has_results(folder, arena))
                add_folder(&folders, found, folder, arena);
            free(entries[e]);
        }
        free(entries);
        if (*found == before)
            add_folder(&folders, found, given[i], arena);
    }
    return folders;
}
