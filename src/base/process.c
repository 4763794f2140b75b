#include "base/process.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/interrupt.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* Files that live in memory stand in for pipes: neither side can wait for the other, and no disk
 * can be full. */
static int text_file(const char *text) {
    int file = memfd_create("liquidbench", MFD_CLOEXEC);
    size_t size = strlen(text);
    if (file >= 0 && (write(file, text, size) != (ssize_t)size || lseek(file, 0, SEEK_SET) != 0)) {
        close(file);
        return -1;
    }
    return file;
}

/* The program's absolute path: of a name with a slash in it where it leads, otherwise where $PATH
 * has one. False when there is none. */
static bool look_up(const char *name, char path[PATH_MAX]) {
    if (strchr(name, '/') != NULL)
        return access(name, X_OK) == 0 && realpath(name, path) != NULL;
    struct arena arena = {0};
    const char *folders = getenv("PATH");
    bool found = false;
    char *list = arena_strdup(&arena, folders != NULL ? folders : "/usr/local/bin:/usr/bin:/bin");
    for (char *folder; !found && (folder = strsep(&list, ":")) != NULL;) {
        const char *candidate = path_join(&arena, folder[0] != '\0' ? folder : ".", name);
        struct stat status;
        found = stat(candidate, &status) == 0 && S_ISREG(status.st_mode) &&
                access(candidate, X_OK) == 0 && realpath(folder[0] != '\0' ? folder : ".", path);
        if (found) /* the program's own name is kept: some look at it */
            snprintf(path + strlen(path), PATH_MAX - strlen(path), "/%s", name);
    }
    arena_free(&arena);
    return found;
}

static int spawn(const char *path, const char *const argv[], int input, struct process *process) {
    const struct process_options *options = &process->options;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input, 0);
    if (process->printed >= 0)
        posix_spawn_file_actions_adddup2(&actions, process->printed, 1);
    else
        posix_spawn_file_actions_addopen(&actions, 1,
                                         options->output != NULL ? options->output : "/dev/null",
                                         O_WRONLY | O_CREAT | O_TRUNC, 0666);
    posix_spawn_file_actions_adddup2(&actions, process->words, 2);
    if (options->folder != NULL)
        posix_spawn_file_actions_addchdir_np(&actions, options->folder);
    int failure = posix_spawn(&process->pid, path, &actions, NULL, (char *const *)argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    return failure;
}

static void close_files(struct process *process) {
    if (process->words >= 0)
        close(process->words);
    if (process->printed >= 0)
        close(process->printed);
}

bool process_start(const char *const argv[], const struct process_options *options,
                   struct process *process, struct error *error) {
    char path[PATH_MAX];
    *process = (struct process){.words = -1, .printed = -1, .options = *options};
    process->deadline = options->seconds > 0 ? seconds_now() + options->seconds : INFINITY;
    if (!look_up(argv[0], path))
        return true;
    int input = text_file(options->input != NULL ? options->input : "");
    process->words = text_file("");
    process->printed = options->arena != NULL ? text_file("") : -1;
    bool ready =
        input >= 0 && process->words >= 0 && (process->printed >= 0 || options->arena == NULL);
    int failure = ready ? spawn(path, argv, input, process) : errno;
    if (input >= 0)
        close(input);
    if (failure == 0)
        return true;
    close_files(process);
    return error_set(error, "%s: cannot be started: %s", path, strerror(failure));
}

/* All that the file holds; "" when it cannot be read. */
static char *read_back(int file, struct arena *arena, size_t *size) {
    struct error error;
    char name[32];
    snprintf(name, sizeof name, "/dev/fd/%d", file);
    *size = 0;
    lseek(file, 0, SEEK_SET);
    char *text = file_read(name, arena, size, &error);
    return text != NULL ? text : arena_strdup(arena, "");
}

/* Lines that only point ("   ^") say nothing. */
static void read_words(const struct process *process, struct process_result *result) {
    struct arena arena = {0};
    size_t size;
    char *rest = read_back(process->words, &arena, &size), *line;
    bool has_error = false;
    while ((line = strsep(&rest, "\n")) != NULL) {
        const char *text = line + strspn(line, " \t\r^");
        bool is_warning = strcasestr(text, "warning") != NULL;
        if (text[0] == '\0' || (is_warning && has_error))
            continue;
        if (result->first[0] == '\0' || (!is_warning && !has_error))
            snprintf(result->first, PROCESS_WORDS, "%s", text);
        snprintf(result->last, PROCESS_WORDS, "%s", text);
        has_error = has_error || !is_warning;
    }
    arena_free(&arena);
}

/* The process's end, or that of our patience: by its own means first, then by force. */
static int await(struct process *process, bool *timed_out) {
    enum { FIRST_PAUSE = 500000, MAX_PAUSE = 100000000 }; /* nanoseconds */
    const double grace = 2;
    int status = 0;
    bool asked = false;
    for (long pause = FIRST_PAUSE; waitpid(process->pid, &status, WNOHANG) == 0;) {
        bool is_late = seconds_now() > process->deadline;
        if (asked && is_late) {
            kill(process->pid, SIGKILL);
        } else if (!asked && (is_late || interrupt_signal() != 0)) {
            *timed_out = is_late;
            kill(process->pid, SIGTERM);
            kill(process->pid, SIGCONT);
            process->deadline = seconds_now() + grace;
            asked = true;
        }
        nanosleep(&(struct timespec){.tv_nsec = pause}, NULL);
        pause = pause * 2 < MAX_PAUSE ? pause * 2 : MAX_PAUSE;
        if (pause == MAX_PAUSE && process->options.watch != NULL)
            process->options.watch(process->options.context);
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

bool process_finish(struct process *process, struct process_result *result, struct error *error) {
    *result = (struct process_result){.code = PROCESS_MISSING};
    if (process->pid == 0)
        return true;
    bool timed_out = false;
    result->code = await(process, &timed_out);
    read_words(process, result);
    if (process->printed >= 0)
        result->output = read_back(process->printed, process->options.arena, &result->size);
    close_files(process);
    if (timed_out)
        result->code = PROCESS_TIMED_OUT;
    return interrupt_check(error);
}

bool process_run(const char *const argv[], const struct process_options *options,
                 struct process_result *result, struct error *error) {
    struct process process;
    return process_start(argv, options, &process, error) && process_finish(&process, result, error);
}
