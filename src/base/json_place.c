#include "base/json_place.h"

#include "base/file.h"
#include "base/printable.h"
#include "base/text_stream.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MAX_DEPTH = 1000 }; /* as deep as cJSON reads */

/* A walk over a text, which stops at the first fault. */
struct json_walk {
    const char *text, *at;
    int depth;
    const char *fault; /* NULL: none so far */
    char complaint[200];
};

static int line_at(const char *text, const char *place) {
    int line = 1;
    for (; text < place; text++)
        line += *text == '\n';
    return line;
}

static bool stop(struct json_walk *walk, const char *place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static bool stop(struct json_walk *walk, const char *place, const char *format, ...) {
    va_list args;
    va_start(args, format);
    vsnprintf(walk->complaint, sizeof walk->complaint, format, args);
    va_end(args);
    walk->fault = place;
    return false;
}

/* Blanks; false at a comment, which JSON does not have. */
static bool skip_blanks(struct json_walk *walk) {
    walk->at += strspn(walk->at, " \t\r\n");
    if (walk->at[0] == '#' || (walk->at[0] == '/' && strchr("/*", walk->at[1]) != NULL))
        return stop(walk, walk->at, "JSON has no comments; take this out");
    return true;
}

/* At the first value, behind a byte order mark. */
static struct json_walk walk_begin(const char *text) {
    static const char mark[] = "\xef\xbb\xbf";
    bool is_marked = strncmp(text, mark, strlen(mark)) == 0;
    struct json_walk walk = {.text = text, .at = text + (is_marked ? strlen(mark) : 0)};
    skip_blanks(&walk);
    return walk;
}

static bool skip_string(struct json_walk *walk) {
    const char *begin = walk->at++;
    for (; *walk->at != '"'; walk->at++) {
        if (*walk->at == '\0' || *walk->at == '\n')
            return stop(walk, begin, "expected a closing \" on the same line");
        if (*walk->at != '\\')
            continue;
        walk->at++;
        if (*walk->at == 'u' && strspn(walk->at + 1, "0123456789abcdefABCDEF") < 4)
            return stop(walk, walk->at - 1, "expected four hexadecimal digits after \\u");
        if (*walk->at == '\0' || strchr("\"\\/bfnrtu", *walk->at) == NULL)
            return stop(walk, walk->at - 1,
                        "expected one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u; write \\\\ for a "
                        "backslash");
    }
    walk->at++;
    return true;
}

static bool skip_number(struct json_walk *walk) {
    const char *begin = walk->at, *end = begin + (*begin == '-');
    size_t whole = strspn(end, "0123456789");
    end += whole;
    bool good = whole > 0;
    if (good && *end == '.') {
        size_t digits = strspn(end + 1, "0123456789");
        good = digits > 0;
        end += 1 + digits;
    }
    if (good && (*end == 'e' || *end == 'E')) {
        end += 1 + (end[1] == '+' || end[1] == '-');
        size_t digits = strspn(end, "0123456789");
        good = digits > 0;
        end += digits;
    }
    if (!good || isalnum((unsigned char)*end) || *end == '.')
        return stop(walk, begin, "expected a number such as 12, -0.5 or 1e-3");
    walk->at = end;
    return true;
}

/* What is not quoted: true, false, null, or a mistake worth its own words. */
static bool skip_word(struct json_walk *walk) {
    static const char *const words[] = {"true", "false", "null"};
    size_t length = 0;
    while (isalnum((unsigned char)walk->at[length]) || walk->at[length] == '_')
        length++;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strlen(words[i]) == length && strncmp(walk->at, words[i], length) == 0) {
            walk->at += length;
            return true;
        }
        if (strlen(words[i]) == length && strncasecmp(walk->at, words[i], length) == 0)
            return stop(walk, walk->at, "expected %s, in small letters", words[i]);
    }
    static const char *const no_numbers[] = {"nan", "inf", "infinity"};
    for (size_t i = 0; i < sizeof no_numbers / sizeof no_numbers[0]; i++)
        if (strlen(no_numbers[i]) == length && strncasecmp(walk->at, no_numbers[i], length) == 0)
            return stop(walk, walk->at, "expected a value; JSON has finite numbers and null alone");
    if (*walk->at == '.' || *walk->at == '+')
        return skip_number(walk);
    if (length > 0)
        return stop(walk, walk->at,
                    "expected a value; text stands in double quotes, as in \"%.*s\"",
                    (int)(length < 40 ? length : 40), walk->at);
    return stop(walk, walk->at, "expected a value%s",
                *walk->at == '\'' ? "; text stands in double quotes, not in single ones" : "");
}

static bool skip_value(struct json_walk *walk);

