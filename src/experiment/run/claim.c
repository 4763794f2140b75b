#include "experiment/run/claim.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const double CLAIM_BEAT = 10;

/* Every claim is so long, padded with spaces, so that news replace the old in one write. */
enum { CLAIM_TEXT = 1024 };

/* When the process was started, in ticks after boot: 0 when it is gone (or just its remains, which
 * nobody has waited for), and UNKNOWN when it is there but /proc does not show it to us. */
static const unsigned long long UNKNOWN = ULLONG_MAX;

static unsigned long long start_of_process(long pid) {
    char path[64], text[1024] = "";
    snprintf(path, sizeof path, "/proc/%ld/stat", pid);
    FILE *file = fopen(path, "r");
    if (file != NULL) {
        text[fread(text, 1, sizeof text - 1, file)] = '\0';
        fclose(file);
    }
    /* "pid (name) state ... ": the name may hold anything, even brackets. */
    const char *rest = strrchr(text, ')');
    char state;
    unsigned long long started;
    if (rest != NULL && sscanf(rest + 1,
                               " %c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s "
                               "%*s %*s %*s %llu",
                               &state, &started) == 2)
        return state == 'Z' || state == 'X' ? 0 : started;
    return kill((pid_t)pid, 0) != 0 && errno == ESRCH ? 0 : UNKNOWN;
}

/* "" when there is none. */
static void read_line(const char *path, char *line, size_t size) {
    FILE *file = fopen(path, "r");
    if (file == NULL || fgets(line, (int)size, file) == NULL)
        line[0] = '\0';
    if (file != NULL)
        fclose(file);
    line[strcspn(line, "\n")] = '\0';
}

struct trial_claim claim_of_this_process(void) {
    struct trial_claim own = {.pid = (long)getpid(), .since = time(NULL)};
    own.started = start_of_process(own.pid);
    if (gethostname(own.host, sizeof own.host - 1) != 0)
        snprintf(own.host, sizeof own.host, "unknown");
    /* Containers share a boot; each counts its own processes. */
    char boot[48], namespace[64] = "";
    read_line("/proc/sys/kernel/random/boot_id", boot, sizeof boot);
    ssize_t length = readlink("/proc/self/ns/pid", namespace, sizeof namespace - 1);
    namespace[length > 0 ? length : 0] = '\0';
    if (boot[0] != '\0' && namespace[0] != '\0')
        snprintf(own.place, sizeof own.place, "%s %s", boot, namespace);
    return own;
}

/* NULL for the news: none yet. */
static bool claim_text(const struct trial_claim *claim, const struct claim_news *news,
                       char text[CLAIM_TEXT + 1]) {
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "host", claim->host);
    cJSON_AddStringToObject(json, "place", claim->place);
    cJSON_AddNumberToObject(json, "pid", (double)claim->pid);
    cJSON_AddNumberToObject(json, "started", (double)claim->started);
    cJSON_AddNumberToObject(json, "since", (double)claim->since);
    if (news != NULL) {
        cJSON_AddNumberToObject(json, "epoch", news->epoch);
        cJSON_AddNumberToObject(json, "epochs", news->epochs);
        cJSON_AddNumberToObject(json, "train_seconds", news->trained);
        cJSON_AddNumberToObject(json, "train_cpu_seconds", news->cpu);
        cJSON_AddNumberToObject(json, "seconds", news->seconds);
        cJSON_AddNumberToObject(json, "valid", news->valid);
        cJSON_AddNumberToObject(json, "best_valid", news->best);
    }
    char line[CLAIM_TEXT];
    bool printed = cJSON_PrintPreallocated(json, line, CLAIM_TEXT, false);
    cJSON_Delete(json);
    if (printed)
        snprintf(text, CLAIM_TEXT + 1, "%-*s\n", CLAIM_TEXT - 1, line);
    return printed;
}

/* A whole number from 0 to `most`; -1 when the object has none. */
static double whole_number(const cJSON *json, const char *key, double max) {
    double number = json_number(json, key, -1);
    return number >= 0 && number <= max && number == floor(number) ? number : -1;
}

