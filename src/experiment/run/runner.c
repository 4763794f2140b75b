#include "experiment/run/runner.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/text_stream.h"
#include "base/thread_pool.h"
#include "evaluate/metric.h"
#include "experiment/run/journal.h"
#include "experiment/run/progress.h"
#include "experiment/run/queue.h"
#include "experiment/run/timing.h"
#include "experiment/run/trial_process.h"
#include "experiment/trial/provenance.h"
#include "math/matmul.h"
#include "record/folder.h"
#include "train/passes.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

static const double PROGRESS_PERIOD = 0.1; /* seconds between two lines of progress */

struct worker {
    const struct trial_plan *trial; /* NULL: idle */
    pid_t process;
    int pipe;
    double deadline; /* INFINITY: none */
    bool timed_out;
    struct trial_message last;
    double begun; /* seconds_now() */
    struct claim_news news;
};

struct runner {
    const struct plan *plan;
    const struct run_options *options;
    const cJSON *provenance;
    struct run_result *result;
    struct queue queue;
    bool is_drained; /* the queue has come to its end */
    struct journal journal;
    struct worker *workers;
    int worker_count, busy;
    int worker_limit; /* at once, when the machine does not allow for all workers */
    int signals;      /* descriptor */
    sigset_t former_mask;
    struct eta_model *models; /* of the experiment */
    double shown;             /* seconds_now() when progress was last shown */
    bool broken;              /* `error` says why no more can be run */
    struct error *error;
};

/* --- one trial -------------------------------------------------------------------------------- */

static bool break_off(struct runner *run, const char *doing) {
    run->broken = true;
    return error_set(run->error, "cannot %s: %s", doing, strerror(errno));
}

/* While other trials run, it is enough to go on with so many at once. */
static bool cannot_start(struct runner *run, const char *doing) {
    if (run->busy == 0)
        return break_off(run, doing);
    log_warning("cannot %s: %s; going on with %d at once", doing, strerror(errno), run->busy);
    run->worker_limit = run->busy;
    return false;
}

/* False when it has not started: the trial is to be put back. */
static bool start_trial(struct runner *run, struct worker *worker, const struct trial_plan *trial) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return cannot_start(run, "make a pipe for a trial");
    fflush(NULL);
    pid_t parent = getpid(), process = fork();
    if (process == 0) {
        close(ends[0]);
        run_trial_process(run->plan, trial, run->provenance, run->options->folder,
                          &run->former_mask, ends[1], parent);
    }
    int cause = errno;
    close(ends[1]);
    if (process < 0) {
        close(ends[0]);
        errno = cause;
        return cannot_start(run, "start a process for a trial");
    }
    double limit = run->plan->experiment->limits.seconds;
    *worker = (struct worker){
        .trial = trial,
        .process = process,
        .pipe = ends[0],
        .deadline = limit > 0 ? seconds_now() + limit : INFINITY,
        .begun = seconds_now(),
        .news = {.trained = NAN, .cpu = NAN, .valid = NAN, .best = NAN},
    };
    if (trial->network != NULL)
        worker->news.epochs = trial->model->train.epochs;
    queue_tell(&run->queue, trial, &worker->news);
    run->busy++;
    log_detail("%s: started, process %ld", trial->name, (long)process);
    journal_trial_started(&run->journal, trial, (long)process);
    return true;
}

static bool is_stopping(const struct runner *run) {
    return run->broken || run->result->signal != 0;
}

static void kill_all(const struct runner *run, int signal_number) {
    for (int i = 0; i < run->worker_count; i++)
        if (run->workers[i].trial != NULL)
            kill(run->workers[i].process, signal_number);
}

/* --- what became of a trial ------------------------------------------------------------------- */

/* How a process ended that left no record. */
static enum trial_status judge(const struct runner *run, const struct worker *worker, int status,
                               char *why, size_t size) {
    const struct limit_options *limits = &run->plan->experiment->limits;
    bool killed = WIFSIGNALED(status);
    if (worker->timed_out) {
        snprintf(why, size, "took longer than limits.seconds = %g", limits->seconds);
        return TRIAL_TIMEOUT;
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_OUT_OF_MEMORY) {
        if (limits->memory > 0)
            snprintf(why, size, "needed more memory than limits.memory = %g MiB", limits->memory);
        else
            snprintf(why, size, "there was not enough memory");
        return TRIAL_OUT_OF_MEMORY;
    }
    if (killed && WTERMSIG(status) == SIGKILL) {
        snprintf(why, size, "was killed (SIGKILL), most likely for want of memory");
        return TRIAL_OUT_OF_MEMORY;
    }
    if (killed)
        snprintf(why, size, "crashed: %s (SIG%s)", strsignal(WTERMSIG(status)),
                 sigabbrev_np(WTERMSIG(status)));
    else
        snprintf(why, size, "ended with exit code %d and no result", WEXITSTATUS(status));
    return TRIAL_FAILED;
}

