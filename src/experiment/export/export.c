#include "experiment/export/export.h"

#include "base/csv_text.h"
#include "base/log.h"
#include "base/text_stream.h"
#include "base/version.h"
#include "experiment/deploy/feed.h"
#include "experiment/export/definitions.h"
#include "experiment/export/device_text.h"
#include "experiment/export/write.h"
#include "math/random.h"

#include <ctype.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TEST_ROWS = 16 };

/* --- what stands around a cell ---------------------------------------------------------------- */

/* The file around a cell, and the first words of the paths that are its own tensors'. */
struct surrounding {
    const char *file;
    const char *own[5];
};

static const struct surrounding bare = {"bare.c", {NULL}};
static const struct surrounding mixed_memory = {"mixed_memory.c", {"lstm.", NULL}};
static const struct surrounding residual_block = {
    "residual_block.c", {"linear_encoder.", "glu.", "mlps[", "norm.", NULL}};

static bool has_option(const struct cell *cell, const char *name) {
    for (const struct field *field = cell->type->options; field != NULL && field->name; field++)
        if (strcmp(field->name, name) == 0)
            return true;
    return false;
}

static const struct surrounding *surrounding_of(const struct network *network) {
    const struct cell *cell = &network->cells[0];
    /* A block may be absent, but for the encoder that all layers but Liquid-S4 have even then. */
    if (has_option(cell, "block"))
        return cell->inner != NULL ? &residual_block : &bare;
    return has_option(cell, "mixed_memory") ? &mixed_memory : &bare;
}

static bool is_around(const struct surrounding *surrounding, const char *path) {
    for (size_t i = 0; surrounding->own[i] != NULL; i++)
        if (strncmp(path, surrounding->own[i], strlen(surrounding->own[i])) == 0)
            return true;
    return false;
}

static char *cell_file(const struct cell_type *type, struct arena *arena) {
    return arena_printf(arena, "cells/%s.c", type->name);
}

bool export_knows(const struct cell_type *cell, struct error *error) {
    struct arena arena = {0};
    bool known = device_text(cell_file(cell, &arena)) != NULL;
    arena_free(&arena);
    if (!cell->streams)
        return error_set(error, "a \"%s\" reads sequences in both directions: it cannot stream",
                         cell->name);
    return known ||
           error_set(error, "a \"%s\" cannot be exported: there is no C for its step", cell->name);
}

static bool check(const struct saved_model *model, const struct export_options *options,
                  struct error *error) {
    const struct network *network = &model->network;
    if (network->normalization.kind != 0)
        return error_set(error, "the model normalises whole windows (task.normalize): it cannot "
                                "stream");
    return export_knows(network->cells[0].type, error) &&
           stored_check(network, model->params, options->type, error);
}

/* model_step() takes floats: near a large offset they have few digits left for what varies. */
static void warn_of_rounding(const struct saved_model *model) {
    for (int i = 0; i < model->columns; i++) {
        double lost = 0.5 * FLT_EPSILON * fabs(model->offset[i]) / model->scale[i];
        if (lost > 1e-4)
            log_warning("input \"%s\" varies by %.3g around %.7g: as floats its values are rounded "
                        "by up to "
                        "%.2g %% of that; subtract %.7g before training and before model_step()",
                        model->column_names[i], model->scale[i], model->offset[i], 100 * lost,
                        model->offset[i]);
    }
}

/* --- scaling ---------------------------------------------------------------------------------- */

struct scales {
    const double *scale, *offset, *missing; /* [columns] */
    double *target_scale, *target_offset;   /* [targets] */
};

static bool find_series(const struct saved_model *model, const char *wanted, int *found,
                        struct error *error) {
    *found = model->known_count == 1 ? 0 : -1;
    for (int i = 0; wanted != NULL && i < model->known_count; i++)
        if (strcmp(model->known_groups[i], wanted) == 0 ||
            strcmp(model->known_names[i], wanted) == 0)
            *found = i;
    if (*found >= 0)
        return true;
    return error_set(error,
                     "the model scales each series separately: give --series with one of the %d it "
                     "was trained on, such as \"%s\"",
                     model->known_count, model->known_count > 0 ? model->known_groups[0] : "");
}

