#include "report/plots/plot.h"

#include "base/file.h"
#include "base/interrupt.h"
#include "base/log.h"
#include "base/printable.h"
#include "base/process.h"
#include "report/plots/svg_compact.h"
#include "report/plots/svg_titles.h"
#include "report/tables/format.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A new plot is a file in this folder and a line here: of a data set, across data sets, of hypotheses. */
#define OF_DATASET(X)                                                                              \
    X(sizes)                                                                                       \
    X(rates)                                                                                       \
    X(pareto)                                                                                      \
    X(learning_curves)                                                                             \
    X(prediction)                                                                                  \
    X(noise)                                                                                       \
    X(noise_to_clean)                                                                              \
    X(noise_to_reference)                                                                          \
    X(faults)                                                                                      \
    X(ood)                                                                                         \
    X(distance)                                                                                    \
    X(rollout)                                                                                     \
    X(horizon)                                                                                     \
    X(confusion)                                                                                   \
    X(search)                                                                                      \
    X(stream)                                                                                      \
    X(ladder)                                                                                      \
    X(gradient_lag)
#define OF_ALL(X)        X(critical_difference)
#define OF_HYPOTHESES(X) X(forest_overview) X(forest)

#define DECLARE(name) extern const struct plot_type plot_##name;
OF_DATASET(DECLARE)
OF_ALL(DECLARE)
OF_HYPOTHESES(DECLARE)

#define ENTRY(name) &plot_##name,
static const struct plot_type *const dataset_plots[] = {OF_DATASET(ENTRY)};
static const struct plot_type *const across_plots[] = {OF_ALL(ENTRY)};
static const struct plot_type *const hypotheses_plots[] = {OF_HYPOTHESES(ENTRY)};

enum {
    DATASET_PLOTS = sizeof dataset_plots / sizeof dataset_plots[0],
    ACROSS_PLOTS = sizeof across_plots / sizeof across_plots[0],
    HYPOTHESES_PLOTS = sizeof hypotheses_plots / sizeof hypotheses_plots[0]
};

/* Names come from configs and files; noenhanced and single quotes leave nothing in them to be
 * interpreted. */
static const char style[] = "set encoding utf8\n"
                            "set datafile missing 'NaN'\n"
                            "set border 3 linecolor rgb '#9a9a9a'\n"
                            "set tics nomirror out scale 0.5 textcolor rgb '#444444'\n"
                            "set grid ytics linetype 1 linecolor rgb '#e8e8e8' linewidth 1\n"
                            "set xtics offset 0,0.4\n"
                            "set xlabel offset 0,1 textcolor rgb '#333333'\n"
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

enum { MAX_KEY_CHARACTERS = 40, KEY_CHARACTER = 9, KEY_SAMPLE = 70, KEY_ROW = 27 }; /* pixels */
enum { MAX_SHOWN = 10, MAX_BASELINES_SHOWN = 3 };