static bool write_failure(struct runner *run, const struct worker *worker, int status,
                          const struct rusage *usage) {
    char why[200];
    enum trial_status judgement = judge(run, worker, status, why, sizeof why);
    cJSON *record = record_new(run->plan, worker->trial, run->provenance);
    record_set_status(record, judgement, why);
    cJSON *cost = cJSON_GetObjectItemCaseSensitive(record, "cost");
    cJSON_ReplaceItemInObjectCaseSensitive(cost, "peak_rss_bytes",
                                           cJSON_CreateNumber((double)usage->ru_maxrss * 1024));
    struct arena arena = {0};
    bool saved =
        json_save(record, record_path(&arena, run->options->folder, worker->trial), run->error);
    arena_free(&arena);
    cJSON_Delete(record);
    return saved;
}

static void tell(const struct runner *run, const struct trial_plan *trial,
                 const struct record_summary *summary) {
    char details[sizeof summary->error + 32] = "";
    if (summary->status != TRIAL_OK)
        snprintf(details, sizeof details, ": %s", summary->error);
    else if (isnan(summary->score))
        snprintf(details, sizeof details, "  no finite %s  %.1f s", run->plan->experiment->metric,
                 summary->seconds);
    else
        snprintf(details, sizeof details, "  %s %.4g  %.1f s", run->plan->experiment->metric,
                 summary->score, summary->seconds);
    log_info("[%zu/%zu] %s %s%s", run->result->done, run->result->selected, trial->name,
             trial_status_name(summary->status), details);
}

static void finish(struct runner *run, const struct trial_plan *trial) {
    struct record_summary summary;
    if (!record_read(run->options->folder, run->plan, trial, &summary)) {
        run->broken = true;
        error_set(run->error, "%s/trials/%s.json: cannot be read back", run->options->folder,
                  trial->stem);
        return;
    }
    run->result->done++;
    run->result->failed += summary.status != TRIAL_OK;
    queue_note_end(&run->queue, trial, &summary);
    tell(run, trial, &summary);
    journal_trial_finished(&run->journal, trial, &summary);
}

/* The pipe is at its end: so is the process. */
static void reap(struct runner *run, struct worker *worker) {
    int status = 0;
    struct rusage usage = {0};
    while (wait4(worker->process, &status, 0, &usage) < 0 && errno == EINTR)
        continue;
    close(worker->pipe);
    run->busy--;
    const struct trial_plan *trial = worker->trial;
    /* One that was killed may have come as far as its record. */
    bool finished = queue_has_record(&run->queue, trial);
    if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_UNWRITABLE && !run->broken) {
        run->broken = true;
        error_set(run->error, "%s", worker->last.text);
    } else if (!finished && !is_stopping(run)) {
        finished = write_failure(run, worker, status, &usage);
        run->broken = !finished;
    }
    worker->trial = NULL;
    queue_release(&run->queue, trial);
    if (finished)
        finish(run, trial);
    if (run->broken)
        kill_all(run, SIGTERM);
}

/* --- starting --------------------------------------------------------------------------------- */

/* The trial for an idle worker, or NULL. Those that other runs have done meanwhile are told of. */
static const struct trial_plan *next_trial(struct runner *run) {
    const struct trial_plan *trial = NULL;
    enum queue_offer offer = QUEUE_DONE;
    while (!is_stopping(run) && offer == QUEUE_DONE) {
        offer = queue_next(&run->queue, &trial, run->error);
        if (offer == QUEUE_DONE)
            finish(run, trial);
    }
    run->is_drained = offer == QUEUE_END;
    run->broken = run->broken || offer == QUEUE_BROKEN;
    return offer == QUEUE_TRIAL ? trial : NULL;
}

static void start_trials(struct runner *run) {
    for (int i = 0; i < run->worker_count && run->busy < run->worker_limit; i++) {
        struct worker *worker = &run->workers[i];
        if (worker->trial != NULL)
            continue;
        const struct trial_plan *trial = next_trial(run);
        if (trial == NULL)
            return;
        if (!start_trial(run, worker, trial))
            queue_put_back(&run->queue, trial);
        else
            run->result->started++;
    }
}

/* --- waiting ---------------------------------------------------------------------------------- */

/* "  wave-lstm-s0  epoch 12/40  valid 0.0123, best 0.0119" */
static void put_worker(FILE *out, const struct worker *worker, int width) {
    const struct claim_news *news = &worker->news;
    fprintf(out, "\n  %-*s  ", width, worker->trial->name);
    if (news->epochs == 0)
        fputs("a baseline", out);
    else if (news->epoch == 0)
        fprintf(out, "epoch 0/%d", news->epochs);
    else
        fprintf(out, "epoch %d/%d  valid %.4g, best %.4g", news->epoch, news->epochs, news->valid,
                news->best);
}

