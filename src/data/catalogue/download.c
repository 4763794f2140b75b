#include "data/catalogue/download.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/process.h"

#include <math.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

/* A download under way. */
struct download {
    const char *url, *path;
    double begin, bytes;
};

static const double MEGABYTE = 1e6;

static double rate_of(const struct download *download) {
    return download->bytes / MEGABYTE / fmax(seconds_now() - download->begin, 1e-3);
}

static void measure(struct download *download) {
    struct stat status;
    download->bytes = stat(download->path, &status) == 0 ? (double)status.st_size : 0;
}

static void show_download(void *context) {
    struct download *download = context;
    measure(download);
    log_progress("%s: %.1f MB, %.2f MB/s", path_name(download->url), download->bytes / MEGABYTE,
                 rate_of(download));
}

static bool is_secure(const char *url) {
    return strncasecmp(url, "https://", strlen("https://")) == 0;
}

/* What curl says by its exit code. */
static bool explain(int code, const struct download *download, const char *words,
                    struct error *error) {
    const char *url = download->url;
    switch (code) {
    case 0:
        return true;
    case PROCESS_MISSING:
        return error_set(error, "the program curl, which downloads, is not installed (Debian: apt "
                                "install curl)");
    case 1: /* a scheme that --proto forbids, most likely after a redirection */
        return error_set(error,
                         "%s: leads to an address that is neither https nor as secure as "
                         "itself (%s)",
                         url, words);
    case 18:
        return error_set(error, "%s: the download broke off; try again", url);
    case 22:
        return error_set(error,
                         "%s: is not there any more (%s); if you find the file elsewhere, give its "
                         "folder with --mirror",
                         url, words);
    case 23:
        return error_set(error, "%s: cannot be written; is the disk full? (%s)", download->path,
                         words);
    case 28:
        return error_set(error, "%s: the download stalled or took too long (%s); try again", url,
                         words);
    default:
        return error_set(error,
                         "%s: cannot be reached (%s); without a network, give a folder that holds "
                         "the file with --mirror",
                         url, words);
    }
}

bool download(const char *url, const char *path, struct error *error) {
    struct download download = {.url = url, .path = path, .begin = seconds_now()};
    struct process_options options = {.watch = show_download, .context = &download};
    struct process_result result;
    const char *redirected = is_secure(url) ? "=https" : "=http,https";
    const char *const command[] = {"curl",
                                   "--fail",
                                   "--location",
                                   "--silent",
                                   "--show-error",
                                   "--globoff",
                                   "--proto",
                                   "=http,https",
                                   "--proto-redir",
                                   redirected,
                                   "--max-redirs",
                                   "10",
                                   "--connect-timeout",
                                   "30",
                                   "--max-time",
                                   "86400",
                                   "--speed-limit",
                                   "100",
                                   "--speed-time",
                                   "60",
                                   "--retry",
                                   "2",
                                   "--output",
                                   path,
                                   "--url",
                                   url,
                                   NULL};
    log_info("%s", url);
    bool ran = process_run(command, &options, &result, error);
    log_progress("%s", "");
    if (!ran || !explain(result.code, &download, result.first, error))
        return false;
    measure(&download);
    log_info("%s: %.1f MB, %.2f MB/s", path_name(path), download.bytes / MEGABYTE,
             rate_of(&download));
    return true;
}
