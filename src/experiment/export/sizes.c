#include "experiment/export/sizes.h"

#include "base/file.h"
#include "base/log.h"
#include "base/process.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct code_sizes {
    size_t text, constants, data; /* bytes of code, read-only data, other data */
    size_t stack;                 /* at most, of a step: all frames together; 0: not known */
};

enum { MAX_WORDS = 64 };

/* --- object files (ELF, 32 or 64 bits, little-endian) ----------------------------------------- */

static uint64_t number_at(const unsigned char *bytes, size_t size) {
    uint64_t number = 0;
    for (size_t i = size; i-- > 0;)
        number = number << 8 | bytes[i];
    return number;
}

static void count_section(const char *name, uint64_t flags, size_t size, struct code_sizes *sizes) {
    enum { WRITE = 1, ALLOC = 2, EXECUTE = 4 };
    bool is_unwinding = strncmp(name, ".eh_frame", 9) == 0 || strncmp(name, ".ARM.ex", 7) == 0;
    if ((flags & ALLOC) == 0 || is_unwinding)
        return;
    if ((flags & EXECUTE) != 0)
        sizes->text += size;
    else if ((flags & WRITE) == 0 || strncmp(name, ".data.rel.ro", 12) == 0)
        sizes->constants += size;
    else
        sizes->data += size;
}

static bool count_sections(const unsigned char *bytes, size_t size, struct code_sizes *sizes) {
    if (size < 64 || memcmp(bytes, "\177ELF", 4) != 0 || bytes[5] != 1)
        return false;
    size_t word = bytes[4] == 2 ? 8 : 4;
    size_t table = (size_t)number_at(bytes + (word == 8 ? 40 : 32), word);
    const unsigned char *counts = bytes + (word == 8 ? 58 : 46);
    size_t entry = (size_t)number_at(counts, 2), count = (size_t)number_at(counts + 2, 2);
    size_t names = (size_t)number_at(counts + 4, 2);
    if (table + entry * count > size || names >= count || entry < 16 + 4 * word)
        return false;
    size_t text = (size_t)number_at(bytes + table + entry * names + 8 + 2 * word, word);
    for (size_t i = 0; i < count; i++) {
        const unsigned char *section = bytes + table + entry * i;
        size_t name = text + (size_t)number_at(section, 4);
        if (name >= size)
            return false;
        count_section((const char *)bytes + name, number_at(section + 8, word),
                      (size_t)number_at(section + 8 + 3 * word, word), sizes);
    }
    return true;
}

/* The frames of all functions but the self-test: "FILE:LINE:COLUMN:NAME\tBYTES\tKIND" a line. */
static size_t count_stack(const char *lines) {
    size_t sum = 0;
    while (lines != NULL && *lines != '\0') {
        size_t length = strcspn(lines, "\n");
        const char *tab = memchr(lines, '\t', length);
        if (tab != NULL && !(tab - lines > 10 && strncmp(tab - 10, "_self_test", 10) == 0))
            sum += strtoul(tab + 1, NULL, 10);
        lines += length + (lines[length] == '\n');
    }
    return sum;
}

/* --- compiling -------------------------------------------------------------------------------- */

static bool compile(const char *source, const char *compiler, const char *prefix,
                    const char *object, struct arena *arena, struct error *error) {
    const char *argv[MAX_WORDS + 8];
    int count = 0;
    char *words = arena_strdup(arena, compiler), *rest = words;
    for (char *word; count < MAX_WORDS && (word = strtok_r(rest, " ", &rest)) != NULL;)
        argv[count++] = word;
    if (count == 0)
        return error_set(error, "--cc: give a compiler");
    char *without_main = arena_printf(arena, "-D%s_WITHOUT_MAIN", prefix);
    for (char *c = without_main + 2; *c != '\0'; c++)
        *c = (char)toupper((unsigned char)*c);
    const char *more[] = {"-std=c99", "-fstack-usage", without_main, "-c", source,
                          "-o",       object,          NULL};
    memcpy(argv + count, more, sizeof more);
    struct process_options options = {.arena = arena, .seconds = 600};
    struct process_result result;
    if (!process_run(argv, &options, &result, error))
        return false;
    if (result.code == PROCESS_MISSING)
        return error_set(error, "there is no compiler \"%s\" here", argv[0]);
    if (result.first[0] == '\0')
        return result.code == 0 || error_set(error, "%s: exit code %d", argv[0], result.code);
    return result.code == 0 || error_set(error, "%s: %s", argv[0], result.first);
}

/* Compiles the file without its main program in a temporary folder. `compiler` is a command and its
 * options. False when there is no such program or it fails. */
static bool measure_code(const char *source, const char *compiler, const char *prefix,
                         struct code_sizes *sizes, struct error *error) {
    struct arena arena = {0};
    const char *folder = file_make_temporary_folder("/tmp/liquidbench-export", &arena, error);
    *sizes = (struct code_sizes){0};
    bool good = folder != NULL;
    if (good) {
        char *object = path_join(&arena, folder, "model.o");
        char *frames = path_join(&arena, folder, "model.su");
        size_t size;
        const unsigned char *bytes = NULL;
        good = compile(source, compiler, prefix, object, &arena, error) &&
               (bytes = (unsigned char *)file_read(object, &arena, &size, error)) != NULL;
        if (good && !count_sections(bytes, size, sizes))
            good = error_set(error, "%s: writes no object files that can be read here", compiler);
        if (good && file_exists(frames))
            sizes->stack = count_stack(file_read(frames, &arena, NULL, error));
        file_remove_tree(folder);
    }
    arena_free(&arena);
    return good;
}

void export_print_sizes(const char *source, const char *compiler, const char *prefix,
                        const struct exported *exported) {
    struct code_sizes sizes;
    struct error error;
    printf("%-34s %9zu bytes\n", "weights", exported->weight_bytes);
    printf("%-34s %9zu bytes\n", "state of a stream", exported->state_bytes);
    if (!measure_code(source, compiler != NULL ? compiler : "cc -Os", prefix, &sizes, &error)) {
        log_error("%s: code and stack are not measured: %s", source, error.text);
        return;
    }
    printf("%-34s %9zu bytes\n%-34s %9zu bytes\n", "code (.text)", sizes.text,
           "constants (.rodata, with weights)", sizes.constants);
    if (sizes.data > 0)
        printf("%-34s %9zu bytes\n", "other data", sizes.data);
    if (sizes.stack > 0)
        printf("%-34s %9zu bytes\n", "stack of a step, at most", sizes.stack);
    printf("measured with: %s\n", compiler != NULL ? compiler : "cc -Os");
}
