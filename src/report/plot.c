#include "report/plot.h"

#include "base/file.h"
#include "base/log.h"
#include "base/printable.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct plot_type *const dataset_plots[] = {
    &plot_pareto, &plot_learning_curves, &plot_prediction, &plot_noise,
    &plot_ood,    &plot_distance,        &plot_rollout,    &plot_search,
};
static const struct plot_type *const across_plots[] = {&plot_critical_difference};

enum {
    DATASET_PLOTS = sizeof dataset_plots / sizeof dataset_plots[0],
    ACROSS_PLOTS = sizeof across_plots / sizeof across_plots[0]
};

/* Names come from configs and files; noenhanced and single quotes leave nothing in them to be
 * interpreted. */
static const char style[] = "set encoding utf8\n"
                            "set datafile missing 'NaN'\n"
                            "set border 3 linecolor rgb '#9a9a9a'\n"
                            "set tics nomirror out scale 0.5 textcolor rgb '#444444'\n"
                            "set grid ytics linetype 1 linecolor rgb '#e8e8e8' linewidth 1\n"
                            "set xtics offset 0,0.4\n"
                            "set xlabel offset 0,0.6 textcolor rgb '#333333'\n"
                            "set ylabel textcolor rgb '#333333'\n"
                            "set title textcolor rgb '#222222'\n"
                            "set key outside bottom center horizontal Left reverse noenhanced "
                            "samplen 1.6 spacing 1.2 textcolor rgb '#222222'\n"
                            "set format y '%g'\n"
                            "set style fill noborder\n"
                            "set tics font ',13'\n"
                            "set pointsize 0.6\n"
                            "set errorbars 0.6 linewidth 1\n";

/* ---- Parts of scripts ---- */

enum { MOST_KEY_BYTES = 40, KEY_CHARACTER = 9, KEY_SAMPLE = 70, KEY_ROW = 27 }; /* pixels */
enum { MOST_SHOWN = 10, MOST_BASELINES_SHOWN = 3 };

struct shown models_shown(const struct dataset_results *dataset) {
    struct shown shown = {0};
    shown.count = select_models(dataset, MOST_SHOWN, MOST_BASELINES_SHOWN, shown.models);
    return shown;
}

const char *shown_note(const struct shown *shown, const struct dataset_results *dataset,
                       struct arena *arena) {
    size_t not_finite = 0;
    for (size_t m = 0; m < shown->count; m++)
        for (size_t c = 0; c < dataset->condition_count; c++)
            not_finite += scores_at(dataset, shown->models[m], c, 0)->summary.not_finite;
    const char *best = shown->count == dataset->model_count
                           ? ""
                           : arena_printf(arena, ", the best %zu of %zu models", shown->count,
                                          dataset->model_count);
    return arena_printf(arena, "%s%s", best,
                        not_finite > 0 ? "; scores that are not finite are not drawn" : "");
}

int key_height(const struct shown *shown, int width) {
    size_t longest = 1;
    for (size_t m = 0; m < shown->count; m++) {
        size_t length = strlen(shown->models[m]->name);
        longest = length > longest ? length : longest;
    }
    longest = longest > MOST_KEY_BYTES ? MOST_KEY_BYTES : longest;
    int columns = (width - 100) / (KEY_CHARACTER * (int)longest + KEY_SAMPLE);
    columns = columns < 1 ? 1 : columns;
    return KEY_ROW * (((int)shown->count + columns - 1) / columns) + 8;
}

/* In single quotes nothing is special but the quote itself, which is written twice, as all of
 * `doubled` is. */
static void put_doubling(FILE *script, const char *text, const char *doubled) {
    struct arena arena = {0};
    fputc('\'', script);
    for (text = printable(&arena, text); *text != '\0'; text++) {
        if (strchr(doubled, *text) != NULL)
            fputc(*text, script);
        fputc(*text, script);
    }
    fputc('\'', script);
    arena_free(&arena);
}

void put_quoted(FILE *script, const char *text) {
    put_doubling(script, text, "'");
}

void put_tic_label(FILE *script, const char *text) {
    put_doubling(script, text, "'%");
}