static bool choose_scales(struct saved_model *model, const char *series, struct scales *scales,
                          struct error *error) {
    int known;
    *scales = (struct scales){model->scale, model->offset, model->mean, model->target_scale,
                              model->target_offset};
    if (!model->scales_series)
        return series == NULL || error_set(error, "--series: the model scales all series alike");
    if (!find_series(model, series, &known, error))
        return false;
    size_t at = (size_t)known * (size_t)model->columns;
    scales->scale = model->known_scale + at;
    scales->offset = model->known_offset + at;
    scales->missing = model->known_missing + at;
    scales->target_scale = ARENA_NEW(&model->arena, double, model->targets);
    scales->target_offset = ARENA_NEW(&model->arena, double, model->targets);
    for (int k = 0; k < model->targets; k++) {
        int input = model->classes > 0 ? -1 : model->target_input[k];
        scales->target_scale[k] = input >= 0 ? scales->scale[input] : model->target_scale[k];
        scales->target_offset[k] = input >= 0 ? scales->offset[input] : model->target_offset[k];
    }
    return true;
}

/* --- the file --------------------------------------------------------------------------------- */

struct writer {
    struct saved_model *model;
    const struct export_options *options;
    struct scales scales;
    struct arena arena;
    FILE *out;
    size_t weight_bytes;
};

/* Public names begin with the prefix instead of "model_", macros with it in capitals. */
static void write_device_text(const struct writer *writer, FILE *out, const char *text) {
    const char *prefix = writer->options->prefix;
    for (const char *at = text; *at != '\0';) {
        bool starts = at == text || !(isalnum((unsigned char)at[-1]) || at[-1] == '_');
        if (starts && strncmp(at, "model_", 6) == 0) {
            fprintf(out, "%s_", prefix);
            at += 6;
        } else if (starts && strncmp(at, "MODEL_", 6) == 0) {
            for (const char *c = prefix; *c != '\0'; c++)
                fputc(toupper((unsigned char)*c), out);
            fputc('_', out);
            at += 6;
        } else {
            fputc(*at++, out);
        }
    }
}

static int largest(const struct network *network, int (*of)(const struct cell *)) {
    int max = 1;
    for (int l = 0; l < network->layers; l++)
        max = of(&network->cells[l]) > max ? of(&network->cells[l]) : max;
    return max;
}

static int inputs_of(const struct cell *cell) {
    return cell->inputs;
}

static int hidden_of(const struct cell *cell) {
    return cell->hidden;
}

static int outputs_of(const struct cell *cell) {
    return cell->outputs;
}

static bool has_sparse(const struct network *network, int *highest) {
    bool sparse = false;
    *highest = 0;
    for (int i = 0; i < network->params.count; i++) {
        const struct param *param = &network->params.items[i];
        sparse = sparse || param->position != NULL;
        for (int d = 0; d < param->dimensions; d++)
            *highest = param->shape[d] > *highest ? param->shape[d] : *highest;
    }
    return sparse;
}

static void write_definitions(const struct writer *writer) {
    const struct saved_model *model = writer->model;
    const struct network *network = &model->network;
    const struct cell *cell = &network->cells[0];
    int highest;
    bool sparse = has_sparse(network, &highest);
    FILE *out = writer->out;
    fprintf(out,
            "/* The network. */\n"
            "#define LAYERS %d\n#define NETWORK_INPUTS %d\n#define FLAGS %d\n"
            "#define TIME_INPUT %d\n#define AVERAGES %d\n#define CLASSES %d\n#define TARGETS %d\n"
            "#define REFUSES_MISSING %d\n#define FILLS_FORWARD %d\n",
            network->layers, network->inputs + network->time_input, model->flags,
            network->time_input, network->averages, model->classes, model->targets,
            model->missing == MISSING_ERROR, missing_is_forward(model->missing));
    fputs("#define TIME_UNIT ", out);
    write_float(out, model->time_unit);
    fprintf(out,
            "\n#define MAX_INPUTS %d\n#define HIDDEN %d\n#define MAX_OUTPUTS %d\n"
            "#define IS_SPARSE %d\n#define IS_WIRED %d\n\n/* The cell's options. */\n",
            largest(network, inputs_of), largest(network, hidden_of), largest(network, outputs_of),
            sparse, cell->wiring != NULL);
    write_options(out, "OPTION_", cell->type->options, cell->options);
    fprintf(out, "\n%s", device_text("compilers.c"));
    fprintf(out, "\ntypedef uint%d_t place; /* of a number in a sparse matrix */\n\n",
            highest <= 256     ? 8
            : highest <= 65536 ? 16
                               : 32);
}