static void show_progress(struct runner *run) {
    double now = seconds_now();
    if (!log_shows_progress() || now - run->shown < PROGRESS_PERIOD)
        return;
    run->shown = now;
    double left = queue_seconds_left(&run->queue, run->models, (size_t)run->worker_limit);
    char duration[32];
    format_duration(left, duration, sizeof duration);
    struct arena arena = {0};
    struct text_stream text;
    FILE *out = text_stream_open(&text);
    fprintf(out, "[%zu/%zu] %d running", run->result->done, run->result->selected, run->busy);
    if (isfinite(left))
        fprintf(out, ", ETA %s", duration);
    int width = 0;
    for (int i = 0; i < run->worker_count; i++)
        if (run->workers[i].trial != NULL && (int)strlen(run->workers[i].trial->name) > width)
            width = (int)strlen(run->workers[i].trial->name);
    for (int i = 0; i < run->worker_count; i++)
        if (run->workers[i].trial != NULL)
            put_worker(out, &run->workers[i], width);
    log_progress("%s", text_stream_close(&text, &arena));
    arena_free(&arena);
}

/* Whether the first of two validation scores is the better one. */
static bool is_better(const struct train_options *options, double a, double b) {
    const struct metric_type *metric =
        options->select != NULL ? metric_find(options->select) : NULL;
    return metric != NULL && metric->higher_is_better ? a > b : a < b;
}

static void take_news(struct runner *run, struct worker *worker) {
    struct claim_news *news = &worker->news;
    news->epoch = worker->last.epoch;
    news->trained = seconds_now() - worker->begun;
    news->cpu = worker->last.cpu;
    news->valid = worker->last.valid;
    if (isnan(news->best) || is_better(&worker->trial->model->train, news->valid, news->best))
        news->best = news->valid;
    queue_tell(&run->queue, worker->trial, news);
}

static void listen_to(struct runner *run, struct worker *worker) {
    ssize_t size = read(worker->pipe, &worker->last, sizeof worker->last);
    if (size < 0 && errno == EINTR)
        return;
    if (size <= 0)
        reap(run, worker);
    else if (worker->last.epoch > 0)
        take_news(run, worker);
}

/* The first signal ends the trials that run, the next one ends them by force. */
static void take_signal(struct runner *run) {
    struct signalfd_siginfo info;
    if (read(run->signals, &info, sizeof info) != (ssize_t)sizeof info)
        return;
    kill_all(run, run->result->signal == 0 ? SIGTERM : SIGKILL);
    run->result->signal = (int)info.ssi_signo;
}

static int poll_timeout(const struct runner *run) {
    double first = seconds_now() + QUEUE_PERIOD;
    for (int i = 0; i < run->worker_count; i++)
        if (run->workers[i].trial != NULL && !run->workers[i].timed_out)
            first = fmin(first, run->workers[i].deadline);
    double milliseconds = ceil((first - seconds_now()) * 1e3);
    return milliseconds < 0 ? 0 : (int)milliseconds;
}

static void enforce_deadlines(struct runner *run) {
    double now = seconds_now();
    for (int i = 0; i < run->worker_count; i++) {
        struct worker *worker = &run->workers[i];
        if (worker->trial == NULL || worker->timed_out || now < worker->deadline)
            continue;
        worker->timed_out = true;
        kill(worker->process, SIGKILL);
    }
}

/* Without news of the trials nothing can go on. */
static void give_up(struct runner *run) {
    break_off(run, "wait for the trials");
    kill_all(run, SIGKILL);
    for (int i = 0; i < run->worker_count; i++)
        if (run->workers[i].trial != NULL)
            reap(run, &run->workers[i]);
}

static void wait_for_news(struct runner *run, struct pollfd *polled) {
    for (int i = 0; i < run->worker_count; i++)
        polled[i] = (struct pollfd){
            .fd = run->workers[i].trial != NULL ? run->workers[i].pipe : -1,
            .events = POLLIN,
        };
    polled[run->worker_count] = (struct pollfd){.fd = run->signals, .events = POLLIN};
    int ready = poll(polled, (nfds_t)run->worker_count + 1, poll_timeout(run));
    if (ready < 0 && errno != EINTR) {
        give_up(run);
        return;
    }
    if (ready > 0) {
        if (polled[run->worker_count].revents != 0)
            take_signal(run);
        for (int i = 0; i < run->worker_count; i++)
            if (polled[i].revents != 0)
                listen_to(run, &run->workers[i]);
    }
    enforce_deadlines(run);
    show_progress(run);
    queue_attend(&run->queue);
}

