#include "data/pipeline/assembly.h"

#include <stdlib.h>
#include <string.h>

/* A file and what its rows are for. */
struct use {
    const struct data_file *file;
    bool roles[ROLE_COUNT];
};

static int by_bytes(const void *a, const void *b) {
    const struct use *one = a, *other = b;
    int order = strcmp(one->file->sha256, other->file->sha256);
    return order != 0 ? order : strcmp(one->file->path, other->file->path);
}

static const char *role_of(const struct use *use) {
    static const char *const names[] = {"training", "validation", "the test"};
    for (int role = 0; role < ROLE_COUNT; role++)
        if (use->roles[role])
            return names[role];
    return "dataset.hold_out";
}

static bool refuse(const struct use *a, const struct use *b, bool is_random, struct error *error) {
    if (is_random)
        return error_set(
            error,
            "dataset.split: %s and %s hold the same bytes, so that windows of a random "
            "split would be in training and test at once; leave one of them out",
            a->file->path, b->file->path);
    return error_set(
        error,
        "dataset.split: %s is for %s and %s for %s, but they hold the same bytes; leave "
        "one of them out",
        a->file->path, role_of(a), b->file->path, role_of(b));
}

/* With a cut in time, and with groups, which have names, the same rows go into the same split. */
static bool divides_files(const struct dataset_options *options) {
    int method = options->split.method;
    return method == SPLIT_FILES || method == SPLIT_RANDOM || options->hold_out.count > 0 ||
           (method == SPLIT_GROUPS && options->group == NULL);
}

bool leaks_check(const struct dataset_options *options, const struct sources *sources,
                 const struct parts parts[ROLE_COUNT], struct arena *arena, struct error *error) {
    if (sources->file_count < sources->count || !divides_files(options))
        return true;
    bool is_random = options->split.method == SPLIT_RANDOM;
    struct use *uses = ARENA_NEW(arena, struct use, sources->count);
    for (size_t i = 0; i < sources->count; i++)
        uses[i].file = &sources->files[i];
    for (int role = 0; role < ROLE_COUNT; role++)
        for (int i = 0; i < parts[role].count; i++)
            uses[parts[role].items[i].whole->source - sources->items].roles[role] = true;
    qsort(uses, sources->count, sizeof *uses, by_bytes);
    for (size_t i = 1; i < sources->count; i++) {
        const struct use *a = &uses[i - 1], *b = &uses[i];
        if (strcmp(a->file->sha256, b->file->sha256) == 0 &&
            (is_random || memcmp(a->roles, b->roles, sizeof a->roles) != 0))
            return refuse(a, b, is_random, error);
    }
    return true;
}