/* The cell's code in front of what uses it, and in front of all of that what it uses. */
static void write_code(const struct writer *writer) {
    struct arena *arena = (struct arena *)&writer->arena;
    const struct network *network = &writer->model->network;
    const char *cell = device_text(cell_file(network->cells[0].type, arena));
    const char *around = device_text(surrounding_of(network)->file);
    const char *number = device_text(
        arena_printf(arena, "number_%s.c", weight_type_name((size_t)writer->options->type)));
    const char *main_text = writer->options->has_main ? device_text("main.c") : "";
    const char *users =
        arena_printf(arena, "%s\n%s\n%s\n%s", cell, around, device_text("network.c"), main_text);
    const char *library = definitions_used(device_text("library.c"), users, arena);
    const char *with_number = arena_printf(arena, "%s\n%s\n%s", users, library, number);
    const char *pointwise = strstr(device_text("pointwise_float.h"), "#include <string.h>\n\n") +
                            strlen("#include <string.h>\n\n");
    char *functions = arena_strdup(arena, pointwise);
    char *guard = strstr(functions, "#endif");
    if (guard != NULL)
        *guard = '\0';
    fprintf(writer->out, "%s\n", definitions_used(functions, with_number, arena));
    /* The type of stored numbers first, then matrices, then what reads them. */
    const char *end_of_type = strstr(number, ";\n") + 2;
    const char *matrix_end = strstr(library, "};\n") + 3;
    fprintf(writer->out, "%.*s\n%.*s%s\n%s\n%s\n%s\n", (int)(end_of_type - number), number,
            (int)(matrix_end - library), library, end_of_type, matrix_end, cell, around);
}

static void write_layer(struct writer *writer, int l, FILE *initialisers) {
    const struct network *network = &writer->model->network;
    const struct surrounding *surrounding = surrounding_of(network);
    enum weight_type type = writer->options->type;
    int count;
    const struct stored *tensors =
        stored_layer(network, writer->model->params, l, type, &writer->arena, &count);
    for (int t = 0; t < count; t++) {
        const char *prefix =
            l == network->layers || is_around(surrounding, tensors[t].path) ? "" : "inside.";
        writer->weight_bytes += write_tensor(writer->out, l, &tensors[t], type);
        write_initialiser(initialisers, l, prefix, &tensors[t], type);
    }
}

/* Inputs and outputs of the cell inside what stands around it. */
static void write_sizes(const struct writer *writer, int l, FILE *out) {
    const struct network *network = &writer->model->network;
    const struct cell *cell = &network->cells[l];
    const struct surrounding *surrounding = surrounding_of(network);
    int inputs = cell->inputs, hidden = cell->hidden, outputs = cell->outputs;
    fprintf(out, "        .inputs = %d,\n        .outputs = %d,\n        .state = %d,\n", inputs,
            outputs, cell->state);
    if (surrounding == &residual_block)
        fprintf(out, "        .inside.inputs = %d,\n        .inside.outputs = CELL_WIDTH(%d),\n",
                hidden, hidden);
    else if (surrounding == &mixed_memory)
        fprintf(out, "        .inside.inputs = MEMORY_FEEDS_INPUT ? %d : %d,\n", hidden, inputs);
    else
        fprintf(out, "        .inside.inputs = %d,\n", inputs);
    if (surrounding != &residual_block)
        fprintf(out, "        .inside.outputs = %d,\n", outputs);
    if (strcmp(cell->type->name, "tcn") == 0)
        fprintf(out, "        .inside.dilation = %d,\n", 1 << l);
    if (strcmp(cell->type->name, "grud") == 0)
        fprintf(out, "        .inside.flags = %d,\n        .inside.means = input_missing,\n",
                cell->flags);
}

static void write_network(struct writer *writer) {
    const struct network *network = &writer->model->network;
    struct text_stream stream;
    FILE *initialisers = text_stream_open(&stream); /* weights are written before it */
    fputs("static const struct layer layers[LAYERS] = {\n", initialisers);
    for (int l = 0; l < network->layers; l++) {
        fputs("    {\n", initialisers);
        write_sizes(writer, l, initialisers);
        write_layer(writer, l, initialisers);
        fputs("    },\n", initialisers);
    }
    fputs("};\n\nstatic const struct linear readout = {\n", initialisers);
    write_layer(writer, network->layers, initialisers);
    fputs("};\n\n", initialisers);
    fputs(text_stream_close(&stream, &writer->arena), writer->out);
}

