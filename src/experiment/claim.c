#include "experiment/claim.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/json.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const double CLAIM_BEAT = 10;

/* Between creating and writing a file lie microseconds: one that stays empty has no owner. */
static const double EMPTY_PATIENCE = 3;

enum { CLAIM_TEXT = 512 };

/* When the process was started, in ticks after boot; 0 when there is none (or just its remains,
 * which nobody has waited for). */
static unsigned long long process_start(long pid) {
    char path[64], text[1024];
    snprintf(path, sizeof path, "/proc/%ld/stat", pid);
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return 0;
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    /* "pid (name) state ... ": the name may hold anything, even brackets. */
    const char *rest = strrchr(text, ')');
    char state;
    unsigned long long started;
    if (rest == NULL || sscanf(rest + 1,
                               " %c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s "
                               "%*s %*s %*s %llu",
                               &state, &started) != 2)
        return 0;
    return state == 'Z' || state == 'X' ? 0 : started;
}

static void read_line(const char *path, char *line, size_t size) {
    FILE *file = fopen(path, "r");
    if (file == NULL || fgets(line, (int)size, file) == NULL)
        snprintf(line, size, "unknown");
    if (file != NULL)
        fclose(file);
    line[strcspn(line, "\n")] = '\0';
}

struct claim claim_of_this_process(void) {
    struct claim own = {.pid = (long)getpid(), .since = time(NULL)};
    own.started = process_start(own.pid);
    if (gethostname(own.host, sizeof own.host - 1) != 0)
        snprintf(own.host, sizeof own.host, "unknown");
    /* Containers share a boot; each counts its own processes. */
    char boot[48], namespace[64] = "";
    read_line("/proc/sys/kernel/random/boot_id", boot, sizeof boot);
    ssize_t length = readlink("/proc/self/ns/pid", namespace, sizeof namespace - 1);
    namespace[length > 0 ? length : 0] = '\0';
    snprintf(own.place, sizeof own.place, "%s %s", boot, namespace);
    return own;
}

static size_t claim_text(const struct claim *claim, char text[CLAIM_TEXT]) {
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "host", claim->host);
    cJSON_AddStringToObject(json, "place", claim->place);
    cJSON_AddNumberToObject(json, "pid", (double)claim->pid);
    cJSON_AddNumberToObject(json, "started", (double)claim->started);
    cJSON_AddNumberToObject(json, "since", (double)claim->since);
    bool printed = cJSON_PrintPreallocated(json, text, CLAIM_TEXT - 1, false);
    cJSON_Delete(json);
    return printed ? strlen(strcat(text, "\n")) : 0;
}

bool claim_read(const char *path, struct claim *claim, struct timespec *touched) {
    *claim = (struct claim){0};
    /* A network file system looks up the time anew when a file is opened. */
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return false;
    char text[CLAIM_TEXT];
    struct stat status;
    ssize_t length = read(descriptor, text, sizeof text - 1);
    if (touched != NULL && fstat(descriptor, &status) == 0)
        *touched = status.st_mtim;
    close(descriptor);
    text[length > 0 ? length : 0] = '\0';
    cJSON *json = cJSON_Parse(text);
    snprintf(claim->host, sizeof claim->host, "%s", json_string(json, "host", ""));
    snprintf(claim->place, sizeof claim->place, "%s", json_string(json, "place", ""));
    claim->pid = (long)json_number(json, "pid", 0);
    claim->started = (unsigned long long)json_number(json, "started", 0);
    claim->since = (time_t)json_number(json, "since", 0);
    cJSON_Delete(json);
    return claim->pid > 0;
}

bool claim_is_dead(const struct claim *claim, const struct claim *own) {
    return strcmp(claim->place, own->place) == 0 && process_start(claim->pid) != claim->started;
}

static bool is_same(const struct claim *a, const struct claim *b) {
    return a->pid == b->pid && a->started == b->started && strcmp(a->place, b->place) == 0;
}

/* *claim: whose it is, all zero when the file does not say. */
static bool is_stale(const char *path, const struct claim *own, struct claim_watch *watch,
                     double patience, struct claim *claim) {
    struct timespec touched = {0};
    bool is_whole = claim_read(path, claim, &touched);
    if (is_whole && strcmp(claim->place, own->place) == 0)
        return claim_is_dead(claim, own);
    double now = seconds_now();
    if (watch->since == 0 || touched.tv_sec != watch->touched.tv_sec ||
        touched.tv_nsec != watch->touched.tv_nsec)
        *watch = (struct claim_watch){touched, now};
    return now - watch->since > (is_whole ? patience : fmin(patience, EMPTY_PATIENCE));
}

/* Of several runs that find a claim stale, one gets to rename it. Whoever comes late and has
 * renamed what another one created since then puts it back. */
static bool remove_stale(const char *path, const struct claim *stale, const struct claim *own) {
    struct arena arena = {0};
    char *aside = arena_printf(&arena, "%s.tmp-%s-%ld", path, own->host, own->pid);
    bool removed = rename(path, aside) == 0;
    if (removed) {
        struct claim claim;
        claim_read(aside, &claim, NULL);
        removed = is_same(&claim, stale) || link(aside, path) != 0;
        unlink(aside);
    }
    arena_free(&arena);
    return removed;
}

/* CLAIM_HELD when the file exists. */
static enum claim_result create(const char *path, const struct claim *own, struct error *error) {
    char text[CLAIM_TEXT];
    size_t size = claim_text(own, text);
    int descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor < 0 && errno == EEXIST)
        return CLAIM_HELD;
    if (descriptor >= 0)
        errno = ENOSPC; /* what it means when not all of it is written */
    bool written = descriptor >= 0 && write(descriptor, text, size) == (ssize_t)size;
    int cause = errno;
    if (descriptor >= 0)
        close(descriptor);
    if (written)
        return CLAIM_TAKEN;
    if (descriptor >= 0)
        unlink(path);
    error_set(error, "%s: cannot write: %s", path, strerror(cause));
    return CLAIM_FAILED;
}

enum claim_result claim_take(const char *path, const struct claim *own, struct claim_watch *watch,
                             double patience, struct error *error) {
    struct claim now = *own, holder;
    now.since = time(NULL);
    enum claim_result result = create(path, &now, error);
    if (result != CLAIM_HELD || !is_stale(path, own, watch, patience, &holder) ||
        !remove_stale(path, &holder, own))
        return result;
    result = create(path, &now, error);
    return result == CLAIM_TAKEN ? CLAIM_TAKEN_OVER : result;
}

void claim_beat(const char *path) {
    utimensat(AT_FDCWD, path, NULL, 0);
}

void claim_clear(const char *path, const struct claim *own) {
    struct claim holder;
    if (claim_read(path, &holder, NULL) && claim_is_dead(&holder, own))
        unlink(path);
}

void claim_release(const char *path, const struct claim *own) {
    struct claim holder;
    if (claim_read(path, &holder, NULL) && is_same(&holder, own))
        unlink(path);
}
