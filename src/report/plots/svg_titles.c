#include "report/plots/svg_titles.h"

#include "base/text_stream.h"
#include "report/export/markup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GNUPLOT_TITLE "<title>gnuplot_plot_"

/* Of a section; NULL: none. */
static const struct model_results *model_of_colour(const struct section *section,
                                                   const char *colour) {
    if (section->results != NULL)
        for (size_t m = 0; m < section->results->model_count; m++)
            if (strcmp(section->results->models[m].colour, colour) == 0)
                return &section->results->models[m];
    for (size_t m = 0; section->across != NULL && m < section->across->model_count; m++)
        if (strcmp(section->across->models[m]->colour, colour) == 0)
            return section->across->models[m];
    return NULL;
}

/* Whether a colour is in the tag of an empty group: the colour of what was drawn before. */
static bool is_unused(const char *colour) {
    static const char empty[] = ">\n</g>";
    const char *end = strchr(colour, '>');
    return end != NULL && end[-1] != '/' && strncmp(end, empty, strlen(empty)) == 0;
}

/* The model that a group of gnuplot's SVG draws, which has a colour of its own; or NULL. */
static const struct model_results *model_drawn(const struct section *section, const char *group) {
    const char *end = strstr(group, "<g id=\"gnuplot_plot_");
    for (const char *at = group; (at = strstr(at, "rgb(")) != NULL && (end == NULL || at < end);
         at++) {
        unsigned red, green, blue;
        char colour[sizeof "#rrggbb"], start[24]; /* sscanf() would measure all that follows */
        snprintf(start, sizeof start, "%.*s", (int)sizeof start - 1, at);
        if (sscanf(start, "rgb(%3u , %3u , %3u )", &red, &green, &blue) != 3 || is_unused(at))
            continue;
        snprintf(colour, sizeof colour, "#%02x%02x%02x", red & 255, green & 255, blue & 255);
        const struct model_results *model = model_of_colour(section, colour);
        if (model != NULL)
            return model;
    }
    return NULL;
}

static void put_title_element(FILE *out, const char *text) {
    fputs("<title>", out);
    xml_text(out, text);
    fputs("</title>", out);
}

/* Copies the head up to what gnuplot says about itself, and says instead what the picture shows.
 * Returns what follows. */
static const char *put_head(FILE *out, const char *svg, const char *description) {
    static const char end[] = "</desc>";
    const char *root = strstr(svg, "<svg");
    const char *close = root == NULL ? NULL : strchr(root, '>');
    const char *title = close == NULL ? NULL : strstr(close, "<title>Gnuplot</title>");
    const char *rest = title == NULL ? NULL : strstr(title, end);
    if (rest == NULL)
        return svg;
    fprintf(out, "%.*s role=\"img\">\n", (int)(close - svg), svg);
    if (description[0] != '\0')
        put_title_element(out, description);
    return rest + strlen(end);
}

/* A group's tooltip. Returns what follows. */
static const char *put_tooltip(FILE *out, const char *title, const struct section *section) {
    static const char end[] = "</title>";
    const char *rest = strstr(title, end);
    if (rest == NULL)
        return title + strlen(title);
    rest += strlen(end);
    const struct model_results *model = section == NULL ? NULL : model_drawn(section, rest);
    if (model != NULL)
        put_title_element(out, model->name);
    return rest;
}

const char *svg_with_titles(const char *svg, const struct section *section, const char *description,
                            struct arena *arena) {
    struct text_stream titled;
    FILE *out = text_stream_open(&titled);
    const char *rest = put_head(out, svg, description);
    for (const char *title; (title = strstr(rest, GNUPLOT_TITLE)) != NULL;) {
        fwrite(rest, 1, (size_t)(title - rest), out);
        rest = put_tooltip(out, title, section);
    }
    fputs(rest, out);
    return text_stream_close(&titled, arena);
}