static void write_scales(const struct writer *writer) {
    const struct saved_model *model = writer->model;
    const struct scales *scales = &writer->scales;
    size_t columns = (size_t)model->columns, targets = (size_t)model->targets;
    double *rest = ARENA_NEW((struct arena *)&writer->arena, double, columns);
    for (size_t i = 0; i < columns; i++)
        rest[i] = scales->offset[i] - (double)(float)scales->offset[i];
    fputs(
        "/* x = (input - offset - offset_rest) / scale: the offset in two parts, so that none of\n"
        " * it is lost. output = out * scale + offset. */\n",
        writer->out);
    write_floats(writer->out, "input_offset", columns, scales->offset);
    write_floats(writer->out, "input_offset_rest", columns, rest);
    write_floats(writer->out, "input_scale", columns, scales->scale);
    fputs("/* Stand in for missing inputs, scaled. */\n", writer->out);
    write_floats(writer->out, "input_missing", columns, scales->missing);
    if (model->classes > 0)
        targets = 1;
    write_floats(writer->out, "output_scale", targets, scales->target_scale);
    write_floats(writer->out, "output_offset", targets, scales->target_offset);
}

/* --- the recorded rows of the self-test ------------------------------------------------------- */

/* What the engine answers to rows spread about the training data, in the data's units. */
static void write_test(const struct writer *writer) {
    const struct saved_model *model = writer->model;
    const struct network *network = &model->network;
    struct arena *arena = (struct arena *)&writer->arena;
    size_t inputs = (size_t)model->columns, outputs = (size_t)network->outputs;
    double *rows = ARENA_NEW(arena, double, TEST_ROWS *inputs);
    double *answers = ARENA_NEW(arena, double, TEST_ROWS *outputs);
    double elapsed[TEST_ROWS];
    gsl_rng *rng = random_stream(0, "self-test of an export");
    struct feed feed;
    feed_begin(&feed, model, arena);
    feed_scale(&feed, writer->scales.scale, writer->scales.offset, writer->scales.missing);
    for (size_t row = 0; row < TEST_ROWS; row++) {
        elapsed[row] = (double)(float)((0.5 + gsl_rng_uniform(rng)) * model->time_unit);
        for (size_t i = 0; i < inputs; i++)
            rows[row * inputs + i] =
                (double)(float)(writer->scales.offset[i] +
                                writer->scales.scale[i] * (3 * gsl_rng_uniform(rng) - 1.5));
        int missing;
        feed_step(&feed, rows + row * inputs, elapsed[row] / model->time_unit,
                  answers + row * outputs, &missing);
    }
    gsl_rng_free(rng);
    fprintf(writer->out,
            "/* Recorded rows, and what liquidbench answers to them. */\n"
            "enum { TEST_ROWS = %d };\n\n",
            TEST_ROWS);
    write_floats(writer->out, "test_elapsed", TEST_ROWS, elapsed);
    write_device_text(writer, writer->out, "static const float test_inputs[][MODEL_INPUTS] = {\n");
    for (size_t row = 0; row < 2 * TEST_ROWS; row++) {
        size_t width = row < TEST_ROWS ? inputs : outputs, at = row % TEST_ROWS;
        if (row == TEST_ROWS)
            write_device_text(writer, writer->out,
                              "};\n\nstatic const float test_outputs[][MODEL_OUTPUTS] = {\n");
        fputs("    {", writer->out);
        for (size_t i = 0; i < width; i++) {
            fputs(i == 0 ? "" : i % 8 == 0 ? ",\n     " : ", ", writer->out);
            write_float(writer->out, (row < TEST_ROWS ? rows : answers)[at * width + i]);
        }
        fputs("},\n", writer->out);
    }
    fputs("};\n\n", writer->out);
}

/* --- names for the main program --------------------------------------------------------------- */

/* A string that is a field of CSV. */
static void write_field(FILE *out, const char *text) {
    struct arena scratch = {0};
    struct text_stream field;
    csv_write_text(text_stream_open(&field), text);
    write_string(out, text_stream_close(&field, &scratch));
    arena_free(&scratch);
}

static void write_names(const struct writer *writer) {
    const struct saved_model *model = writer->model;
    FILE *out = writer->out;
    fputs("static const char *const input_names[] = {", out);
    for (int i = 0; i < model->columns; i++) {
        fputs(i > 0 ? ", " : "", out);
        write_string(out, model->column_names[i]);
    }
    fputs("};\nstatic const char *const output_fields[] = {", out);
    for (int k = 0; k < model->network.outputs; k++) {
        char name[256];
        saved_model_output_name(model, k, name);
        fputs(k > 0 ? ", " : "", out);
        write_field(out, name);
    }
    fputs("};\nstatic const char *const class_field = ", out);
    write_field(out, model->classes > 0 ? model->target_names[0] : "");
    fputs(";\nstatic const char *const time_name = ", out);
    write_string(out, model->time != NULL ? model->time : "");
    fputs(", *const group_name = ", out);
    write_string(out, model->group != NULL ? model->group : "");
    fputs(",\n                  *const trial_name = ", out);
    write_string(out, model->trial);
    fprintf(out, ", *const weight_type = \"%s\";\n#define WEIGHT_BYTES %zu\n\n",
            weight_type_name((size_t)writer->options->type), writer->weight_bytes);
}

