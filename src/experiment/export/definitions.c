#include "experiment/export/definitions.h"

#include <ctype.h>
#include <string.h>

static bool is_of_word(char c) {
    return isalnum((unsigned char)c) || c == '_';
}

/* Whether a name stands in C code as a word of its own. */
static bool uses_name(const char *code, const char *name, size_t length) {
    for (const char *at = strstr(code, name); at != NULL; at = strstr(at + 1, name))
        if (strncmp(at, name, length) == 0 && (at == code || !is_of_word(at[-1])) &&
            !is_of_word(at[length]))
            return true;
    return false;
}

/* Behind the comments that a definition begins with. */
static const char *skip_comment(const char *text) {
    while (strncmp(text, "/*", 2) == 0) {
        text = strstr(text, "*/") + 2;
        text += strspn(text, " \n");
    }
    return text;
}

/* The word that ends before `end`. */
static const char *word_before(const char *start, const char *end, size_t *length) {
    while (end > start && !is_of_word(end[-1]))
        end--;
    const char *word = end;
    while (word > start && is_of_word(word[-1]))
        word--;
    *length = (size_t)(end - word);
    return word;
}

/* What a definition defines: NAME of "#define NAME", "struct NAME {", "enum { NAME", or of a
 * function the word before its first parenthesis. */
static const char *name_of(const char *definition, size_t *length) {
    const char *code = skip_comment(definition);
    const char *ends = strncmp(code, "#define ", 8) == 0  ? code + 8 + strcspn(code + 8, " (\n")
                       : strncmp(code, "struct ", 7) == 0 ? code + strcspn(code, "{")
                       : strncmp(code, "enum ", 5) == 0   ? code + strcspn(code, "=")
                                                          : code + strcspn(code, "(");
    return word_before(code, ends, length);
}

const char *definitions_used(const char *library, const char *users, struct arena *arena) {
    char *text = arena_strdup(arena, library);
    size_t count = 0;
    char **items = ARENA_NEW(arena, char *, strlen(library) / 2 + 1);
    for (char *item = text; item != NULL && *item != '\0';) {
        char *end = strstr(item, "\n\n");
        items[count++] = item;
        if (end != NULL) {
            *end = '\0';
            end += 2 + strspn(end + 2, "\n");
        }
        item = end;
    }
    /* From the last on, because what is used stands before what uses it. */
    const char *picked = "";
    while (count-- > 0) {
        size_t length;
        const char *name = name_of(items[count], &length);
        char *word = arena_printf(arena, "%.*s", (int)length, name);
        if (uses_name(users, word, length) || uses_name(picked, word, length))
            picked =
                arena_printf(arena, "%s%s\n%s", items[count],
                             items[count][strlen(items[count]) - 1] == '\n' ? "" : "\n", picked);
    }
    return picked;
}