/* A path goes out byte for byte: it names a file. */
static void put_path(FILE *script, const char *path) {
    fputc('\'', script);
    for (; *path != '\0'; path++) {
        if (*path == '\'')
            fputc('\'', script);
        fputc(*path, script);
    }
    fputc('\'', script);
}

void put_style(FILE *script, const char *with, const struct model_results *model) {
    static const int points[] = {7, 5, 9, 13, 11}; /* filled: circle, square, triangles, rhombus */
    size_t shapes = sizeof points / sizeof points[0];
    fprintf(script, " with %s linecolor rgb '%s' linewidth 2 dashtype %s pointtype %d", with,
            model->colour, model->baseline ? "(5,4)" : "1", points[model->position % shapes]);
}

void put_title(FILE *script, const struct model_results *model) {
    char name[MOST_KEY_BYTES + 4];
    size_t bytes = strlen(model->name);
    if (bytes > MOST_KEY_BYTES)
        for (bytes = MOST_KEY_BYTES;
             bytes > 0 && ((unsigned char)model->name[bytes] & 0xC0) == 0x80;)
            bytes--;
    snprintf(name, sizeof name, "%.*s%s", (int)bytes, model->name,
             model->name[bytes] == '\0' ? "" : "…");
    fputs(" title ", script);
    put_quoted(script, name);
}

bool wants_logarithm(double least, double most) {
    return least > 0 && most / least > 8;
}

const char *score_label(const struct metric_info *metric, struct arena *arena) {
    return arena_printf(arena, "test %s (%s is better)", metric->title,
                        metric->higher_is_better ? "higher" : "lower");
}

void put_score_label(FILE *script, const struct metric_info *metric) {
    struct arena arena = {0};
    fputs("set ylabel ", script);
    put_quoted(script, score_label(metric, &arena));
    fputc('\n', script);
    arena_free(&arena);
}

void range_include(struct range *range, double value) {
    if (isfinite(value)) {
        range->least = fmin(range->least, value);
        range->most = fmax(range->most, value);
    }
}

/* ---- Small multiples ---- */

/* Pixels around the panels and between them. */
enum { LEFT = 92, RIGHT = 16, TOP = 34, BETWEEN_COLUMNS = 24, BETWEEN_ROWS = 66, X_LABEL = 34 };
enum { TICK_LABELS = 22 };

static size_t panel_rows(const struct panels *panels) {
    return (panels->count + panels->columns - 1) / panels->columns;
}

/* Labels at 1, 2 and 5 of each decade, of which less than two may be in sight. */
static void put_fine_tics(FILE *script, double least, double most) {
    static const double digits[] = {1, 2, 5};
    const char *between = "set ytics (";
    for (int decade = (int)floor(log10(least)); decade <= (int)ceil(log10(most)); decade++)
        for (int i = 0; i < 3; i++) {
            fprintf(script, "%s%.9g", between, digits[i] * pow(10, decade));
            between = ", ";
        }
    fputs(")\n", script);
}

static void put_y_range(FILE *script, const struct panels *panels) {
    double least = panels->range.least, most = panels->range.most;
    if (panels->logarithmic) {
        double room = fmin(10, exp(0.05 * (log(most) - log(least))));
        fprintf(script, "set logscale y\nset yrange [%.9g:%.9g]\n", least / room, most * room);
        if (most / least < 100)
            put_fine_tics(script, least, most);
    } else {
        double room = most > least ? 0.05 * (most - least) : fabs(most) * 0.05 + 1e-300;
        fprintf(script, "set yrange [%.9g:%.9g]\n", least - room, most + room);
    }
}

