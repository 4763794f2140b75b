#include "report/plots/svg_compact.h"

#include "base/text_stream.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The group around all that is drawn, which is given what its groups repeat. */
static const char canvas[] = "<g id=\"gnuplot_canvas\">";
static const char canvas_with_defaults[] =
    "<g id=\"gnuplot_canvas\" fill=\"none\" color=\"black\" stroke=\"currentColor\">";
static const char background[] = "<rect x=\"0\" y=\"0\"";
static const char *const defaults[] = {
    " fill=\"none\"",         " color=\"black\"",         " stroke=\"currentColor\"",
    " stroke-width=\"1.00\"", " stroke-linecap=\"butt\"", " stroke-linejoin=\"miter\"",
};

static bool begins(const char *text, const char *with) {
    return strncmp(text, with, strlen(with)) == 0;
}

/* Writes up to and with the next `end`. Returns what follows. */
static const char *put_until(FILE *out, const char *text, const char *end) {
    const char *found = strstr(text, end);
    size_t length = found != NULL ? (size_t)(found - text) + strlen(end) : strlen(text);
    fwrite(text, 1, length, out);
    return text + length;
}

/* "rgb(  0, 114, 178)". Returns what follows; `text` when it is none. */
static const char *put_colour(FILE *out, const char *text) {
    enum { MAX_LENGTH = 24 };
    char colour[MAX_LENGTH]; /* sscanf() would measure all that follows */
    unsigned red, green, blue;
    int length = 0;
    if (!begins(text, "rgb("))
        return text;
    snprintf(colour, sizeof colour, "%.*s", MAX_LENGTH - 1, text);
    if (sscanf(colour, "rgb(%3u , %3u , %3u )%n", &red, &green, &blue, &length) != 3 || length == 0)
        return text;
    fprintf(out, "#%02x%02x%02x", red & 255, green & 255, blue & 255);
    return text + length;
}

/* Coordinates up to the character that ends them, in tenths. */
static const char *put_coordinates(FILE *out, const char *text, char end) {
    while (*text != '\0' && *text != end) {
        if (isdigit((unsigned char)*text)) {
            char *rest;
            char number[64];
            int length = snprintf(number, sizeof number, "%.1f", strtod(text, &rest));
            bool whole = length > 2 && strcmp(number + length - 2, ".0") == 0;
            fprintf(out, "%.*s", whole ? length - 2 : length, number);
            text = rest;
        } else if (isspace((unsigned char)*text)) {
            while (isspace((unsigned char)*text))
                text++;
            if (*text != end)
                fputc(' ', out);
        } else {
            fputc(*text++, out);
        }
    }
    return text;
}

/* A group: dropped where it is empty, else without what the canvas has said. Returns what follows. */
static const char *put_group(FILE *out, const char *text) {
    static const char empty[] = ">\n</g>\n";
    const char *end = strchr(text, '>');
    if (end == NULL)
        return put_until(out, text, "<g");
    if (begins(end, empty) && memmem(text, (size_t)(end - text), " id=", strlen(" id=")) == NULL)
        return end + strlen(empty);
    while (text < end) {
        size_t skipped = 0;
        for (size_t d = 0; *text == ' ' && d < sizeof defaults / sizeof defaults[0]; d++)
            if (begins(text, defaults[d]))
                skipped = strlen(defaults[d]);
        const char *rest = text + skipped;
        if (skipped == 0 && begins(text, "translate("))
            rest = put_coordinates(out, text, ')');
        else if (skipped == 0 && (rest = put_colour(out, text)) == text)
            fputc(*rest++, out);
        text = rest;
    }
    return text;
}

static const char *put_tag(FILE *out, const char *text, bool has_boxes) {
    /* What it says, and shapes that are drawn larger, stay as they are. */
    static const char *const kept[][2] = {{"<text", "</text>"},
                                          {"<title", "</title>"},
                                          {"<desc", "</desc>"},
                                          {"<path id='gpPt", ">"}};
    for (size_t k = 0; k < sizeof kept / sizeof kept[0]; k++)
        if (begins(text, kept[k][0]))
            return put_until(out, text, kept[k][1]);
    if (begins(text, canvas)) {
        fputs(canvas_with_defaults, out);
        return text + strlen(canvas);
    }
    if (begins(text, background)) {
        fprintf(out, "%s stroke=\"none\"", background);
        return text + strlen(background);
    }
    if (begins(text, "<g "))
        return put_group(out, text);
    if (!has_boxes && begins(text, "<filter ")) {
        const char *end = strstr(text, "</filter>");
        return end != NULL ? end + strlen("</filter>") : put_until(out, text, ">");
    }
    fputc(*text, out);
    return text + 1;
}

static const char *put_next(FILE *out, const char *text, bool has_boxes) {
    static const char *const coordinates[] = {" d='", " points = '"};
    if (*text == '<')
        return put_tag(out, text, has_boxes);
    for (size_t c = 0; c < sizeof coordinates / sizeof coordinates[0]; c++)
        if (begins(text, coordinates[c])) {
            fputs(coordinates[c], out);
            return put_coordinates(out, text + strlen(coordinates[c]), '\'');
        }
    if (begins(text, "translate("))
        return put_coordinates(out, text, ')');
    const char *rest = put_colour(out, text);
    if (rest != text)
        return rest;
    size_t spaces = strspn(text, " \t\n");
    if (spaces > 1 && text[spaces] != '\'' && text[spaces] != '<') {
        text += spaces - 1;
        fputc(' ', out);
        return text + 1;
    }
    if (spaces > 0 && text[spaces] == '<') {
        fputc('\n', out);
        return text + spaces;
    }
    size_t plain = 1 + strcspn(text + 1, "<rt \t\n");
    fwrite(text, 1, plain, out);
    return text + plain;
}

const char *svg_compact(const char *svg, struct arena *arena) {
    if (strstr(svg, canvas) == NULL)
        return svg;
    struct text_stream compact;
    FILE *out = text_stream_open(&compact);
    bool has_boxes = strstr(svg, "url(#textbox)") != NULL || strstr(svg, "url(#greybox)") != NULL;
    while (*svg != '\0')
        svg = put_next(out, svg, has_boxes);
    return text_stream_close(&compact, arena);
}