/* --- the run ---------------------------------------------------------------------------------- */

/* Signals are taken from a descriptor, together with the trials' pipes. Those that the program was
 * started to ignore (in the background of a script) stay ignored. */
static bool open_signals(struct runner *run) {
    static const int wanted[] = {SIGINT, SIGTERM, SIGHUP};
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        struct sigaction action;
        if (sigaction(wanted[i], NULL, &action) == 0 && action.sa_handler != SIG_IGN)
            sigaddset(&set, wanted[i]);
    }
    sigprocmask(SIG_BLOCK, &set, &run->former_mask);
    run->signals = signalfd(-1, &set, SFD_CLOEXEC);
    return run->signals >= 0 || break_off(run, "listen to signals");
}

int run_jobs(const struct run_options *options, const struct trial_plan *const *trials,
             size_t count) {
    int threads = 1;
    for (size_t i = 0; i < count; i++) {
        const struct trial_plan *trial = trials[i];
        int own = trial->network != NULL
                      ? passes_threads(&trial->model->train, trial->model->train.batch)
                      : 1;
        threads = own > threads ? own : threads;
    }
    int jobs = options->jobs > 0 ? options->jobs : processor_count() / threads;
    return jobs > 0 ? jobs : 1;
}

/* How many workers `ulimit -n` allows for: each takes a descriptor. */
static int allow_files(int workers) {
    enum { OTHERS = 32 };
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return workers;
    rlim_t wanted = (rlim_t)workers + OTHERS, soft = limit.rlim_cur;
    if (soft < wanted && soft < limit.rlim_max) {
        limit.rlim_cur = wanted < limit.rlim_max ? wanted : limit.rlim_max;
        if (setrlimit(RLIMIT_NOFILE, &limit) == 0)
            soft = limit.rlim_cur;
    }
    if (soft >= wanted)
        return workers;
    int allowed = soft > OTHERS ? (int)(soft - OTHERS) : 1;
    if (allowed < workers)
        log_warning("`ulimit -n` allows for %d trials at once, not %d", allowed, workers);
    return allowed < workers ? allowed : workers;
}

static void begin(struct runner *run, struct arena *arena) {
    const struct queue *queue = &run->queue;
    int jobs = run_jobs(run->options, queue->order, queue->count);
    run->worker_count = (size_t)jobs < queue->open ? jobs : (int)queue->open;
    run->worker_count = allow_files(run->worker_count);
    run->worker_limit = run->worker_count;
    run->workers = ARENA_NEW(arena, struct worker, run->worker_count);
    run->is_drained = queue->open == 0;
    run->models = timing_of_models(queue, run->worker_count, arena);
    if (run->result->done > 0)
        log_info("%zu of %zu trials are done already (--fresh repeats them)", run->result->done,
                 run->result->selected);
    journal_run_started(&run->journal, run->plan, run->options, run->result, run->worker_count);
}

static bool is_at_work(const struct runner *run) {
    return run->busy > 0 || (!is_stopping(run) && !run->is_drained);
}

static void run_trials(struct runner *run, struct arena *arena) {
    matmul_prepare();
    struct pollfd *polled = ARENA_NEW(arena, struct pollfd, run->worker_count + 1);
    bool has_waited = false;
    while (is_at_work(run)) {
        start_trials(run);
        if (run->busy == 0 && is_at_work(run) && !has_waited) {
            log_info("waiting for %zu trials that other runs are at work on", run->queue.open);
            has_waited = true;
        }
        if (is_at_work(run))
            wait_for_news(run, polled);
    }
    log_progress("%s", "");
    run->result->missing = queue_missing(&run->queue);
    journal_run_ended(&run->journal, run->result, run->broken ? run->error->text : NULL);
}

bool run_plan(const struct plan *plan, const struct run_options *options, struct run_result *result,
              struct error *error) {
    *result = (struct run_result){0};
    struct runner run = {.plan = plan, .options = options, .result = result, .error = error};
    run.journal.descriptor = -1;
    struct arena arena = {0};
    cJSON *origin = provenance(plan->dataset);
    run.provenance = origin;
    if (plan->experiment->limits.memory > 0 && !memory_can_be_limited())
        log_warning("limits.memory has no effect under AddressSanitizer");
    bool ready = queue_open(&run.queue, plan, options, result, &arena, error) &&
                 folder_open(options->folder, plan, origin, error) &&
                 journal_open(&run.journal, options->log, error);
    if (ready && open_signals(&run)) {
        begin(&run, &arena);
        run_trials(&run, &arena);
        queue_close(&run.queue);
        close(run.signals);
        sigprocmask(SIG_SETMASK, &run.former_mask, NULL);
    }
    journal_close(&run.journal);
    cJSON_Delete(origin);
    arena_free(&arena);
    return ready && !run.broken;
}