void panels_begin(struct panels *panels, struct drawing *drawing) {
    FILE *script = drawing->script;
    size_t rows = panel_rows(panels);
    drawing->width = WIDE_PLOT;
    int key = key_height(panels->shown, drawing->width);
    int below = key + (panels->x_label == NULL ? X_LABEL / 2 : X_LABEL) + TICK_LABELS;
    drawing->height =
        TOP + (int)rows * panels->panel_height + ((int)rows - 1) * BETWEEN_ROWS + below;
    double width = drawing->width, height = drawing->height;
    panels->logarithmic = wants_logarithm(panels->range.least, panels->range.most);
    fprintf(script,
            "set multiplot layout %zu,%zu margins screen %.5f,%.5f,%.5f,%.5f spacing screen "
            "%.5f,%.5f\nunset key\nset title font ',14' offset 0,-0.7\n",
            rows, panels->columns, LEFT / width, 1 - RIGHT / width, below / height,
            1 - TOP / height, BETWEEN_COLUMNS / width, BETWEEN_ROWS / height);
    put_y_range(script, panels);
    double middle = (below + height - TOP) / 2 / height;
    fputs("set label 1 ", script);
    put_quoted(script, panels->y_label);
    fprintf(script, " at screen %.5f,%.5f center rotate by 90 textcolor rgb '#333333'\n",
            16 / width, middle);
    if (panels->x_label == NULL)
        return;
    fputs("set label 2 ", script);
    put_quoted(script, panels->x_label);
    fprintf(script, " at screen %.5f,%.5f center textcolor rgb '#333333'\n",
            (LEFT + width - RIGHT) / 2 / width, (key + X_LABEL / 2.0) / height);
}

void panels_next(const struct panels *panels, struct drawing *drawing, size_t panel,
                 const char *title) {
    FILE *script = drawing->script;
    if (panel == 1)
        fputs("unset label 1\nunset label 2\n", script);
    fprintf(script, "set format y '%s'\nset title ", panel % panels->columns == 0 ? "%g" : "");
    put_quoted(script, title);
    fputc('\n', script);
}

/* An empty plot across the whole width that holds nothing but the key. */
void panels_end(const struct panels *panels, struct drawing *drawing) {
    FILE *script = drawing->script;
    double height = key_height(panels->shown, drawing->width);
    fprintf(script,
            "unset label\nset margins 0,0,0,0\nset lmargin at screen 0.02\nset rmargin at screen "
            "0.98\nset bmargin at screen 0\nset tmargin at screen %.5f\nunset border\nunset tics\n"
            "unset grid\nunset title\nunset xlabel\nunset ylabel\nunset logscale\n"
            "set xrange [0:1]\nset yrange [0:1]\nset key inside top center horizontal\nplot ",
            height / drawing->height);
    for (size_t m = 0; m < panels->shown->count; m++) {
        fputs("NaN", script);
        put_style(script, "linespoints", panels->shown->models[m]);
        put_title(script, panels->shown->models[m]);
        fputs(", ", script);
    }
    fputs("NaN notitle\nunset multiplot\n", script);
}

/* ---- Running gnuplot ---- */

/* The last line that says something: before it gnuplot repeats the whole command. */
static const char *last_words(FILE *complaints, char *words, size_t size) {
    char line[512];
    snprintf(words, size, "it was killed or could not start");
    rewind(complaints);
    while (fgets(line, sizeof line, complaints) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        const char *text = line + strspn(line, " \t^");
        if (text[0] != '\0')
            snprintf(words, size, "%s", text);
    }
    return words;
}

/* One gnuplot at work. Its script and its words are files, not pipes, so that neither side can wait
 * for the other. */
struct worker {
    pid_t process;
    FILE *script, *complaints;
};

/* Starts gnuplot in the directory with the script that start_script() opened. */
static bool worker_start(struct worker *worker, const char *directory, struct error *error) {
    if (fflush(worker->script) != 0 || lseek(fileno(worker->script), 0, SEEK_SET) != 0)
        return error_set(error, "cannot write a temporary file: %s", strerror(errno));
    worker->process = fork();
    if (worker->process < 0)
        return error_set(error, "gnuplot: cannot be started: %s", strerror(errno));
    if (worker->process > 0)
        return true;
    if (dup2(fileno(worker->script), STDIN_FILENO) < 0 ||
        dup2(fileno(worker->complaints), STDOUT_FILENO) < 0 ||
        dup2(fileno(worker->complaints), STDERR_FILENO) < 0 || chdir(directory) != 0)
        _exit(126);
    /* The reader's own settings must not change a report. */
    execlp("gnuplot", "gnuplot", "--default-settings", "-", (char *)NULL);
    _exit(127);
}

