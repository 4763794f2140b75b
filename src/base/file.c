#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <limits.h>
#include <math.h>
#include <sha2.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

/* Between a file's name and what makes its temporary name its own. */
static const char temporary_mark[] = ".tmp-";

bool file_exists(const char *path) {
    return access(path, F_OK) == 0;
}

bool directory_check(const char *path, struct error *error) {
    if (access(path, R_OK | X_OK) == 0 || errno == ENOENT || errno == ENOTDIR)
        return true;
    return error_set(error, "%s: cannot read: %s", path, strerror(errno));
}

bool file_is_directory(const char *path) {
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

double file_age(const char *path) {
    struct stat status;
    struct timespec now;
    if (stat(path, &status) != 0)
        return NAN;
    clock_gettime(CLOCK_REALTIME, &now);
    double seconds = difftime(now.tv_sec, status.st_mtim.tv_sec) +
                     1e-9 * (double)(now.tv_nsec - status.st_mtim.tv_nsec);
    return seconds > 0 ? seconds : 0;
}

/* --- what a path means ------------------------------------------------------------------- */

/* The descriptor of this process that a path such as /dev/stdout or bash's /dev/fd/63 means;
 * -1: it is no such path. Opened again it would begin at the file's start, and a socket could not
 * be opened at all. */
static int own_descriptor(const char *path) {
    static const char *const names[] = {"/dev/stdin", "/dev/stdout", "/dev/stderr"};
    static const char *const folders[] = {"/dev/fd/", "/proc/self/fd/"};
    for (int i = 0; i < 3; i++)
        if (strcmp(path, names[i]) == 0)
            return i;
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        size_t length = strlen(folders[i]);
        const char *digits = path + length;
        if (strncmp(path, folders[i], length) == 0 && *digits != '\0' && strlen(digits) < 7 &&
            digits[strspn(digits, "0123456789")] == '\0')
            return (int)strtol(digits, NULL, 10);
    }
    return -1;
}

static const char *kind_of(mode_t mode) {
    return S_ISDIR(mode)    ? "directory"
           : S_ISFIFO(mode) ? "FIFO"
           : S_ISSOCK(mode) ? "socket"
                            : "device";
}

static bool refuse_empty(const char *path, struct error *error) {
    return path[0] != '\0' || error_set(error, "the name of a file or folder is empty");
}

/* --- reading ---------------------------------------------------------------------------------- */

/* /dev/null is as good as an empty file. Other devices, and FIFOs in the place of a file, may never
 * come to an end; what this process was given, such as its standard input, may be a pipe or a
 * terminal. */
static bool is_readable(int descriptor, bool is_own, const struct stat *status) {
    if (S_ISREG(status->st_mode))
        return true;
    if (S_ISCHR(status->st_mode))
        return status->st_rdev == makedev(1, 3) || (is_own && isatty(descriptor));
    return is_own && !S_ISDIR(status->st_mode) && !S_ISBLK(status->st_mode);
}

int file_open_descriptor(const char *path, struct error *error) {
    if (!refuse_empty(path, error))
        return -1;
    int own = own_descriptor(path);
    /* O_NONBLOCK: does not wait for somebody to write into a FIFO. */
    int descriptor = own >= 0 ? fcntl(own, F_DUPFD_CLOEXEC, 0)
                              : open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    struct stat status;
    if (descriptor < 0 || fstat(descriptor, &status) != 0)
        error_set(error, "%s: %s", path, strerror(errno));
    else if (!is_readable(descriptor, own >= 0, &status))
        error_set(error, "%s: is a %s, not a file", path, kind_of(status.st_mode));
    else
        return descriptor;
    if (descriptor >= 0)
        close(descriptor);
    return -1;
}

FILE *file_open(const char *path, struct error *error) {
    int descriptor = file_open_descriptor(path, error);
    FILE *file = descriptor >= 0 ? fdopen(descriptor, "rb") : NULL;
    if (descriptor >= 0 && file == NULL) {
        error_set(error, "%s: %s", path, strerror(errno));
        close(descriptor);
    }
    return file;
}