static bool parse(const char *text, struct trial_claim *claim, struct claim_news *news) {
    const double exact = 9007199254740992; /* 2^53: beyond, a double is no whole number */
    cJSON *json = cJSON_Parse(text);
    double pid = whole_number(json, "pid", INT_MAX);
    double started = whole_number(json, "started", exact);
    double since = whole_number(json, "since", exact);
    bool is_whole = pid > 0 && started >= 0;
    if (news != NULL)
        *news = (struct claim_news){
            .epoch = (int)fmax(whole_number(json, "epoch", INT_MAX), 0),
            .epochs = (int)fmax(whole_number(json, "epochs", INT_MAX), 0),
            .trained = json_number(json, "train_seconds", NAN),
            .cpu = json_number(json, "train_cpu_seconds", NAN),
            .seconds = json_number(json, "seconds", NAN),
            .valid = json_number(json, "valid", NAN),
            .best = json_number(json, "best_valid", NAN),
        };
    if (is_whole) {
        snprintf(claim->host, sizeof claim->host, "%s", json_string(json, "host", ""));
        snprintf(claim->place, sizeof claim->place, "%s", json_string(json, "place", ""));
        claim->pid = (long)pid;
        claim->started = (unsigned long long)started;
        claim->since = since > 0 ? (time_t)since : 0;
    }
    cJSON_Delete(json);
    return is_whole;
}