static bool worker_open(struct worker *worker, struct error *error) {
    *worker = (struct worker){.process = -1, .script = tmpfile(), .complaints = tmpfile()};
    return (worker->script != NULL && worker->complaints != NULL) ||
           error_set(error, "cannot make a temporary file: %s", strerror(errno));
}

static bool worker_finish(struct worker *worker, struct error *error) {
    int status = 0;
    char words[512];
    while (waitpid(worker->process, &status, 0) < 0)
        if (errno != EINTR)
            return error_set(error, "gnuplot: %s", strerror(errno));
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return true;
    return error_set(error, "gnuplot failed: %s",
                     last_words(worker->complaints, words, sizeof words));
}

static void worker_close(struct worker *worker) {
    if (worker->script != NULL)
        fclose(worker->script);
    if (worker->complaints != NULL)
        fclose(worker->complaints);
}

static bool gnuplot_runs(void) {
    struct worker worker;
    struct error error = {0};
    bool runs = worker_open(&worker, &error) && worker_start(&worker, ".", &error) &&
                worker_finish(&worker, &error);
    worker_close(&worker);
    return runs;
}

/* ---- Pictures ---- */

/* One picture to draw. */
struct job {
    struct section *section;
    const struct plot_type *type;
    struct drawing drawing;
    char *body; /* of the script; free() it */
    const char *file;
    bool drawn;
};

enum plot_format { PLOT_SVG, PLOT_PNG };

struct jobs {
    struct job *items;
    size_t count;
    const char *directory;
    struct arena *arena;
};

static const char *picture_path(const struct jobs *jobs, const struct job *job,
                                enum plot_format format) {
    return path_join(
        jobs->arena, jobs->directory,
        arena_printf(jobs->arena, "%s.%s", job->file, format == PLOT_SVG ? "svg" : "png"));
}

static void remove_pictures(const struct jobs *jobs, const struct job *job) {
    unlink(picture_path(jobs, job, PLOT_SVG));
    unlink(picture_path(jobs, job, PLOT_PNG));
}

static void put_terminal(FILE *script, enum plot_format format, int width, int height) {
    if (format == PLOT_SVG)
        fprintf(script,
                "set terminal svg noenhanced size %d,%d font 'sans-serif,15' linewidth 1 "
                "background '#ffffff'\n",
                width, height);
    else
        fprintf(script,
                "set terminal pngcairo noenhanced size %d,%d font 'sans-serif,11' fontscale 2 "
                "linewidth 2 pointscale 2 background '#ffffff'\n",
                2 * width, 2 * height);
}

static void put_job(FILE *script, const struct job *job) {
    for (enum plot_format format = PLOT_SVG; format <= PLOT_PNG; format++) {
        put_terminal(script, format, job->drawing.width, job->drawing.height);
        /* The file name is made of letters, digits and "-_./": it needs no quoting. */
        fprintf(script, "set output '%s.%s'\n%s%s\nunset output\nreset\n", job->file,
                format == PLOT_SVG ? "svg" : "png", style, job->body);
    }
}

bool plot_write(const char *path, int width, int height, const char *commands,
                struct error *error) {
    const char *ending = strrchr(path, '.');
    bool is_png = ending != NULL && strcmp(ending, ".png") == 0;
    FILE *file = fopen(path, "w"); /* gnuplot would say nothing about a file it cannot write */
    if (file == NULL)
        return error_set(error, "%s: %s", path, strerror(errno));
    fclose(file);
    struct worker worker;
    bool drawn = worker_open(&worker, error);
    if (drawn) {
        put_terminal(worker.script, is_png ? PLOT_PNG : PLOT_SVG, width, height);
        fputs("set output ", worker.script);
        put_path(worker.script, path);
        fprintf(worker.script, "\n%s%s\nunset output\n", style, commands);
    }
    drawn = drawn && worker_start(&worker, ".", error) && worker_finish(&worker, error);
    worker_close(&worker);
    return drawn || error_prefix(error, "%s", path);
}