char *file_read(const char *path, struct arena *arena, size_t *size, struct error *error) {
    FILE *file = file_open(path, error);
    if (file == NULL)
        return NULL;
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

/* --- writing ---------------------------------------------------------------------------------- */

static bool write_all(int descriptor, const char *content, size_t size) {
    while (size > 0) {
        ssize_t written = write(descriptor, content, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written == 0)
            errno = ENOSPC;
        if (written <= 0)
            return false;
        content += written;
        size -= (size_t)written;
    }
    return true;
}

/* What is to be written: `size` bytes, or what `print` prints. */
struct content {
    const char *bytes;
    size_t size;
    void (*print)(FILE *out, const void *data);
    const void *data;
};

/* Where a stream's text goes. stdio forgets the cause of a failed write: here it is kept. */
struct sink {
    int descriptor, cause;
};

static ssize_t sink_write(void *cookie, const char *text, size_t size) {
    struct sink *sink = cookie;
    if (sink->cause == 0 && !write_all(sink->descriptor, text, size))
        sink->cause = errno;
    return sink->cause == 0 ? (ssize_t)size : 0; /* 0: an error, as fopencookie(3) has it */
}

static bool print_all(int descriptor, const struct content *content) {
    struct sink sink = {.descriptor = descriptor};
    FILE *out = fopencookie(&sink, "w", (cookie_io_functions_t){.write = sink_write});
    if (out == NULL)
        return false;
    content->print(out, content->data);
    bool whole = !ferror(out);
    whole = fclose(out) == 0 && whole;
    errno = sink.cause != 0 ? sink.cause : ENOMEM;
    return whole;
}

static bool put_content(int descriptor, const struct content *content) {
    return content->print != NULL ? print_all(descriptor, content)
                                  : write_all(descriptor, content->bytes, content->size);
}

/* Closes the descriptor (< 0: there is none) and keeps the first error in errno. */
static bool close_after(int descriptor, bool good) {
    int cause = errno;
    if (descriptor >= 0 && close(descriptor) != 0 && good)
        return false;
    errno = cause;
    return good;
}

/* To a pipe, a terminal or a device, which nothing can replace. */
static bool write_straight(const char *path, const struct content *content) {
    int own = own_descriptor(path);
    fflush(NULL); /* what was printed before comes first */
    /* O_NONBLOCK: does not wait for somebody to read from a FIFO. */
    int descriptor = own >= 0 ? fcntl(own, F_DUPFD_CLOEXEC, 0)
                              : open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (descriptor >= 0 && own < 0)
        fcntl(descriptor, F_SETFL, O_WRONLY);
    return close_after(descriptor, descriptor >= 0 && put_content(descriptor, content));
}

/* Where the link leads; NULL and errno when in circles. Somebody else's link, planted in a folder
 * that is not his, is not followed but replaced. */
static const char *follow_links(const char *path, struct arena *arena) {
    enum { MAX_LINKS = 40 };
    for (int i = 0; i < MAX_LINKS; i++) {
        struct stat link, folder;
        char to[PATH_MAX];
        const char *directory = path_directory(arena, path);
        if (lstat(path, &link) != 0 || !S_ISLNK(link.st_mode) || stat(directory, &folder) != 0 ||
            (link.st_uid != geteuid() && link.st_uid != folder.st_uid))
            return path;
        ssize_t length = readlink(path, to, sizeof to - 1);
        if (length < 0)
            return NULL;
        to[length] = '\0';
        path = path_join(arena, directory, to);
    }
    errno = ELOOP;
    return NULL;
}

enum { MAX_NAME = 200 }; /* bytes of the name in a temporary one */

const char *file_temporary_name(const char *path, struct arena *arena) {
    uint32_t random[2];
    if (getentropy(random, sizeof random) != 0)
        return NULL;
    return arena_printf(arena, "%s/%.*s%s%08x%08x", path_directory(arena, path), MAX_NAME,
                        path_name(path), temporary_mark, random[0], random[1]);
}

/* A new file; -1 and errno otherwise. */
static int create_beside(const char *path, struct arena *arena, const char **temporary) {
    *temporary = file_temporary_name(path, arena);
    return *temporary == NULL
               ? -1
               : open(*temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
}

const char *file_make_temporary_folder(const char *path, struct arena *arena, struct error *error) {
    const char *temporary = file_temporary_name(path, arena);
    if (temporary != NULL && mkdir(temporary, 0777) == 0)
        return temporary;
    error_set(error, "%s: cannot make a temporary folder beside it: %s", path, strerror(errno));
    return NULL;
}

/* The new file is who may read it as the old one was. To give it away may be forbidden. */
static bool keep_mode(int descriptor, const struct stat *replaced) {
    int ignored = fchown(descriptor, replaced->st_uid, replaced->st_gid);
    (void)ignored;
    return fchmod(descriptor, replaced->st_mode & 0777) == 0;
}

/* Without it a power failure may undo the rename. EINVAL comes of file systems that cannot do it. */
static bool sync_folder_of(const char *path, struct arena *arena) {
    int folder = open(path_directory(arena, path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return folder < 0 || close_after(folder, fsync(folder) == 0 || errno == EINVAL);
}

/* A new file beside `path`, synced, under a temporary name; there is none when it cannot be written. */
static bool write_beside(const char *path, const struct stat *replaced,
                         const struct content *content, struct arena *arena,
                         const char **temporary) {
    int descriptor = create_beside(path, arena, temporary);
    bool good = descriptor >= 0 && (replaced == NULL || keep_mode(descriptor, replaced)) &&
                put_content(descriptor, content) && fsync(descriptor) == 0;
    good = close_after(descriptor, good);
    int cause = errno;
    if (!good && descriptor >= 0)
        unlink(*temporary);
    errno = cause;
    return good;
}

/* No signal but SIGKILL leaves a temporary file behind. */
static void hold_signals(sigset_t *former) {
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, former);
}

static bool replace(const char *path, const struct stat *replaced, const struct content *content) {
    struct arena arena = {0};
    sigset_t former;
    const char *temporary;
    hold_signals(&former);
    bool written = write_beside(path, replaced, content, &arena, &temporary);
    bool named = written && rename(temporary, path) == 0;
    int cause = errno;
    if (written && !named)
        unlink(temporary);
    bool good = named && sync_folder_of(path, &arena);
    cause = named ? errno : cause;
    sigprocmask(SIG_SETMASK, &former, NULL);
    arena_free(&arena);
    errno = cause;
    return good;
}

static bool write_content(const char *path, const struct content *content, struct error *error) {
    if (!refuse_empty(path, error))
        return false;
    struct arena arena = {0};
    struct stat status;
    bool written = false, exists = stat(path, &status) == 0;
    const char *target = path;
    if (exists && S_ISDIR(status.st_mode))
        errno = EISDIR;
    else if (own_descriptor(path) >= 0 || (exists && !S_ISREG(status.st_mode)))
        written = write_straight(path, content);
    else if ((target = follow_links(path, &arena)) != NULL)
        written = replace(target, exists ? &status : NULL, content);
    if (!written)
        error_set(error, "%s: cannot write: %s", path,
                  errno == ENXIO ? "nobody reads from it" : strerror(errno));
    arena_free(&arena);
    return written;
}

bool file_write(const char *path, const void *content, size_t size, struct error *error) {
    return write_content(path, &(struct content){.bytes = content, .size = size}, error);
}

bool file_print(const char *path, void (*print)(FILE *out, const void *data), const void *data,
                struct error *error) {
    return write_content(path, &(struct content){.print = print, .data = data}, error);
}

/* --- several files at once -------------------------------------------------------------------- */

/* Whether a signal that has come would end the process. */
static bool is_asked_to_end(const sigset_t *former) {
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    sigset_t pending;
    bool asked = false;
    sigpending(&pending);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        asked = asked ||
                (sigismember(&pending, numbers[i]) == 1 && sigismember(former, numbers[i]) == 0);
    if (asked)
        errno = EINTR;
    return asked;
}

/* A file that is written and has not got its name yet. */
struct draft {
    const char *temporary, *target;
};

static bool write_draft(const struct file_content *file, struct draft *draft, struct arena *arena) {
    const struct content content = {.bytes = file->bytes, .size = file->size};
    struct stat status;
    bool exists = stat(file->path, &status) == 0;
    if (exists && !S_ISREG(status.st_mode)) {
        errno = S_ISDIR(status.st_mode) ? EISDIR : EEXIST;
        return false;
    }
    draft->target = follow_links(file->path, arena);
    return draft->target != NULL &&
           write_beside(draft->target, exists ? &status : NULL, &content, arena, &draft->temporary);
}

static bool sync_folders(const struct draft *drafts, size_t count, struct arena *arena) {
    const char *last = "";
    bool good = true;
    for (size_t i = 0; good && i < count; i++) {
        const char *folder = path_directory(arena, drafts[i].target);
        good = strcmp(folder, last) == 0 || sync_folder_of(drafts[i].target, arena);
        last = folder;
    }
    return good;
}

bool file_write_all(const struct file_content *files, size_t count, struct error *error) {
    struct arena arena = {0};
    struct draft *drafts = ARENA_NEW(&arena, struct draft, count);
    size_t written = 0, named = 0;
    sigset_t former;
    hold_signals(&former);
    while (written < count && !is_asked_to_end(&former) &&
           write_draft(&files[written], &drafts[written], &arena))
        written++;
    if (written < count)
        error_set(error, "%s: cannot write: %s", files[written].path, strerror(errno));
    while (written == count && named < count &&
           rename(drafts[named].temporary, drafts[named].target) == 0)
        named++;
    bool good = named == count && sync_folders(drafts, count, &arena);
    if (!good && written == count)
        error_set(error, "%s: cannot write: %s; %zu of %zu files are new already",
                  files[named < count ? named : 0].path, strerror(errno), named, count);
    for (size_t i = named; i < written; i++)
        unlink(drafts[i].temporary);
    sigprocmask(SIG_SETMASK, &former, NULL);
    arena_free(&arena);
    return good;
}

/* --- temporary files of others ---------------------------------------------------------------- */

/* Where the last mark of a temporary name begins; NULL when it is not one. */
static const char *find_mark(const char *name) {
    const char *mark = strstr(name, temporary_mark);
    for (const char *next = mark; next != NULL; next = strstr(next + 1, temporary_mark))
        mark = next;
    const char *digits = mark != NULL ? mark + strlen(temporary_mark) : "";
    return *digits != '\0' && digits[strspn(digits, "0123456789abcdef")] == '\0' ? mark : NULL;
}

size_t file_temporary_target(const char *name) {
    const char *mark = find_mark(name);
    return mark != NULL && mark - name < MAX_NAME ? (size_t)(mark - name) : 0;
}

/* What the clock says that dates the folder's files, which may be another machine's: ours may be
 * off by days. */
static bool folder_clock(const char *folder, time_t *now) {
    struct arena arena = {0};
    struct stat status;
    const char *temporary;
    int descriptor = create_beside(path_join(&arena, folder, "clock"), &arena, &temporary);
    bool known = descriptor >= 0 && fstatat(AT_FDCWD, temporary, &status, 0) == 0;
    if (descriptor >= 0) {
        close(descriptor);
        unlink(temporary);
    }
    *now = known ? status.st_mtime : 0;
    arena_free(&arena);
    return known;
}

void file_remove_temporaries(const char *folder, const char *stem, double age) {
    struct arena arena = {0};
    DIR *directory = opendir(folder);
    const struct dirent *entry;
    struct stat status;
    time_t now = 0;
    while (directory != NULL && (entry = readdir(directory)) != NULL)
        if (find_mark(entry->d_name) != NULL && strncmp(entry->d_name, stem, strlen(stem)) == 0 &&
            fstatat(dirfd(directory), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
            (age <= 0 ||
             ((now != 0 || folder_clock(folder, &now)) && difftime(now, status.st_mtime) >= age)))
            file_remove_tree(path_join(&arena, folder, entry->d_name));
    if (directory != NULL)
        closedir(directory);
    arena_free(&arena);
}

/* --- folders and checksums -------------------------------------------------------------------- */

bool file_make_directory(const char *path, struct error *error) {
    if (!refuse_empty(path, error))
        return false;
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
    FILE *file = file_open(path, error);
    if (file == NULL)
        return false;
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

bool path_ends_with(const char *path, const char *ending) {
    size_t length = strlen(path), tail = strlen(ending);
    return length >= tail && strcmp(path + length - tail, ending) == 0;
}

bool path_stays_inside(const char *path) {
    bool inside = path[0] != '\0' && path[0] != '/';
    for (const char *part = path; inside && part != NULL;) {
        size_t length = strcspn(part, "/");
        inside = length != 2 || strncmp(part, "..", 2) != 0;
        part = part[length] == '/' ? part + length + 1 : NULL;
    }
    return inside;
}
