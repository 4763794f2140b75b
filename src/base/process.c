#include "base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* Reads to the end, and keeps the first line. */
static void read_words(int from, char words[PROCESS_WORDS]) {
    char buffer[1024];
    size_t kept = 0;
    ssize_t count;
    while ((count = read(from, buffer, sizeof buffer)) > 0 || (count < 0 && errno == EINTR))
        for (ssize_t i = 0; i < count && kept < PROCESS_WORDS - 1; i++)
            words[kept++] = buffer[i];
    words[kept] = '\0';
    words[strcspn(words, "\n")] = '\0';
}

static int exit_code(pid_t process) {
    int status;
    while (waitpid(process, &status, 0) < 0)
        if (errno != EINTR)
            return 127;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

bool process_run(const char *const argv[], const char *output, struct process_result *result,
                 struct error *error) {
    int ends[2];
    pid_t process;
    posix_spawn_file_actions_t actions;
    *result = (struct process_result){0};
    if (pipe2(ends, O_CLOEXEC) != 0)
        return error_set(error, "%s: cannot be started: %s", argv[0], strerror(errno));
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, output != NULL ? output : "/dev/null",
                                     O_WRONLY | O_CREAT | O_TRUNC, 0666);
    posix_spawn_file_actions_adddup2(&actions, ends[1], 2);
    int failure = posix_spawnp(&process, argv[0], &actions, NULL, (char *const *)argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    if (failure == 0) {
        read_words(ends[0], result->words);
        result->code = exit_code(process);
    }
    close(ends[0]);
    if (failure == ENOENT)
        result->code = 127;
    return failure == 0 || failure == ENOENT ||
           error_set(error, "%s: cannot be started: %s", argv[0], strerror(failure));
}