/* After a member or element: whether a further one follows. False, too, at the end or a fault. */
static bool goes_on(struct json_walk *walk, const char *begin, char close) {
    const char *kind = close == '}' ? "object" : "list";
    if (!skip_blanks(walk))
        return false;
    if (*walk->at == close)
        return false;
    if (*walk->at != ',')
        return stop(walk, walk->at,
                    "expected \",\" or \"%c\" to go on with or close the %s of line %d", close,
                    kind, line_at(walk->text, begin));
    const char *comma = walk->at++;
    if (!skip_blanks(walk))
        return false;
    if (*walk->at == close)
        return stop(walk, comma, "expected no comma after the last %s of the %s",
                    close == '}' ? "member" : "element", kind);
    return true;
}

static bool skip_key(struct json_walk *walk) {
    if (*walk->at != '"')
        return stop(walk, walk->at, "expected a key in double quotes, as in \"seeds\": [0, 1]");
    if (!skip_string(walk) || !skip_blanks(walk))
        return false;
    if (*walk->at != ':')
        return stop(walk, walk->at, "expected \":\" after the key");
    walk->at++;
    return skip_blanks(walk);
}

/* Stands at the first member or element; false when there is none, or at a fault. */
static bool enter(struct json_walk *walk, char close) {
    if (++walk->depth > MAX_DEPTH)
        return stop(walk, walk->at, "this is more than %d levels deep", MAX_DEPTH);
    walk->at++;
    return skip_blanks(walk) && *walk->at != close;
}

static bool leave(struct json_walk *walk) {
    if (walk->fault != NULL)
        return false;
    walk->depth--;
    walk->at++;
    return true;
}

static bool skip_container(struct json_walk *walk, char close) {
    const char *begin = walk->at;
    if (enter(walk, close)) {
        do {
            if (close == '}' && !skip_key(walk))
                return false;
            if (!skip_value(walk))
                return false;
        } while (goes_on(walk, begin, close));
    }
    return leave(walk);
}

static bool skip_value(struct json_walk *walk) {
    if (*walk->at == '{')
        return skip_container(walk, '}');
    if (*walk->at == '[')
        return skip_container(walk, ']');
    if (*walk->at == '"')
        return skip_string(walk);
    if (*walk->at == '-' || isdigit((unsigned char)*walk->at))
        return skip_number(walk);
    return skip_word(walk);
}

/* --- syntax errors ---------------------------------------------------------------------------- */

/* The part of the place's line that fits a terminal, and a caret below the place. */
static void show_line(FILE *out, const char *text, const char *place, int line) {
    enum { BEFORE = 50, WIDTH = 66 };
    const char *begin = place;
    while (begin > text && begin[-1] != '\n' && place - begin < BEFORE)
        begin--;
    while (begin < place && ((unsigned char)*begin & 0xc0) == 0x80) /* inside a character */
        begin++;
    size_t length = strcspn(begin, "\r\n");
    length = length < WIDTH ? length : WIDTH;
    while (length > 0 && ((unsigned char)begin[length] & 0xc0) == 0x80)
        length--;
    struct arena arena = {0};
    char *shown = arena_printf(&arena, "%.*s", (int)length, begin);
    char *ahead = arena_printf(&arena, "%.*s", (int)(place - begin), begin);
    for (char *tab = strchr(shown, '\t'); tab != NULL; tab = strchr(tab, '\t'))
        *tab = ' ';
    size_t column = 0;
    for (const char *c = printable(&arena, ahead); *c != '\0'; c++)
        column += ((unsigned char)*c & 0xc0) != 0x80;
    fprintf(out, "\n%5d | %s\n      | %*s^", line, printable(&arena, shown), (int)column, "");
    arena_free(&arena);
}

bool json_syntax_error(const char *path, const char *text, const char *fallback,
                       struct error *error) {
    struct json_walk walk = walk_begin(text);
    if (walk.fault == NULL && skip_value(&walk) && skip_blanks(&walk) && *walk.at != '\0')
        stop(&walk, walk.at, "expected the end of the file after the value");
    if (walk.fault == NULL)
        stop(&walk, fallback, "not valid JSON here");
    const char *place = walk.fault;
    bool is_end = *place == '\0';
    while (is_end && place > text && strchr(" \t\r\n", place[-1]) != NULL)
        place--; /* shows the last line that holds something */
    int line = line_at(text, place), column = 1;
    for (const char *c = place; c > text && c[-1] != '\n'; c--)
        column += ((unsigned char)c[-1] & 0xc0) != 0x80;
    struct arena arena = {0};
    struct text_stream shown;
    show_line(text_stream_open(&shown), text, place, line);
    error_set(error, "%s:%d:%d: %s%s%s", path, line, column, walk.complaint,
              is_end ? ", but the file ends" : "", text_stream_close(&shown, &arena));
    arena_free(&arena);
    return false;
}

/* --- the line of a value ---------------------------------------------------------------------- */

