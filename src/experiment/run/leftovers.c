#include "experiment/run/leftovers.h"

#include "base/arena.h"
#include "base/file.h"
#include "record/record.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

/* Where trials are written under a temporary name first, and how the files' own names end. */
static const struct part {
    const char *name, *ending;
} parts[] = {{"trials", ".json"}, {"models", ".safetensors"}, {"predictions", ".csv"}};

static bool is_of_the_dead(const char *claim, const struct trial_claim *own) {
    struct trial_claim holder;
    return claim_read(claim, &holder, NULL, NULL) && claim_holder(&holder, own) == HOLDER_GONE;
}

/* What claim_take() has put aside, and was killed before it could remove it, is a temporary file. */
static void remove_claims(const char *folder, const struct trial_claim *own) {
    struct arena arena = {0};
    DIR *claims = opendir(path_join(&arena, folder, "claims"));
    const struct dirent *entry;
    while (claims != NULL && (entry = readdir(claims)) != NULL) {
        const char *claim = arena_printf(&arena, "%s/claims/%s", folder, entry->d_name);
        if (file_exists(arena_printf(&arena, "%s/trials/%s", folder, entry->d_name)))
            claim_clear(claim, own);
        else if (file_temporary_target(entry->d_name) > 0 && is_of_the_dead(claim, own))
            file_remove_tree(claim);
    }
    if (claims != NULL)
        closedir(claims);
    arena_free(&arena);
}

/* A writer holds its trial's claim from before it makes the file. So when there is a file and then no
 * claim, the writer is gone; another one's file has another name. */
static void remove_files(const char *folder, const struct part *part,
                         const struct trial_claim *own) {
    struct arena arena = {0};
    DIR *files = opendir(path_join(&arena, folder, part->name));
    const struct dirent *entry;
    size_t tail = strlen(part->ending);
    while (files != NULL && (entry = readdir(files)) != NULL) {
        size_t length = file_temporary_target(entry->d_name);
        if (length <= tail || strncmp(entry->d_name + length - tail, part->ending, tail) != 0)
            continue;
        const char *stem = arena_printf(&arena, "%.*s", (int)(length - tail), entry->d_name);
        const char *claim = claim_path(&arena, folder, stem);
        struct stat status;
        bool is_free = lstat(claim, &status) != 0 && errno == ENOENT;
        if (is_free || is_of_the_dead(claim, own))
            file_remove_tree(arena_printf(&arena, "%s/%s/%s", folder, part->name, entry->d_name));
    }
    if (files != NULL)
        closedir(files);
    arena_free(&arena);
}

void leftovers_remove(const char *folder, const struct trial_claim *own) {
    remove_claims(folder, own);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        remove_files(folder, &parts[i], own);
}
