#include "support/folder.h"

#include <dirent.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct folder folder_new(void) {
    const char *parent = getenv("TMPDIR");
    struct folder folder;
    snprintf(folder.path, sizeof folder.path, "%s/liquidbench-test-XXXXXX",
             parent != NULL && parent[0] != '\0' ? parent : "/tmp");
    assert_non_null(mkdtemp(folder.path));
    return folder;
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *place) {
    (void)status, (void)type, (void)place;
    return remove(path);
}

void folder_remove(const struct folder *folder) {
    assert_int_equal(nftw(folder->path, remove_entry, 16, FTW_DEPTH | FTW_PHYS), 0);
}

char *folder_path(const struct folder *folder, const char *name, char path[2 * FOLDER_PATH]) {
    snprintf(path, 2 * FOLDER_PATH, "%s/%s", folder->path, name);
    return path;
}

void folder_write(const struct folder *folder, const char *name, const char *text) {
    char path[2 * FOLDER_PATH];
    FILE *file = fopen(folder_path(folder, name, path), "wb");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

char *folder_read(const struct folder *folder, const char *name) {
    char path[2 * FOLDER_PATH];
    FILE *file = fopen(folder_path(folder, name, path), "rb");
    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    size_t size = (size_t)ftell(file);
    rewind(file);
    char *text = calloc(size + 1, 1);
    assert_non_null(text);
    assert_int_equal(fread(text, 1, size, file), size);
    fclose(file);
    return text;
}

size_t folder_count(const struct folder *folder) {
    DIR *directory = opendir(folder->path);
    assert_non_null(directory);
    size_t count = 0;
    for (const struct dirent *entry; (entry = readdir(directory)) != NULL;)
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(directory);
    return count;
}
