#include "report/plot.h"

#include "base/file.h"
#include "base/log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct plot_type *const plots[] = {
    &plot_score_parameters, &plot_learning_curves, &plot_prediction, &plot_noise, &plot_ood,
};

/* Names come from configs and files; noenhanced and single quotes leave nothing in them to be
 * interpreted. */
static const char style[] = "set encoding utf8\n"
                            "set datafile missing 'NaN'\n"
                            "set border 3 linecolor rgb '#9a9a9a'\n"
                            "set tics nomirror out scale 0.5 textcolor rgb '#444444'\n"
                            "set grid ytics linetype 1 linecolor rgb '#e8e8e8' linewidth 1\n"
                            "set xlabel offset 0,0.8 textcolor rgb '#333333'\n"
                            "set ylabel textcolor rgb '#333333'\n"
                            "set title textcolor rgb '#222222'\n"
                            "set key outside bottom center horizontal Left reverse noenhanced "
                            "samplen 1.6 spacing 1.2 textcolor rgb '#222222'\n"
                            "set format y '%g'\n"
                            "set style fill noborder\n"
                            "set pointsize 0.6\n"
                            "set errorbars 0.6 linewidth 1\n";

/* ---- Parts of scripts ---- */

enum { MOST_KEY_BYTES = 40, KEY_CHARACTER = 9, KEY_SAMPLE = 70, KEY_ROW = 27 }; /* pixels */

int key_height(const struct dataset_results *dataset, int width) {
    size_t longest = 1;
    for (size_t m = 0; m < dataset->model_count; m++) {
        size_t length = strlen(dataset->models[m].name);
        longest = length > longest ? length : longest;
    }
    longest = longest > MOST_KEY_BYTES ? MOST_KEY_BYTES : longest;
    int columns = (width - 100) / (KEY_CHARACTER * (int)longest + KEY_SAMPLE);
    columns = columns < 1 ? 1 : columns;
    return KEY_ROW * (((int)dataset->model_count + columns - 1) / columns) + 8;
}

