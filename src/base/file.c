#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <sha2.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

bool file_exists(const char *path) {
    return access(path, F_OK) == 0;
}

bool file_is_directory(const char *path) {
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

char *file_read(const char *path, struct arena *arena, size_t *size, struct error *error) {
    if (file_is_directory(path)) {
        error_set(error, "%s: is a directory, not a file", path);
        return NULL;
    }
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        error_set(error, "%s: %s", path, strerror(errno));
        return NULL;
    }
    /* Read before it is put into the arena: pipes have no size to ask for. */
    size_t used = 0, capacity = 1 << 14;
    char *content = mem_resize(NULL, capacity), *result = NULL;
    while (!feof(file) && !ferror(file)) {
        if (used == capacity) {
            capacity *= 2;
            content = mem_resize(content, capacity);
        }
        used += fread(content + used, 1, capacity - used, file);
    }
    if (ferror(file)) {
        error_set(error, "%s: %s", path, strerror(errno));
    } else {
        result = arena_alloc(arena, used + 1);
        memcpy(result, content, used);
        result[used] = '\0';
        if (size != NULL)
            *size = used;
    }
    free(content);
    fclose(file);
    return result;
}

static bool write_and_sync(int descriptor, const char *content, size_t size) {
    while (size > 0) {
        ssize_t written = write(descriptor, content, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return false;
        content += written;
        size -= (size_t)written;
    }
    return fsync(descriptor) == 0;
}

bool file_write(const char *path, const void *content, size_t size, struct error *error) {
    struct arena arena = {0};
    char *temporary = arena_printf(&arena, "%s.tmp-%ld", path, (long)getpid());
    int descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    bool written = descriptor >= 0 && write_and_sync(descriptor, content, size);
    int cause = errno;
    if (descriptor >= 0 && close(descriptor) != 0 && written) {
        written = false;
        cause = errno;
    }
    if (written && rename(temporary, path) != 0) {
        written = false;
        cause = errno;
    }
    if (!written) {
        if (descriptor >= 0)
            unlink(temporary);
        error_set(error, "%s: cannot write: %s", path, strerror(cause));
    }
    arena_free(&arena);
    return written;
}

bool file_make_directory(const char *path, struct error *error) {
    struct arena arena = {0};
    char *partial = arena_strdup(&arena, path);
    bool made = true;
    for (char *end = partial; made && end != NULL && *end != '\0';) {
        end = strchr(end + 1, '/');
        if (end != NULL)
            *end = '\0';
        if (mkdir(partial, 0777) != 0 && errno != EEXIST)
            made = error_set(error, "%s: cannot create directory: %s", partial, strerror(errno));
        else if (!file_is_directory(partial))
            made = error_set(error, "%s: exists and is not a directory", partial);
        if (end != NULL)
            *end = '/';
    }
    arena_free(&arena);
    return made;
}

static void hex(const uint8_t digest[SHA256_DIGEST_LENGTH], char text[SHA256_TEXT]) {
    for (int i = 0; i < SHA256_DIGEST_LENGTH; i++)
        snprintf(text + 2 * i, 3, "%02x", digest[i]);
}

void file_remove_tree(const char *path) {
    char *const roots[] = {(char *)path, NULL};
    FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    for (FTSENT *entry; tree != NULL && (entry = fts_read(tree)) != NULL;)
        if (entry->fts_info != FTS_D) /* a folder goes after what is in it */
            remove(entry->fts_accpath);
    if (tree != NULL)
        fts_close(tree);
}

bool file_sha256(const char *path, char text[SHA256_TEXT], struct error *error) {
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return error_set(error, "%s: %s", path, strerror(errno));
    SHA2_CTX context;
    SHA256Init(&context);
    uint8_t buffer[1 << 14], digest[SHA256_DIGEST_LENGTH];
    size_t count;
    while ((count = fread(buffer, 1, sizeof buffer, file)) > 0)
        SHA256Update(&context, buffer, count);
    bool whole = !ferror(file);
    if (!whole)
        error_set(error, "%s: %s", path, strerror(errno));
    fclose(file);
    SHA256Final(digest, &context);
    hex(digest, text);
    return whole;
}

void bytes_sha256(const void *bytes, size_t size, char text[SHA256_TEXT]) {
    SHA2_CTX context;
    uint8_t digest[SHA256_DIGEST_LENGTH];
    SHA256Init(&context);
    SHA256Update(&context, bytes, size);
    SHA256Final(digest, &context);
    hex(digest, text);
}

char *path_join(struct arena *arena, const char *directory, const char *name) {
    if (name[0] == '/')
        return arena_strdup(arena, name);
    size_t length = strlen(directory);
    const char *slash = length > 0 && directory[length - 1] == '/' ? "" : "/";
    return arena_printf(arena, "%s%s%s", directory, slash, name);
}

char *path_directory(struct arena *arena, const char *path) {
    const char *slash = strrchr(path, '/');
    if (slash == NULL)
        return arena_strdup(arena, ".");
    if (slash == path)
        return arena_strdup(arena, "/");
    return arena_printf(arena, "%.*s", (int)(slash - path), path);
}

const char *path_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}