struct shown models_shown(const struct dataset_results *dataset) {
    struct shown shown = {0};
    shown.count = select_models(dataset, MAX_SHOWN, MAX_BASELINES_SHOWN, shown.models);
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
    longest = longest > MAX_KEY_CHARACTERS ? MAX_KEY_CHARACTERS : longest;
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

void put_class_tics(FILE *script, char axis, const struct trial *trial) {
    fprintf(script, "set %ctics scale 0 (", axis);
    for (size_t c = 0; c < trial->class_count; c++) {
        fputs(c > 0 ? ", " : "", script);
        put_tic_label(script, trial->classes[c].name);
        fprintf(script, " %zu", c);
    }
    fputs(")\n", script);
}

void put_style(FILE *script, const char *with, const struct model_results *model) {
    static const int points[] = {7, 5, 9, 13, 11}; /* filled: circle, square, triangles, rhombus */
    size_t shapes = sizeof points / sizeof points[0];
    fprintf(script, " with %s linecolor rgb '%s' linewidth 2 dashtype %s pointtype %d", with,
            model->colour, model->baseline ? "(5,4)" : "1", points[model->position % shapes]);
}

void put_title(FILE *script, const struct model_results *model) {
    struct arena arena = {0};
    fputs(" title ", script);
    put_quoted(script, shorten_text(&arena, model->name, MAX_KEY_CHARACTERS));
    arena_free(&arena);
}

void put_model_lines(FILE *script, const char *with, const struct shown *drawn) {
    for (size_t m = 0; m < drawn->count; m++) {
        fprintf(script, "$model%zu using 1:2", drawn->models[m]->position);
        put_style(script, with, drawn->models[m]);
        put_title(script, drawn->models[m]);
        fputs(", ", script);
    }
    fputs("NaN notitle\n", script);
}

bool wants_logarithm(double min, double max) {
    return min > 0 && max / min > 8;
}

/* Scores of errors alone have the units of the targets, and MSE their square. */
static const char *units_of(const struct dataset_results *dataset, struct arena *arena) {
    const char *name = dataset->metrics[0].name;
    bool squared = strcmp(name, "mse") == 0;
    if (!squared && strcmp(name, "rmse") != 0 && strcmp(name, "mae") != 0)
        return "";
    if (dataset->units[0] == '\0')
        return "";
    return arena_printf(arena, ", %s%s",
                        strcmp(dataset->units, "scaled") == 0 ? "scaled units" : "data units",
                        squared ? "²" : "");
}

const char *score_label(const struct dataset_results *dataset, struct arena *arena) {
    return arena_printf(arena, "test %s%s (%s is better)", dataset->metrics[0].title,
                        units_of(dataset, arena),
                        dataset->metrics[0].higher_is_better ? "higher" : "lower");
}

/* A smaller font for a text that is too long for so many pixels. */
static const char *font_that_fits(const char *text, double pixels, struct arena *arena) {
    const double usual = 8, of_size = 0.64; /* pixels a character, at most; and for each point */
    double characters = (double)strlen(text);
    return characters * usual <= pixels
               ? ""
               : arena_printf(arena, " font ',%d'", (int)fmax(6, pixels / (of_size * characters)));
}

void put_score_label(FILE *script, const struct dataset_results *dataset) {
    struct arena arena = {0};
    const char *label = score_label(dataset, &arena);
    fputs("set ylabel ", script);
    put_quoted(script, label);
    fprintf(script, "%s\n", font_that_fits(label, 0.9 * PLOT_HEIGHT, &arena));
    arena_free(&arena);
}

void range_include(struct range *range, double value) {
    if (isfinite(value)) {
        range->min = fmin(range->min, value);
        range->max = fmax(range->max, value);
    }
}

/* Labels at 1, 2 and 5 of each decade, of which less than two may be in sight; at every digit where even
 * these would be too few. */
static void put_fine_tics(FILE *script, char axis, double min, double max) {
    bool every = max / min < 5;
    fprintf(script, "set %ctics (", axis);
    const char *between = "";
    for (int decade = (int)floor(log10(min)); decade <= (int)ceil(log10(max)); decade++)
        for (int digit = 1; digit < 10; digit++) {
            if (!every && digit != 1 && digit != 2 && digit != 5)
                continue;
            fprintf(script, "%s%.9g", between, digit * pow(10, decade));
            between = ", ";
        }
    fputs(")\n", script);
}

void put_axis_range(FILE *script, char axis, const struct range *range, bool logarithmic) {
    double min = range->min, max = range->max;
    if (logarithmic) {
        double room = fmin(10, exp(0.05 * (log(max) - log(min))));
        fprintf(script, "set logscale %c\nset %crange [%.9g:%.9g]\n", axis, axis, min / room,
                max * room);
        if (max / min < 100)
            put_fine_tics(script, axis, min, max);
    } else {
        double room = max > min ? 0.05 * (max - min) : fabs(max) * 0.05 + 1e-300;
        fprintf(script, "set %crange [%.9g:%.9g]\n", axis, min - room, max + room);
    }
}

/* ---- Small multiples ---- */

/* Pixels around the panels and between them. */
enum { LEFT = 92, RIGHT = 16, TOP = 34, BETWEEN_COLUMNS = 24, BETWEEN_ROWS = 66, X_LABEL = 34 };
enum { TICK_LABELS = 22, Y_LABEL = 10 };

static size_t panel_rows(const struct panels *panels) {
    return (panels->count + panels->columns - 1) / panels->columns;
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
    panels->logarithmic = wants_logarithm(panels->range.min, panels->range.max);
    fprintf(script,
            "set multiplot layout %zu,%zu margins screen %.5f,%.5f,%.5f,%.5f spacing screen "
            "%.5f,%.5f\nunset key\nset title font ',14' offset 0,-0.7\n",
            rows, panels->columns, LEFT / width, 1 - RIGHT / width, below / height,
            1 - TOP / height, BETWEEN_COLUMNS / width, BETWEEN_ROWS / height);
    put_axis_range(script, 'y', &panels->range, panels->logarithmic);
    double middle = (below + height - TOP) / 2 / height;
    fputs("set label 1 ", script);
    put_quoted(script, panels->y_label);
    fprintf(script, " at screen %.5f,%.5f center rotate by 90 textcolor rgb '#333333'%s\n",
            (double)Y_LABEL / width, middle,
            font_that_fits(panels->y_label, 2 * fmin(middle, 1 - middle) * height, drawing->arena));
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

/* Far more than either takes on a machine that has other things to do. */
static const double START_SECONDS = 10, PICTURE_SECONDS = 10;

/* One gnuplot and its script. */
struct gnuplot_worker {
    FILE *script;
    char *text;
    size_t size;
    struct process process;
};

static bool worker_open(struct gnuplot_worker *worker, struct error *error) {
    *worker = (struct gnuplot_worker){0};
    worker->script = open_memstream(&worker->text, &worker->size);
    return worker->script != NULL || error_set(error, "no memory for a plot");
}

/* Starts gnuplot in the folder with the script that worker_open() opened. With `output`, what it
 * draws without "set output" is kept there. */
static bool worker_start(struct gnuplot_worker *worker, const char *folder, double seconds,
                         struct arena *output, struct error *error) {
    /* The reader's own settings must not change a report. */
    static const char *const command[] = {"gnuplot", "--default-settings", "-", NULL};
    bool whole = fclose(worker->script) == 0 || error_set(error, "no memory for a plot");
    struct process_options options = {
        .input = worker->text, .folder = folder, .arena = output, .seconds = seconds};
    bool started = whole && process_start(command, &options, &worker->process, error);
    free(worker->text);
    return started;
}

static bool worker_finish(struct gnuplot_worker *worker, struct process_result *result,
                          struct error *error) {
    if (!process_finish(&worker->process, result, error))
        return false;
    switch (result->code) {
    case 0:
        return true;
    case PROCESS_MISSING:
        return error_set(error,
                         "there is no gnuplot, which draws the plots; install it (apt install "
                         "gnuplot-nox, dnf install gnuplot, brew install gnuplot)");
    case PROCESS_TIMED_OUT:
        return error_set(error, "gnuplot did not end within %g s and was stopped",
                         worker->process.options.seconds);
    default:
        return error_set(error, "gnuplot failed (exit code %d): %s", result->code,
                         result->last[0] != '\0' ? result->last : "it does not say why");
    }
}

static bool gnuplot_runs(struct error *error) {
    struct gnuplot_worker worker;
    struct process_result result;
    return worker_open(&worker, error) && worker_start(&worker, NULL, START_SECONDS, NULL, error) &&
           worker_finish(&worker, &result, error);
}

/* ---- Pictures ---- */

/* One picture to draw. */
struct plot_job {
    struct section *section;
    const struct plot_type *type;
    struct drawing drawing;
    char *body; /* of the script; free() it */
    const char *file;
    const char *svg; /* NULL: not drawn */
};

enum plot_format { PLOT_SVG, PLOT_PNG, PLOT_PDF, PLOT_FORMATS };

static const char *const endings[PLOT_FORMATS] = {"svg", "png", "pdf"};

struct jobs {
    struct plot_job *items;
    size_t count;
    const char **empty; /* files of pictures that there is nothing to draw for */
    size_t empty_count;
    enum plot_format last; /* drawn: PLOT_PNG, or PLOT_PDF too */
    const char *directory;
    const char *stage; /* a temporary folder in it, where gnuplot writes */
    struct arena *arena;
};

static const char *picture_path(const struct jobs *jobs, const char *file,
                                enum plot_format format) {
    return path_join(jobs->arena, jobs->directory,
                     arena_printf(jobs->arena, "%s.%s", file, endings[format]));
}

/* Those of an earlier report, in this format and those after it. */
static void remove_pictures(const struct jobs *jobs, const char *file, enum plot_format format) {
    for (; format < PLOT_FORMATS; format++)
        unlink(picture_path(jobs, file, format));
}

static void put_terminal(FILE *script, enum plot_format format, int width, int height) {
    if (format == PLOT_SVG)
        fprintf(script,
                "set terminal svg noenhanced size %d,%d font 'sans-serif,15' linewidth 1 "
                "background '#ffffff'\n",
                width, height);
    else if (format == PLOT_PDF) /* in points, as wide as the SVG on paper */
        fprintf(script,
                "set terminal pdfcairo noenhanced size %.3fin,%.3fin font 'sans-serif,11' "
                "fontscale 1 linewidth 1 background '#ffffff'\n",
                width / 96.0, height / 96.0);
    else
        fprintf(script,
                "set terminal pngcairo noenhanced size %d,%d font 'sans-serif,11' fontscale 2 "
                "linewidth 2 pointscale 2 background '#ffffff'\n",
                2 * width, 2 * height);
}

static void put_job(FILE *script, const struct plot_job *job, enum plot_format last) {
    for (enum plot_format format = PLOT_SVG; format <= last; format++) {
        put_terminal(script, format, job->drawing.width, job->drawing.height);
        /* The file name is made of letters, digits and "-_.": it needs no quoting. */
        fprintf(script, "set output '%s.%s'\n%s%s\nunset output\nreset\n", path_name(job->file),
                endings[format], style, job->body);
    }
}

/* gnuplot says nothing about a disk that is full. */
static bool is_whole(const char *picture, size_t size, enum plot_format format) {
    static const char *const ends[PLOT_FORMATS] = {"</svg>", "IEND", "%%EOF"};
    const char *end = ends[format];
    enum { MAX_TAIL = 16 };
    size_t tail = size < MAX_TAIL ? size : MAX_TAIL;
    return memmem(picture + size - tail, tail, end, strlen(end)) != NULL;
}

/* An SVG with titles, without what is not needed. */
static bool finish_svg(const char **picture, size_t *size, const struct section *section,
                       const char *description, struct arena *arena, struct error *error) {
    *picture = svg_with_titles(*picture, section, description, arena);
    if (*picture != NULL)
        *picture = svg_compact(*picture, arena);
    if (*picture == NULL)
        return error_set(error, "no memory for a plot");
    *size = strlen(*picture);
    return true;
}

bool plot_write(const char *path, int width, int height, const char *commands,
                struct error *error) {
    const char *ending = strrchr(path, '.');
    enum plot_format format = ending != NULL && strcmp(ending, ".png") == 0 ? PLOT_PNG : PLOT_SVG;
    struct gnuplot_worker worker;
    struct process_result result = {0};
    struct arena arena = {0};
    bool drawn = worker_open(&worker, error);
    if (drawn) {
        put_terminal(worker.script, format, width, height);
        fprintf(worker.script, "%s%s\n", style, commands);
    }
    drawn = drawn && worker_start(&worker, NULL, PICTURE_SECONDS, &arena, error) &&
            worker_finish(&worker, &result, error);
    if (drawn && !is_whole(result.output, result.size, format))
        drawn = error_set(error, "gnuplot has drawn nothing");
    const char *picture = result.output;
    size_t size = result.size;
    if (drawn && format == PLOT_SVG)
        drawn = finish_svg(&picture, &size, NULL, "", &arena, error);
    drawn = drawn ? file_write(path, picture, size, error) : error_prefix(error, "%s", path);
    arena_free(&arena);
    return drawn;
}

/* Prepares a picture; drops it when there is nothing to draw. */
static void add_job(struct jobs *jobs, struct section *section, const struct plot_type *type) {
    struct plot_job *job = &jobs->items[jobs->count];
    *job = (struct plot_job){.section = section, .type = type};
    job->file = arena_printf(jobs->arena, "plots/%s-%s", section->anchor, type->name);
    job->drawing = (struct drawing){
        .width = PLOT_WIDTH, .height = PLOT_HEIGHT, .description = "", .arena = jobs->arena};
    size_t size = 0;
    job->drawing.script = open_memstream(&job->body, &size);
    if (job->drawing.script == NULL)
        return;
    bool something = type->draw(section, &job->drawing);
    fclose(job->drawing.script);
    if (something) {
        jobs->count++;
    } else {
        jobs->empty[jobs->empty_count++] = job->file;
        free(job->body);
    }
}

/* Puts what gnuplot has drawn in its place. */
static bool keep_picture(const struct jobs *jobs, struct plot_job *job, struct error *error) {
    for (enum plot_format format = PLOT_SVG; format <= jobs->last; format++) {
        const char *path = picture_path(jobs, job->file, format);
        size_t size = 0;
        struct arena scratch = {0};
        struct arena *arena = format == PLOT_SVG ? jobs->arena : &scratch;
        const char *picture =
            file_read(path_join(arena, jobs->stage, path_name(path)), arena, &size, error);
        bool kept = picture != NULL;
        if (kept && !is_whole(picture, size, format))
            kept =
                error_set(error, "%s: gnuplot could not write all of it; is the disk full?", path);
        if (kept && format == PLOT_SVG)
            kept =
                finish_svg(&picture, &size, job->section, job->drawing.description, arena, error);
        kept = kept && file_write(path, picture, size, error);
        arena_free(&scratch);
        if (!kept)
            return false;
        if (format == PLOT_SVG)
            job->svg = picture;
    }
    return true;
}

/* False when gnuplot stumbles over the picture. */
static bool draw_alone(const struct jobs *jobs, const struct plot_job *job,
                       struct process_result *result, struct error *error) {
    struct gnuplot_worker worker;
    bool opened = worker_open(&worker, error);
    if (opened)
        put_job(worker.script, job, jobs->last);
    return opened && worker_start(&worker, jobs->stage, PICTURE_SECONDS, NULL, error) &&
           worker_finish(&worker, result, error);
}

/* The pictures of one gnuplot, every `count`th. One that stumbles over a picture stops, so what it
 * was to draw is then drawn one by one. False when the report cannot be written. */
static bool collect(const struct jobs *jobs, size_t first, size_t count, bool finished,
                    bool *gives_up, struct error *error) {
    for (size_t j = first; j < jobs->count; j += count) {
        struct process_result result = {0};
        bool drawn = finished || (!*gives_up && draw_alone(jobs, &jobs->items[j], &result, error));
        if (drawn && !keep_picture(jobs, &jobs->items[j], error))
            return false;
        if (interrupt_signal() != 0)
            return interrupt_check(error);
        if (!drawn && !*gives_up)
            log_warning("%s: %s", jobs->items[j].file, error->text);
        *gives_up = *gives_up || result.code == PROCESS_TIMED_OUT;
    }
    return true;
}

/* Each gnuplot draws every n-th picture. After one that hangs no more are drawn. */
static bool draw_all(struct jobs *jobs, struct error *error) {
    enum { MAX_WORKERS = 8 };
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    size_t count = cores < 1 ? 1 : cores > MAX_WORKERS ? MAX_WORKERS : (size_t)cores;
    count = count > jobs->count ? jobs->count : count;
    struct gnuplot_worker workers[MAX_WORKERS];
    bool started[MAX_WORKERS], good = true, gives_up = false;
    double seconds = START_SECONDS + PICTURE_SECONDS * (double)(jobs->count / (count + 1) + 1);
    for (size_t w = 0; w < count; w++) {
        started[w] = worker_open(&workers[w], error);
        for (size_t j = w; started[w] && j < jobs->count; j += count)
            put_job(workers[w].script, &jobs->items[j], jobs->last);
        started[w] = started[w] && worker_start(&workers[w], jobs->stage, seconds, NULL, error);
    }
    for (size_t w = 0; w < count; w++) {
        struct process_result result = {0};
        bool finished = started[w] && worker_finish(&workers[w], &result, error);
        if (result.code == PROCESS_TIMED_OUT && !gives_up) {
            log_warning("%s; plots are missing from the report", error->text);
            gives_up = true;
        }
        good = good && collect(jobs, w, count, finished, &gives_up, error);
    }
    return good;
}

static void add_picture(const struct plot_job *job, bool has_pdf) {
    job->section->pictures[job->section->picture_count++] = (struct picture){
        .name = job->type->name,
        .table = job->type->table,
        .title = job->type->title,
        .description = job->drawing.description,
        .file = job->file,
        .svg = job->svg,
        .has_pdf = has_pdf,
        .wide = job->drawing.width > PLOT_WIDTH,
    };
}

/* The plots of a section's kind. */
static const struct plot_type *const *plots_of(const struct section *section, size_t *count) {
    *count = section->hypotheses != NULL ? HYPOTHESES_PLOTS
             : section->across != NULL   ? ACROSS_PLOTS
                                         : DATASET_PLOTS;
    return section->hypotheses != NULL ? hypotheses_plots
           : section->across != NULL   ? across_plots
                                       : dataset_plots;
}

static void add_jobs(struct jobs *jobs, struct section *section) {
    size_t count;
    const struct plot_type *const *plots = plots_of(section, &count);
    section->pictures = ARENA_NEW(jobs->arena, struct picture, count);
    for (size_t p = 0; p < count; p++)
        add_job(jobs, section, plots[p]);
}

bool plots_draw(struct contents *contents, const char *directory, bool has_pdf, struct arena *arena,
                struct error *error) {
    struct error why;
    interrupt_watch(); /* the stage is removed in any case */
    if (!gnuplot_runs(&why)) {
        if (!interrupt_check(error))
            return false;
        log_warning("%s; the report has no plots", why.text);
        return true;
    }
    const char *plots = path_join(arena, directory, "plots");
    struct jobs jobs = {
        .last = has_pdf ? PLOT_PDF : PLOT_PNG, .directory = directory, .arena = arena};
    if (!file_make_directory(plots, error) ||
        (jobs.stage = file_make_temporary_folder(plots, arena, error)) == NULL)
        return false;
    size_t most = contents->section_count * DATASET_PLOTS + 1;
    jobs.items = ARENA_NEW(arena, struct plot_job, most);
    jobs.empty = ARENA_NEW(arena, const char *, most);
    for (size_t s = 0; s < contents->section_count; s++)
        add_jobs(&jobs, &contents->sections[s]);
    bool drawn = draw_all(&jobs, error);
    file_remove_tree(jobs.stage);
    for (size_t j = 0; j < jobs.count; j++) {
        const struct plot_job *job = &jobs.items[j];
        if (job->svg != NULL)
            add_picture(job, has_pdf);
        if (drawn)
            remove_pictures(&jobs, job->file, job->svg != NULL ? jobs.last + 1 : PLOT_SVG);
        free(job->body);
    }
    for (size_t e = 0; drawn && e < jobs.empty_count; e++)
        remove_pictures(&jobs, jobs.empty[e], PLOT_SVG);
    return drawn;
}