void put_quoted(FILE *script, const char *text) {
    fputc('\'', script);
    for (; *text != '\0'; text++) {
        if (*text == '\'')
            fputc('\'', script);
        fputc((unsigned char)*text < ' ' ? ' ' : *text, script);
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
    return least > 0 && most / least > 30;
}

void put_score_label(FILE *script, const struct metric_info *metric) {
    char label[256];
    snprintf(label, sizeof label, "test %s (%s is better)", metric->title,
             metric->higher_is_better ? "higher" : "lower");
    fputs("set ylabel ", script);
    put_quoted(script, label);
    fputc('\n', script);
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

/* Runs gnuplot in the directory with the script as its input; its words go to the error. Files, not
 * pipes, so that neither side can wait for the other. */
static bool run_gnuplot(const char *directory, FILE *script, FILE *complaints,
                        struct error *error) {
    pid_t child = fork();
    if (child < 0)
        return error_set(error, "gnuplot: cannot be started: %s", strerror(errno));
    if (child == 0) {
        if (dup2(fileno(script), STDIN_FILENO) < 0 || dup2(fileno(complaints), STDOUT_FILENO) < 0 ||
            dup2(fileno(complaints), STDERR_FILENO) < 0 || chdir(directory) != 0)
            _exit(126);
        /* The reader's own settings must not change a report. */
        execlp("gnuplot", "gnuplot", "--default-settings", "-", (char *)NULL);
        _exit(127);
    }
    int status = 0;
    char words[512];
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return error_set(error, "gnuplot: %s", strerror(errno));
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return true;
    return error_set(error, "gnuplot failed: %s", last_words(complaints, words, sizeof words));
}

/* Whether a gnuplot can be run. */
static bool gnuplot_runs(void) {
    FILE *script = tmpfile(), *complaints = tmpfile();
    struct error error = {0};
    bool available =
        script != NULL && complaints != NULL && run_gnuplot(".", script, complaints, &error);
    if (script != NULL)
        fclose(script);
    if (complaints != NULL)
        fclose(complaints);
    return available;
}

static void write_script(FILE *script, const struct drawing *drawing, const char *body,
                         const char *file) {
    /* The file name is made of letters, digits and "-_./": it needs no quoting. */
    fprintf(script,
            "set terminal svg noenhanced size %d,%d font 'sans-serif,15' linewidth 1 background "
            "'#ffffff'\nset output '%s.svg'\n%s%s\nunset output\nreset\n",
            drawing->width, drawing->height, file, style, body);
    fprintf(script,
            "set terminal pngcairo noenhanced size %d,%d font 'sans-serif,10' fontscale 2 "
            "linewidth 2 pointscale 2 background '#ffffff'\nset output '%s.png'\n%s%s\nunset "
            "output\n",
            2 * drawing->width, 2 * drawing->height, file, style, body);
}

static bool run_script(const struct drawing *drawing, const char *body, const char *directory,
                       const char *file, struct error *error) {
    FILE *script = tmpfile(), *complaints = tmpfile();
    bool done = script != NULL && complaints != NULL;
    if (!done)
        error_set(error, "cannot make a temporary file: %s", strerror(errno));
    if (done) {
        write_script(script, drawing, body, file);
        done = fflush(script) == 0 && lseek(fileno(script), 0, SEEK_SET) == 0;
        if (!done)
            error_set(error, "cannot write a temporary file: %s", strerror(errno));
    }
    done = done && run_gnuplot(directory, script, complaints, error);
    if (script != NULL)
        fclose(script);
    if (complaints != NULL)
        fclose(complaints);
    return done;
}

/* Draws directory/<file>.svg and .png and fills the picture. False without an error text when there
 * is nothing to draw. */
static bool draw_picture(const struct plot_type *type, const struct dataset_results *dataset,
                         const char *directory, const char *file, struct picture *picture,
                         struct arena *arena, struct error *error) {
    struct drawing drawing = {
        .width = PLOT_WIDTH, .height = PLOT_HEIGHT, .description = "", .arena = arena};
    char *body = NULL;
    size_t size = 0;
    drawing.script = open_memstream(&body, &size);
    if (drawing.script == NULL)
        return error_set(error, "no memory for a plot");
    bool drawn = type->draw(dataset, &drawing);
    fclose(drawing.script);
    const char *svg_path = path_join(arena, directory, arena_printf(arena, "%s.svg", file));
    const char *png_path = path_join(arena, directory, arena_printf(arena, "%s.png", file));
    drawn = drawn && run_script(&drawing, body, directory, file, error);
    free(body);
    if (!drawn) { /* also what an earlier report or a half-drawn attempt left */
        unlink(svg_path);
        unlink(png_path);
    }
    const char *svg = drawn ? file_read(svg_path, arena, NULL, error) : NULL;
    *picture = (struct picture){
        .name = type->name,
        .title = type->title,
        .description = drawing.description,
        .file = file,
        .svg = svg,
        .wide = drawing.width > PLOT_WIDTH,
    };
    return svg != NULL;
}

static void draw_section(struct section *section, const char *directory, struct arena *arena) {
    enum { PLOTS = sizeof plots / sizeof plots[0] };
    section->pictures = ARENA_NEW(arena, struct picture, PLOTS);
    for (size_t p = 0; p < PLOTS; p++) {
        const char *file = arena_printf(arena, "plots/%s-%s", section->anchor, plots[p]->name);
        struct error error = {0};
        if (draw_picture(plots[p], section->results, directory, file,
                         &section->pictures[section->picture_count], arena, &error))
            section->picture_count++;
        else if (error.text[0] != '\0')
            log_warning("%s: %s", file, error.text);
    }
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
    for (size_t s = 0; s < contents->section_count; s++)
        draw_section(&contents->sections[s], directory, arena);
    return true;
}
