#include "experiment/export/write.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

enum { LANES = 16, FEW_LANES = 4 }; /* as in device/library.c */

void write_float(FILE *out, double value) {
    char text[40];
    snprintf(text, sizeof text, "%.9g", (double)(float)value);
    fprintf(out, "%s%sf", text, strpbrk(text, ".e") == NULL ? ".0" : "");
}

void write_string(FILE *out, const char *text) {
    fputc('"', out);
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '"' || c == '\\' || c == '?') /* no trigraphs */
            fprintf(out, "\\%c", c);
        else if (c < 32 || c > 126)
            fprintf(out, "\\%03o", c);
        else
            fputc(c, out);
    }
    fputc('"', out);
}

void write_comment(FILE *out, const char *text) {
    for (; *text != '\0'; text++) {
        bool ends = text[0] == '*' && text[1] == '/', begins = text[0] == '/' && text[1] == '*';
        fputc((unsigned char)*text < 32 && *text != '\n' ? ' ' : *text, out);
        if (ends || begins)
            fputc(' ', out);
        if (*text == '\n')
            fputs(" * ", out);
    }
}

/* --- arrays ----------------------------------------------------------------------------------- */

/* What comes between numbers: eight on a line. */
static void separate(FILE *out, size_t i) {
    fputs(i == 0 ? "\n    " : i % 8 == 0 ? ",\n    " : ", ", out);
}

void write_floats(FILE *out, const char *name, size_t count, const double *values) {
    fprintf(out, "static const float %s[] = {", name);
    for (size_t i = 0; i < count; i++) {
        separate(out, i);
        write_float(out, values[i]);
    }
    fputs("};\n\n", out);
}

/* "l0_weight_ih" */
static void array_name(int layer, const struct stored *tensor, char name[256]) {
    snprintf(name, 256, "l%d_%s", layer, tensor->path);
    for (char *c = name; *c != '\0'; c++)
        *c = isalnum((unsigned char)*c) ? *c : '_';
}

static void write_number(FILE *out, enum weight_type type, float value, float scale) {
    if (type == WEIGHT_FLOAT16)
        fprintf(out, "0x%04x", half_bits(value));
    else if (type == WEIGHT_INT8)
        fprintf(out, "%d", scale > 0 ? (int)rintf(value / scale) : 0);
    else
        write_float(out, (double)value);
}

/* A dense matrix in blocks of rows, as device/library.c reads it. */
static void write_blocks(FILE *out, const struct stored *tensor, enum weight_type type) {
    size_t columns = (size_t)tensor->columns, rows = (size_t)tensor->rows, written = 0;
    for (size_t part = 0; part < (size_t)tensor->parts; part++)
        for (size_t first = 0, lanes; first < rows; first += lanes) {
            lanes = rows - first >= LANES ? LANES : rows - first >= FEW_LANES ? FEW_LANES : 1;
            for (size_t column = 0; column < columns; column++)
                for (size_t row = first; row < first + lanes; row++) {
                    size_t at = part * rows + row;
                    separate(out, written++);
                    write_number(out, type, tensor->values[at * columns + column],
                                 tensor->scale[at]);
                }
        }
}

static void write_places(FILE *out, const char *name, const char *suffix, size_t count,
                         const int *places) {
    fprintf(out, "static const place %s_%s[] = {", name, suffix);
    for (size_t i = 0; i < count; i++) {
        separate(out, i);
        fprintf(out, "%d", places[i]);
    }
    fputs("};\n\n", out);
}

static size_t number_size(enum weight_type type) {
    return type == WEIGHT_FLOAT32 ? 4 : type == WEIGHT_FLOAT16 ? 2 : 1;
}