/* Prepares a picture; drops it when there is nothing to draw. */
static void add_job(struct jobs *jobs, struct section *section, const struct plot_type *type) {
    struct job *job = &jobs->items[jobs->count];
    *job = (struct job){.section = section, .type = type};
    job->file = arena_printf(jobs->arena, "plots/%s-%s", section->anchor, type->name);
    job->drawing = (struct drawing){
        .width = PLOT_WIDTH, .height = PLOT_HEIGHT, .description = "", .arena = jobs->arena};
    remove_pictures(jobs, job); /* what an earlier report left */
    size_t size = 0;
    job->drawing.script = open_memstream(&job->body, &size);
    if (job->drawing.script == NULL)
        return;
    bool something = type->draw(section, &job->drawing);
    fclose(job->drawing.script);
    if (something)
        jobs->count++;
    else
        free(job->body);
}

static void draw_alone(const struct jobs *jobs, struct job *job) {
    struct worker worker;
    struct error error = {0};
    bool drawn = worker_open(&worker, &error);
    if (drawn)
        put_job(worker.script, job);
    drawn =
        drawn && worker_start(&worker, jobs->directory, &error) && worker_finish(&worker, &error);
    worker_close(&worker);
    job->drawn = drawn;
    if (!drawn) {
        log_warning("%s: %s", job->file, error.text);
        remove_pictures(jobs, job);
    }
}

/* Each gnuplot draws every n-th picture. One that stumbles over a picture stops, so what it was to
 * draw is then drawn one by one. */
static void draw_all(struct jobs *jobs) {
    enum { MOST_WORKERS = 8 };
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    size_t count = cores < 1 ? 1 : cores > MOST_WORKERS ? MOST_WORKERS : (size_t)cores;
    count = count > jobs->count ? jobs->count : count;
    struct worker workers[MOST_WORKERS];
    bool started[MOST_WORKERS];
    struct error error = {0};
    for (size_t w = 0; w < count; w++) {
        started[w] = worker_open(&workers[w], &error);
        for (size_t j = w; started[w] && j < jobs->count; j += count)
            put_job(workers[w].script, &jobs->items[j]);
        started[w] = started[w] && worker_start(&workers[w], jobs->directory, &error);
    }
    for (size_t w = 0; w < count; w++) {
        bool finished = started[w] && worker_finish(&workers[w], &error);
        worker_close(&workers[w]);
        for (size_t j = w; j < jobs->count; j += count)
            if (finished)
                jobs->items[j].drawn = true;
            else
                draw_alone(jobs, &jobs->items[j]);
    }
}

static void add_picture(const struct jobs *jobs, const struct job *job) {
    struct error error = {0};
    const char *svg = file_read(picture_path(jobs, job, PLOT_SVG), jobs->arena, NULL, &error);
    if (svg == NULL) {
        log_warning("%s", error.text);
        return;
    }
    job->section->pictures[job->section->picture_count++] = (struct picture){
        .name = job->type->name,
        .table = job->type->table,
        .title = job->type->title,
        .description = job->drawing.description,
        .file = job->file,
        .svg = svg,
        .wide = job->drawing.width > PLOT_WIDTH,
    };
}

static void add_jobs(struct jobs *jobs, struct section *section) {
    const struct plot_type *const *plots = section->across != NULL ? across_plots : dataset_plots;
    size_t count = section->across != NULL ? ACROSS_PLOTS : DATASET_PLOTS;
    section->pictures = ARENA_NEW(jobs->arena, struct picture, count);
    for (size_t p = 0; p < count; p++)
        add_job(jobs, section, plots[p]);
}

bool plots_draw(struct contents *contents, const char *directory, struct arena *arena,
                struct error *error) {
    if (!gnuplot_runs()) {
        log_warning("no gnuplot, so the report has no plots; install it "
                    "(apt install gnuplot-nox, dnf install gnuplot, brew install gnuplot)");
        return true;
    }
    if (!file_make_directory(path_join(arena, directory, "plots"), error))
        return false;
    struct jobs jobs = {.directory = directory, .arena = arena};
    jobs.items = ARENA_NEW(arena, struct job, contents->section_count * DATASET_PLOTS + 1);
    for (size_t s = 0; s < contents->section_count; s++)
        add_jobs(&jobs, &contents->sections[s]);
    draw_all(&jobs);
    for (size_t j = 0; j < jobs.count; j++) {
        if (jobs.items[j].drawn)
            add_picture(&jobs, &jobs.items[j]);
        free(jobs.items[j].body);
    }
    return true;
}