/* Length of the start of `name` that equals the key (at its opening quote); 0: it does not. */
static size_t match_key(const char *key, const char *name) {
    size_t length = strcspn(key + 1, "\"");
    return strncmp(key + 1, name, length) == 0 && strchr(".[:", name[length]) != NULL &&
                   name[length] != '\0'
               ? length
               : 0;
}

/* Goes to the member that `*name` begins with, the last of equal ones if `wants_last`, and moves `*name` behind
 * it. False when there is none. */
static bool find_member(struct json_walk *walk, const char **name, bool wants_last) {
    const char *begin = walk->at, *found = NULL;
    size_t length = 0;
    if (enter(walk, '}')) {
        do {
            const char *key = walk->at;
            if (!skip_key(walk))
                return false;
            size_t matched = match_key(key, *name);
            if (matched > 0 && (found == NULL || wants_last)) {
                found = key;
                length = matched;
            }
            if (!skip_value(walk))
                return false;
        } while (goes_on(walk, begin, '}'));
    }
    if (found == NULL)
        return false;
    walk->at = found;
    *name += length;
    return skip_key(walk);
}

/* The same for "[3]", or for ": element 3:". */
static bool find_element(struct json_walk *walk, const char **name) {
    int position = -1, used = 0;
    const char *begin = walk->at;
    if (sscanf(*name, "[%d]%n", &position, &used) != 1 || used == 0)
        if (sscanf(*name, ": element %d%n", &position, &used) != 1)
            return false;
    if (!enter(walk, ']'))
        return false;
    for (; position > 0; position--)
        if (!skip_value(walk) || !goes_on(walk, begin, ']'))
            return false;
    *name += used;
    return true;
}

int json_line_of(const char *text, const char *sentence) {
    struct json_walk walk = walk_begin(text);
    const char *name = sentence, *found = NULL;
    bool wants_last = strstr(sentence, ": is given twice") != NULL, goes_deeper = true;
    while (goes_deeper) {
        goes_deeper = *walk.at == '{'   ? find_member(&walk, &name, wants_last)
                      : *walk.at == '[' ? find_element(&walk, &name)
                                        : false;
        found = goes_deeper ? walk.at : found;
        name += goes_deeper && *name == '.';
    }
    bool is_whole = *name == ':' || strstr(sentence, ": is required") != NULL;
    return found != NULL && is_whole ? line_at(text, found) : 0;
}

struct placed {
    char *sentence; /* behind the path */
    bool is_ours;
    int line, position;
};

static int compare_places(const void *a, const void *b) {
    const struct placed *first = a, *second = b;
    if (first->line != second->line)
        return first->line < second->line ? -1 : 1;
    return first->position < second->position ? -1 : first->position > second->position;
}

static bool is_assigned(const char *sentence, const char *const *assigned, size_t count) {
    for (size_t i = 0; i < count; i++) {
        size_t length = strcspn(assigned[i], "=");
        if (strncmp(sentence, assigned[i], length) == 0 && sentence[length] != '\0' &&
            strchr(".[:", sentence[length]) != NULL)
            return true;
    }
    return false;
}

bool json_place_errors(const char *path, const char *const *assigned, size_t count,
                       struct error *error) {
    struct arena arena = {0};
    struct error unread;
    const char *text = file_read(path, &arena, NULL, &unread);
    struct placed *placed = NULL;
    size_t length = strlen(path);
    int lines = 0;
    char *rest = arena_strdup(&arena, error->text);
    for (char *line = strsep(&rest, "\n"); line != NULL; line = strsep(&rest, "\n")) {
        placed = arena_grow(&arena, placed, (size_t)lines, sizeof *placed);
        struct placed *this = &placed[lines];
        *this = (struct placed){.sentence = line, .position = lines};
        if (strncmp(line, path, length) == 0 && strncmp(line + length, ": ", 2) == 0) {
            this->is_ours = true;
            this->sentence += length + 2;
            if (text != NULL && !is_assigned(this->sentence, assigned, count))
                this->line = json_line_of(text, this->sentence);
        }
        /* what goes on on a line of its own stays below its sentence */
        if (line[0] == ' ' && lines > 0)
            this->line = placed[lines - 1].line;
        lines++;
    }
    if (lines > 0)
        qsort(placed, (size_t)lines, sizeof *placed, compare_places);
    size_t used = 0;
    for (int i = 0; i < lines && used < sizeof error->text; i++) {
        char number[16] = "";
        if (placed[i].line > 0 && placed[i].is_ours)
            snprintf(number, sizeof number, ":%d", placed[i].line);
        used += (size_t)snprintf(error->text + used, sizeof error->text - used, "%s%s%s%s%s",
                                 i > 0 ? "\n" : "", placed[i].is_ours ? path : "", number,
                                 placed[i].is_ours ? ": " : "", placed[i].sentence);
    }
    arena_free(&arena);
    return false;
}