/* --- the header ------------------------------------------------------------------------------- */

/* What each input and output is, as macros and a comment. */
static void write_interface(const struct writer *writer, FILE *out) {
    const struct saved_model *model = writer->model;
    size_t state = (size_t)model->network.state;
    char text[400];
    snprintf(text, sizeof text,
             "#define MODEL_INPUTS  %d\n#define MODEL_OUTPUTS %d\n#define MODEL_STATE   %zu\n",
             model->columns, model->network.outputs, state > 0 ? state : 1);
    write_device_text(writer, out, text);
    fputs("\n/* Inputs:\n", out);
    for (int i = 0; i < model->columns; i++) {
        fprintf(out, " *   %d  ", i);
        write_comment(out, model->column_names[i]);
        fputc('\n', out);
    }
    fputs(" * Outputs:\n", out);
    for (int k = 0; k < model->network.outputs; k++) {
        char name[256];
        saved_model_output_name(model, k, name);
        fprintf(out, " *   %d  %s", k, model->classes > 0 ? "probability of " : "");
        write_comment(out, name);
        fputc('\n', out);
    }
    fputs(" * Elapsed time: ", out);
    if (model->time == NULL)
        fputs("1 for each row", out);
    else if (model->has_dates)
        fputs("seconds", out);
    else
        fprintf(out, "in the unit of the column \""), write_comment(out, model->time),
            fputs("\"", out);
    fputs(". */\n\n", out);
}

static void write_header(const struct writer *writer, FILE *out) {
    fprintf(out, EXPORTED_MARK "%s: do not edit, export again. */\n", version_number());
    write_device_text(writer, out, "#ifndef MODEL_H\n#define MODEL_H\n\n");
    write_interface(writer, out);
    write_device_text(writer, out, device_text("interface.c"));
    fputs("\n#endif\n", out);
}

static void write_source(struct writer *writer) {
    const struct export_options *options = writer->options;
    FILE *out = writer->out;
    fprintf(out, EXPORTED_MARK "%s: do not edit, export again.\n *\n * ", version_number());
    write_comment(out, options->notes != NULL ? options->notes : "");
    fprintf(out,
            "\n *\n * Weights are stored as %s. C99 without any library: compile it with the rest\n"
            " * of your program, on a desktop best with -O3 -march=native -ffp-contract=fast. */\n",
            weight_type_name((size_t)options->type));
    if (options->has_main)
        fputs("#define _POSIX_C_SOURCE 199309L\n\n", out);
    fprintf(out,
            "#include \"%s\"\n\n#include <stddef.h>\n#include <stdint.h>\n#include <string.h>\n\n",
            options->header);
    write_definitions(writer);
    write_code(writer);
    write_scales(writer);
    write_network(writer);
    write_test(writer);
    write_device_text(writer, out, device_text("network.c"));
    if (options->has_main) {
        write_device_text(writer, out, "\n#ifndef MODEL_WITHOUT_MAIN\n\n");
        write_names(writer);
        write_device_text(writer, out, device_text("main.c"));
        fputs("\n#endif\n", out);
    }
}

bool export_model(struct saved_model *model, const struct export_options *options,
                  struct exported *exported, struct error *error) {
    struct writer writer = {.model = model, .options = options};
    *exported = (struct exported){0};
    if (!check(model, options, error) ||
        !choose_scales(model, options->series, &writer.scales, error))
        return false;
    warn_of_rounding(model);
    struct text_stream source, header;
    stored_round(&model->network, model->params, options->type);
    writer.out = text_stream_open(&source);
    write_source(&writer);
    exported->source = text_stream_close(&source, &model->arena);
    write_header(&writer, text_stream_open(&header));
    exported->header = text_stream_close(&header, &model->arena);
    exported->weight_bytes = writer.weight_bytes;
    size_t cells = (size_t)model->network.state > 0 ? (size_t)model->network.state
                                                    : 1; /* as the header has them */
    size_t floats = cells + (size_t)(model->columns + model->network.outputs);
    exported->state_bytes = (4 * floats + 7) / 8 * 8 + 16;
    arena_free(&writer.arena);
    return true;
}
