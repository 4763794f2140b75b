#include "data/formats/npz.h"

#include "data/catalogue/archive.h"
#include "data/formats/npy.h"

bool npz_read(const char *path, struct table *table, struct error *error) {
    struct arena arena = {0};
    size_t size;
    *table = (struct table){0};
    const char *content = archive_read_only_member(path, &arena, &size, error);
    bool read = content != NULL && npy_parse(path, content, size, table, error);
    arena_free(&arena);
    return read;
}