/* The text of a claim, "" when there is none; *status: its file's. Returns the file's descriptor, or -1. */
static int open_claim(const char *path, int mode, char text[CLAIM_TEXT + 1], struct stat *status) {
    *status = (struct stat){0};
    /* A network file system looks up the time again when a file is opened. */
    int descriptor = open(path, mode | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
    ssize_t length = 0;
    if (descriptor < 0)
        lstat(path, status);
    else if (fstat(descriptor, status) == 0 && S_ISREG(status->st_mode))
        length = read(descriptor, text, CLAIM_TEXT);
    text[length > 0 ? length : 0] = '\0';
    return descriptor;
}

bool claim_read(const char *path, struct trial_claim *claim, struct claim_news *news,
                struct stat *status) {
    struct stat unused;
    char text[CLAIM_TEXT + 1];
    *claim = (struct trial_claim){0};
    int descriptor = open_claim(path, O_RDONLY, text, status != NULL ? status : &unused);
    if (descriptor >= 0)
        close(descriptor);
    return parse(text, claim, news);
}

enum claim_holder claim_holder(const struct trial_claim *claim, const struct trial_claim *own) {
    if (own->place[0] == '\0' || strcmp(claim->place, own->place) != 0 || claim->pid <= 0)
        return HOLDER_UNKNOWN;
    unsigned long long started = start_of_process(claim->pid);
    if (started == UNKNOWN || (started != 0 && claim->started == 0))
        return HOLDER_UNKNOWN;
    return started == claim->started ? HOLDER_ALIVE : HOLDER_GONE;
}

static bool is_same(const struct trial_claim *a, const struct trial_claim *b) {
    return a->pid == b->pid && a->started == b->started && strcmp(a->place, b->place) == 0;
}

/* Whether it is the same file, and nobody has touched it since. */
static bool is_untouched(const struct stat *before, const struct stat *now) {
    return before->st_ino == now->st_ino && before->st_mtim.tv_sec == now->st_mtim.tv_sec &&
           before->st_mtim.tv_nsec == now->st_mtim.tv_nsec;
}

/* The rules of docs/clusters.md. */
static bool is_stale(const char *path, const struct trial_claim *own, struct claim_watch *watch,
                     double patience) {
    struct trial_claim claim;
    struct stat seen;
    claim_read(path, &claim, NULL, &seen);
    double now = seconds_now();
    if (watch->since == 0 || !is_untouched(&watch->seen, &seen))
        *watch = (struct claim_watch){seen, now};
    enum claim_holder holder = claim_holder(&claim, own);
    return holder == HOLDER_GONE || (holder == HOLDER_UNKNOWN && now - watch->since > patience);
}

/* Of several runs that find a claim stale, one gets to rename it. A late run may rename a fresh
 * claim instead, and then puts it back. */
static bool remove_stale(const char *path, const struct claim_watch *watch) {
    struct arena arena = {0};
    const char *aside = file_temporary_name(path, &arena);
    bool removed = aside != NULL && rename(path, aside) == 0;
    if (removed) {
        struct stat now;
        removed =
            (lstat(aside, &now) == 0 && is_untouched(&watch->seen, &now)) || link(aside, path) != 0;
        file_remove_tree(aside);
    }
    arena_free(&arena);
    return removed;
}

/* By a file that gets its name when it is whole, so that a run killed meanwhile leaves nothing: nobody could tell
 * whose an empty claim is. CLAIM_FAILED also where the file system knows no such files. */
static enum claim_result create_whole(const char *path, const char *text, size_t size) {
    struct arena arena = {0};
    char self[64];
    int descriptor = open(path_directory(&arena, path), O_WRONLY | O_TMPFILE | O_CLOEXEC, 0666);
    snprintf(self, sizeof self, "/proc/self/fd/%d", descriptor);
    bool written = descriptor >= 0 && write(descriptor, text, size) == (ssize_t)size;
    bool linked = written && linkat(AT_FDCWD, self, AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0;
    bool held = written && !linked && errno == EEXIST;
    if (descriptor >= 0)
        close(descriptor);
    arena_free(&arena);
    return linked ? CLAIM_TAKEN : held ? CLAIM_HELD : CLAIM_FAILED;
}

/* CLAIM_HELD when the file exists. */
static enum claim_result create(const char *path, const struct trial_claim *own,
                                struct error *error) {
    char text[CLAIM_TEXT + 1];
    size_t size = claim_text(own, NULL, text) ? CLAIM_TEXT : 0;
    enum claim_result result = create_whole(path, text, size);
    if (result != CLAIM_FAILED)
        return result;
    int descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor < 0 && errno == EEXIST)
        return CLAIM_HELD;
    ssize_t count = descriptor >= 0 ? write(descriptor, text, size) : -1;
    bool written = count == (ssize_t)size;
    int cause = count < 0 ? errno : ENOSPC; /* what it means when not all of it is written */
    if (descriptor >= 0 && close(descriptor) != 0 && written) {
        written = false;
        cause = errno;
    }
    if (written)
        return CLAIM_TAKEN;
    if (descriptor >= 0)
        unlink(path);
    error_set(error, "%s: cannot write: %s", path, strerror(cause));
    return CLAIM_FAILED;
}

enum claim_result claim_take(const char *path, const struct trial_claim *own,
                             struct claim_watch *watch, double patience, struct error *error) {
    struct trial_claim now = *own;
    now.since = time(NULL);
    enum claim_result result = create(path, &now, error);
    if (result != CLAIM_HELD || !is_stale(path, own, watch, patience) || !remove_stale(path, watch))
        return result;
    result = create(path, &now, error);
    return result == CLAIM_TAKEN ? CLAIM_TAKEN_OVER : result;
}

/* By the descriptor, not by the path: a run that was cut off may find its claim replaced at any moment. */
void claim_beat(const char *path, const struct trial_claim *own, const struct claim_news *news) {
    struct stat status;
    struct trial_claim holder;
    char text[CLAIM_TEXT + 1];
    int descriptor = open_claim(path, O_RDWR, text, &status);
    if (descriptor < 0)
        return;
    if (parse(text, &holder, NULL) && is_same(&holder, own)) {
        bool written = claim_text(&holder, news, text) &&
                       pwrite(descriptor, text, CLAIM_TEXT, 0) == CLAIM_TEXT;
        if (!written) /* a full disk leaves at least the time */
            futimens(descriptor, NULL);
    }
    close(descriptor);
}

void claim_clear(const char *path, const struct trial_claim *own) {
    struct claim_watch watch = {0};
    if (is_stale(path, own, &watch, INFINITY))
        remove_stale(path, &watch);
}

void claim_release(const char *path, const struct trial_claim *own) {
    struct trial_claim holder;
    if (claim_read(path, &holder, NULL, NULL) && is_same(&holder, own))
        unlink(path);
}
