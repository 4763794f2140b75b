#include "base/file.h"
#include "base/interrupt.h"
#include "base/log.h"
#include "cli/command.h"
#include "cli/data_actions.h"
#include "data/catalogue/fetch.h"

#include <stdio.h>
#include <stdlib.h>

/* Nobody has pinned what these files are: their checksums, for the user to compare. */
static bool print_checksums(const struct fetched *fetched, const char *name, struct arena *arena,
                            struct error *error) {
    const char *path = path_join(arena, fetched->folder, "SHA256SUMS");
    const char *text = file_read(path, arena, NULL, error);
    if (text == NULL)
        return false;
    fputs(text, stdout);
    log_warning("%s: no checksums are known for it, so nothing says that these files are the right "
                "ones; to pin them: cp %s datasets/cards/%s.sha256",
                name, path, name);
    return true;
}

static bool fetch_one(const char *name, const char *mirror, struct error *error) {
    struct arena arena = {0};
    struct fetched fetched;
    bool good = fetch(name, mirror, &arena, &fetched, error);
    if (good)
        log_info("%s: %zu file%s %s %s%s", name, fetched.files, fetched.files == 1 ? "" : "s",
                 fetched.was_there ? "already in" : "into", fetched.folder,
                 fetched.is_verified ? ", checksums right" : "");
    if (good && !fetched.is_verified)
        good = print_checksums(&fetched, name, &arena, error);
    arena_free(&arena);
    return good;
}

/* All of them, whatever becomes of one; then how many could not be had. */
static int fetch_all(char **names, int count, const char *mirror) {
    struct error error;
    int failed = 0, i;
    interrupt_watch();
    for (i = 0; i < count && interrupt_signal() == 0; i++)
        if (!fetch_one(names[i], mirror, &error)) {
            fail(&error);
            failed++;
        }
    if (count > 1 && (failed > 0 || i < count))
        log_info("%d of %d data sets are there, %d failed, %d not tried", i - failed, count, failed,
                 count - i);
    return failed == 0 ? EXIT_SUCCESS : EXIT_BAD_INPUT;
}

int data_fetch(int argc, char **argv) {
    enum { MIRROR = 256 };
    static const struct option options[] = {
        {"mirror", required_argument, NULL, MIRROR}, {"help", no_argument, NULL, OPTION_HELP}, {0}};
    const char *mirror = NULL;
    int option;
    while ((option = option_next(&command_data, argc, argv, ":h", options)) != OPTIONS_END) {
        if (option != MIRROR)
            return option_exit(option);
        mirror = optarg;
    }
    if (optind == argc)
        return usage_error(&command_data, "fetch takes the NAME of a data set");
    return fetch_all(argv + optind, argc - optind, mirror);
}
