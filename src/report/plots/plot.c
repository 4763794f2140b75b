#include "report/plots/plot.h"

#include "base/file.h"
#include "base/interrupt.h"
#include "base/log.h"
#include "base/text_stream.h"
#include "report/plots/gnuplot.h"
#include "report/plots/svg_compact.h"
#include "report/plots/svg_titles.h"

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

/* ---- Pictures ---- */

/* One picture to draw. */
struct plot_job {
    struct section *section;
    const struct plot_type *type;
    struct drawing drawing;
    const char *body; /* of the script */
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
static const char *finish_svg(const char *picture, size_t *size, const struct section *section,
                              const char *description, struct arena *arena) {
    picture = svg_compact(svg_with_titles(picture, section, description, arena), arena);
    *size = strlen(picture);
    return picture;
}

bool plot_write(const char *path, int width, int height, const char *commands,
                struct error *error) {
    const char *ending = strrchr(path, '.');
    enum plot_format format = ending != NULL && strcmp(ending, ".png") == 0 ? PLOT_PNG : PLOT_SVG;
    struct process_result result = {0};
    struct arena arena = {0};
    struct text_stream script;
    put_terminal(text_stream_open(&script), format, width, height);
    fprintf(script.out, "%s%s\n", style, commands);
    bool drawn = gnuplot_run(text_stream_close(&script, &arena), NULL, GNUPLOT_PICTURE_SECONDS,
                             &arena, &result, error);
    if (drawn && !is_whole(result.output, result.size, format))
        drawn = error_set(error, "gnuplot has drawn nothing");
    const char *picture = result.output;
    size_t size = result.size;
    if (drawn && format == PLOT_SVG)
        picture = finish_svg(picture, &size, NULL, "", &arena);
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
    struct text_stream body;
    job->drawing.script = text_stream_open(&body);
    if (type->draw(section, &job->drawing))
        jobs->count++;
    else
        jobs->empty[jobs->empty_count++] = job->file;
    job->body = text_stream_close(&body, jobs->arena);
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
            picture = finish_svg(picture, &size, job->section, job->drawing.description, arena);
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
    struct text_stream script;
    put_job(text_stream_open(&script), job, jobs->last);
    return gnuplot_run(text_stream_close(&script, jobs->arena), jobs->stage,
                       GNUPLOT_PICTURE_SECONDS, NULL, result, error);
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
    struct process workers[MAX_WORKERS];
    bool started[MAX_WORKERS], good = true, gives_up = false;
    double seconds =
        GNUPLOT_START_SECONDS + GNUPLOT_PICTURE_SECONDS * (double)(jobs->count / (count + 1) + 1);
    for (size_t w = 0; w < count; w++) {
        struct text_stream script;
        text_stream_open(&script);
        for (size_t j = w; j < jobs->count; j += count)
            put_job(script.out, &jobs->items[j], jobs->last);
        started[w] = gnuplot_start(&workers[w], text_stream_close(&script, jobs->arena),
                                   jobs->stage, seconds, NULL, error);
    }
    for (size_t w = 0; w < count; w++) {
        struct process_result result = {0};
        bool finished = started[w] && gnuplot_finish(&workers[w], &result, error);
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
    struct process_result result;
    if (!gnuplot_run("", NULL, GNUPLOT_START_SECONDS, NULL, &result, &why)) {
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
    }
    for (size_t e = 0; drawn && e < jobs.empty_count; e++)
        remove_pictures(&jobs, jobs.empty[e], PLOT_SVG);
    return drawn;
}