size_t write_tensor(FILE *out, int layer, const struct stored *tensor, enum weight_type type) {
    char name[256];
    array_name(layer, tensor, name);
    if (!tensor->is_matrix)
        type = WEIGHT_FLOAT32;
    fprintf(out, "static const %s %s[] ALIGNED = {", tensor->is_matrix ? "number" : "float", name);
    if (tensor->row == NULL && tensor->is_matrix)
        write_blocks(out, tensor, type);
    for (size_t i = 0; (tensor->row != NULL || !tensor->is_matrix) && i < tensor->count; i++) {
        separate(out, i);
        write_number(out, type, tensor->values[i],
                     tensor->scale[tensor->row != NULL ? (size_t)tensor->row[i] : 0]);
    }
    if (tensor->count == 0)
        fputs("0", out);
    fputs("};\n\n", out);
    size_t bytes = tensor->count * number_size(type);
    if (type == WEIGHT_INT8) {
        size_t rows = (size_t)tensor->parts * (size_t)tensor->rows;
        fprintf(out, "static const float %s_scale[] = {", name);
        for (size_t i = 0; i < rows; i++) {
            separate(out, i);
            write_float(out, (double)tensor->scale[i]);
        }
        fputs("};\n\n", out);
        bytes += rows * 4;
    }
    if (tensor->row != NULL) {
        write_places(out, name, "row", tensor->count, tensor->row);
        write_places(out, name, "column", tensor->count, tensor->column);
    }
    return bytes;
}

/* A sparse matrix without numbers is one of no rows, which nothing is computed of. */
static void write_matrix(FILE *out, const char *name, const struct stored *tensor, int part,
                         enum weight_type type) {
    bool is_empty = tensor->row != NULL && tensor->count == 0;
    size_t first = (size_t)part * (size_t)tensor->rows * (size_t)tensor->columns;
    fprintf(out, "{%d, %d, %s + %zu, ", is_empty ? 0 : tensor->rows, tensor->columns, name, first);
    if (type == WEIGHT_INT8)
        fprintf(out, "%s_scale + %d, ", name, part * tensor->rows);
    else
        fputs("NULL, ", out);
    if (tensor->row != NULL)
        fprintf(out, "%zu, %s_row, %s_column}", tensor->count, name, name);
    else
        fputs("0, NULL, NULL}", out);
}

void write_initialiser(FILE *out, int layer, const char *prefix, const struct stored *tensor,
                       enum weight_type type) {
    char name[256];
    array_name(layer, tensor, name);
    for (int part = 0; part < tensor->parts; part++) {
        fprintf(out, "        .%s%s", prefix, tensor->path);
        if (tensor->is_list)
            fprintf(out, "[%d]", part);
        fputs(" = ", out);
        if (tensor->is_matrix)
            write_matrix(out, name, tensor, part, type);
        else
            fputs(name, out);
        fputs(",\n", out);
    }
}

/* --- options ---------------------------------------------------------------------------------- */

static void upper_name(const char *above, const char *name, char upper[256]) {
    snprintf(upper, 256, "%s%s", above, name);
    for (char *c = upper; *c != '\0'; c++)
        *c = isalnum((unsigned char)*c) ? (char)toupper((unsigned char)*c) : '_';
}

static void write_choice(FILE *out, const char *name, const struct field *field, int choice) {
    const char *text;
    fprintf(out, "#define %s %d\n", name, choice > 0);
    for (size_t i = 0; (text = field->choices(i)) != NULL; i++) {
        char whole[256], above[256];
        snprintf(above, sizeof above, "%.240s_", name);
        upper_name(above, text, whole);
        fprintf(out, "#define %s %d\n", whole, choice == (int)i + 1);
    }
}

void write_options(FILE *out, const char *above, const struct field *fields, const void *options) {
    for (const struct field *field = fields; field != NULL && field->name != NULL; field++) {
        const void *value = (const char *)options + field->offset;
        char name[256];
        upper_name(above, field->name, name);
        if (field->type == FIELD_BOOL)
            fprintf(out, "#define %s %d\n", name, *(const bool *)value);
        else if (field->type == FIELD_INT)
            fprintf(out, "#define %s %d\n", name, *(const int *)value);
        else if (field->type == FIELD_REAL)
            fprintf(out, "#define %s %.17g%s\n", name, *(const double *)value,
                    *(const double *)value == rint(*(const double *)value) &&
                            fabs(*(const double *)value) < 1e15
                        ? ".0"
                        : "");
        else if (field->type == FIELD_CHOICE)
            write_choice(out, name, field, *(const int *)value);
        else if (field->type == FIELD_OBJECT && strcmp(field->name, "wiring") != 0) {
            char below[256];
            snprintf(below, sizeof below, "%.250s_", name);
            write_options(out, below, field->fields, value);
        }
    }
}
