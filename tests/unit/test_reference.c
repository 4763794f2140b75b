/* Every fixture of tests/reference: a cell's outputs and gradients against those of PyTorch, ncps
 * or an independent model, in float. tests/reference/README.md says what the files hold. */
#include "base/json.h"
#include "model/weights.h"
#include "support/cells.h"

#include <dirent.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define FOLDER "tests/reference"

static const double forward_tolerance = 1e-5, gradient_tolerance = 1e-4;

enum { MAX_LAYERS = 4 };

/* A fixture and the stack of cells that it describes. */
struct fixture {
    const char *name;
    struct tensor_file file;
    struct arena arena;
    struct param_list params;
    struct cell_case layers[MAX_LAYERS];
    int layer_count, steps, batch, state;
    real *values;   /* parameters */
    real *gradient; /* of parameters */
};

/* One pass through one layer. */
struct pass {
    struct sequence sequence;
    real *y, *final, *workspace;
};

static const struct tensor *need(const struct fixture *fixture, const char *name) {
    const struct tensor *tensor = tensor_find(&fixture->file, name);
    if (tensor == NULL)
        fail_msg("%s has no tensor %s", fixture->name, name);
    return tensor;
}

/* Largest difference, relative to the largest number of the expected tensor. */
static void expect(const struct fixture *fixture, const char *what, const real *actual,
                   double tolerance) {
    const struct tensor *expected = need(fixture, what);
    double largest = 1e-3, worst = 0;
    for (size_t i = 0; i < expected->size; i++) {
        double difference = fabs((double)actual[i] - (double)expected->values[i]);
        largest = fmax(largest, fabs((double)expected->values[i]));
        worst = isfinite(difference) ? fmax(worst, difference) : INFINITY;
    }
    if (!(worst <= tolerance * largest))
        fail_msg("%s: %s is off by %.3g of its largest number", fixture->name, what,
                 worst / largest);
}

static void load_params(struct fixture *fixture) {
    struct error error = {0};
    fixture->values = ARENA_NEW(&fixture->arena, real, fixture->params.size);
    fixture->gradient = ARENA_NEW(&fixture->arena, real, fixture->params.size);
    if (!weights_read(&fixture->params, &fixture->file, "param.", fixture->values, &error))
        fail_msg("%s: %s", fixture->name, error.text);
}

/* Synapses [[source, target, polarity], ...] of an adjacency matrix. */
static cJSON *synapses_json(const struct tensor *adjacency) {
    cJSON *list = cJSON_CreateArray();
    const real *polarity = adjacency->values;
    for (int j = 0; j < adjacency->shape[0]; j++)
        for (int i = 0; i < adjacency->shape[1]; i++, polarity++)
            if (*polarity != 0)
                cJSON_AddItemToArray(list, cJSON_CreateIntArray((int[]){j, i, (int)*polarity}, 3));
    return list;
}

/* The fixture's model with its wiring, if it has one. */
static cJSON *read_model(const struct fixture *fixture) {
    const cJSON *metadata = fixture->file.metadata;
    cJSON *model = cJSON_Parse(json_string(metadata, "model", ""));
    cJSON *wiring = cJSON_GetObjectItemCaseSensitive(model, "wiring");
    static const char *const kinds[] = {"inter", "command", "motor"};
    if (wiring == NULL)
        return model;
    for (int i = 0; i < 3; i++)
        cJSON_AddNumberToObject(wiring, kinds[i], atoi(json_string(metadata, kinds[i], "0")));
    cJSON *layer = cJSON_CreateObject();
    cJSON_AddItemToObject(layer, "sensory", synapses_json(need(fixture, "sensory_adjacency")));
    cJSON_AddItemToObject(layer, "neurons", synapses_json(need(fixture, "adjacency")));
    cJSON_AddItemToArray(cJSON_AddArrayToObject(wiring, "synapses"), layer);
    return model;
}

static void open_fixture(struct fixture *fixture, const char *name) {
    struct error error = {0};
    char path[512];
    *fixture = (struct fixture){.name = name, .params = {.arena = &fixture->arena}};
    snprintf(path, sizeof path, "%s/%s", FOLDER, name);
    if (!safetensors_read(path, &fixture->file, &error))
        fail_msg("%s", error.text);
    int reads = atoi(json_string(fixture->file.metadata, "inputs", "0"));
    cJSON *config = read_model(fixture);
    char *model = cJSON_PrintUnformatted(config);
    fixture->layer_count = (int)json_number(config, "layers", 1);
    cJSON_Delete(config);
    for (int l = 0; l < fixture->layer_count; l++) {
        struct cell_case *layer = &fixture->layers[l];
        if (!cell_case_create(layer, model, reads, l, &error))
            fail_msg("%s: %s", name, error.text);
        layer->cell.type->declare(&layer->cell, &fixture->params);
        fixture->state += layer->cell.state;
        reads = layer->cell.outputs;
    }
    cJSON_free(model);
    load_params(fixture);
    const struct tensor *elapsed = need(fixture, "elapsed");
    fixture->steps = elapsed->shape[0];
    fixture->batch = elapsed->shape[1];
}

static void close_fixture(struct fixture *fixture) {
    for (int l = 0; l < fixture->layer_count; l++)
        cell_case_free(&fixture->layers[l]);
    arena_free(&fixture->arena);
    tensor_file_free(&fixture->file);
}

/* Columns [from, from + width) of rows [B][of]. */
static real *columns(struct arena *arena, const real *rows, int batch, int of, int from,
                     int width) {
    real *part = ARENA_NEW(arena, real, batch * width);
    for (int b = 0; b < batch; b++)
        memcpy(part + b * width, rows + b * of + from, (size_t)width * sizeof *part);
    return part;
}

static void put_columns(const real *part, int batch, int of, int from, int width, real *rows) {
    for (int b = 0; b < batch; b++)
        memcpy(rows + b * of + from, part + b * width, (size_t)width * sizeof *rows);
}

static void forward(struct fixture *fixture, struct pass *passes) {
    const struct tensor *mask = tensor_find(&fixture->file, "mask");
    const real *x = need(fixture, "x")->values;
    int T = fixture->steps, B = fixture->batch, from = 0;
    for (int l = 0; l < fixture->layer_count; l++) {
        const struct cell *cell = &fixture->layers[l].cell;
        struct pass *pass = &passes[l];
        pass->sequence = (struct sequence){
            .steps = T,
            .batch = B,
            .x = x,
            .elapsed = need(fixture, "elapsed")->values,
            .mask = mask != NULL ? mask->values : NULL,
            .state = columns(&fixture->arena, need(fixture, "state0")->values, B, fixture->state,
                             from, cell->state),
        };
        pass->y = ARENA_NEW(&fixture->arena, real, T * B * cell->outputs);
        pass->final = ARENA_NEW(&fixture->arena, real, B * cell->state);
        pass->workspace =
            ARENA_NEW(&fixture->arena, real, cell->type->workspace(cell, T, B, PHASE_TRAIN));
        cell->type->forward(cell, fixture->values, &pass->sequence, pass->y, pass->final,
                            pass->workspace);
        from += cell->state;
        x = pass->y;
    }
}

static void check_forward(struct fixture *fixture, struct pass *passes) {
    real *final = ARENA_NEW(&fixture->arena, real, fixture->batch * fixture->state);
    forward(fixture, passes);
    for (int l = 0, from = 0; l < fixture->layer_count; l++) {
        int width = fixture->layers[l].cell.state;
        put_columns(passes[l].final, fixture->batch, fixture->state, from, width, final);
        from += width;
    }
    expect(fixture, "y", passes[fixture->layer_count - 1].y, forward_tolerance);
    expect(fixture, "state", final, forward_tolerance);
}

static void check_gradients(struct fixture *fixture, struct pass *passes) {
    int T = fixture->steps, B = fixture->batch, from = fixture->state;
    const real *dy = need(fixture, "dy")->values;
    real *dstate = ARENA_NEW(&fixture->arena, real, B * fixture->state);
    real *delapsed = ARENA_NEW(&fixture->arena, real, T * B);
    for (int l = fixture->layer_count; l-- > 0;) {
        const struct cell *cell = &fixture->layers[l].cell;
        from -= cell->state;
        struct cell_gradient flow = {
            .y = dy,
            .final = columns(&fixture->arena, need(fixture, "dstate")->values, B, fixture->state,
                             from, cell->state),
            .params = fixture->gradient,
            .x = ARENA_NEW(&fixture->arena, real, T * B * cell->inputs),
            .state = ARENA_NEW(&fixture->arena, real, B * cell->state),
            .elapsed = delapsed,
        };
        cell->type->backward(cell, fixture->values, &passes[l].sequence, &flow,
                             passes[l].workspace);
        put_columns(flow.state, B, fixture->state, from, cell->state, dstate);
        dy = flow.x;
    }
    size_t count;
    const struct tensor *gradients =
        weights_tensors(&fixture->params, fixture->gradient, &fixture->arena, &count);
    for (size_t i = 0; i < count; i++) {
        char name[160];
        snprintf(name, sizeof name, "grad.%s", gradients[i].name);
        if (strstr(name, "sparsity_mask") == NULL)
            expect(fixture, name, gradients[i].values, gradient_tolerance);
    }
    expect(fixture, "grad_x", dy, gradient_tolerance);
    expect(fixture, "grad_state0", dstate, gradient_tolerance);
    if (tensor_find(&fixture->file, "grad_elapsed") != NULL)
        expect(fixture, "grad_elapsed", delapsed, gradient_tolerance);
}

/* One step at a time, state handed on in place, gives the outputs of the whole sequence. */
static void check_streaming(struct fixture *fixture, const struct pass *passes) {
    for (int l = 0; l < fixture->layer_count; l++) {
        const struct cell *cell = &fixture->layers[l].cell;
        if (!cell->type->streams)
            return;
        struct sequence step = passes[l].sequence;
        int B = fixture->batch, width = B * cell->outputs;
        real *state = ARENA_NEW(&fixture->arena, real, B * cell->state);
        real *y = ARENA_NEW(&fixture->arena, real, width);
        real *workspace =
            ARENA_NEW(&fixture->arena, real, cell->type->workspace(cell, 1, B, PHASE_EVALUATE));
        memcpy(state, step.state, (size_t)(B * cell->state) * sizeof *state);
        step.steps = 1;
        step.phase = PHASE_EVALUATE;
        step.state = state;
        for (int t = 0; t < fixture->steps; t++) {
            cell->type->forward(cell, fixture->values, &step, y, state, workspace);
            for (int i = 0; i < width; i++)
                if (!(fabs((double)(y[i] - passes[l].y[t * width + i])) <= 1e-6))
                    fail_msg("%s: step %d differs when streamed", fixture->name, t);
            step.x += B * cell->inputs;
            step.elapsed += B;
            step.is_prepared = true;
            step.mask += step.mask != NULL ? B : 0;
        }
    }
}

static int is_fixture(const struct dirent *entry) {
    const char *end = strrchr(entry->d_name, '.');
    return end != NULL && strcmp(end, ".safetensors") == 0;
}

static void for_each_fixture(void (*check)(struct fixture *fixture)) {
    struct dirent **entries;
    int count = scandir(FOLDER, &entries, is_fixture, alphasort);
    assert_true(count > 0);
    for (int i = 0; i < count; i++) {
        struct fixture fixture;
        open_fixture(&fixture, entries[i]->d_name);
        check(&fixture);
        close_fixture(&fixture);
        free(entries[i]);
    }
    free(entries);
    print_message("%d fixtures, instruction set %s\n", count, cell_isa());
}

static void check_fixture(struct fixture *fixture) {
    struct pass passes[MAX_LAYERS];
    check_forward(fixture, passes);
    check_streaming(fixture, passes);
    check_gradients(fixture, passes);
}

static void cells_agree_with_their_references(void **state) {
    (void)state;
    for_each_fixture(check_fixture);
}

static void every_instruction_set_agrees_with_the_references(void **state) {
    (void)state;
    static const char *const names[] = {"portable", "avx2", "avx512"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        setenv("LIQUIDBENCH_ISA", names[i], 1);
        if (strcmp(cell_isa(), names[i]) == 0)
            for_each_fixture(check_fixture);
        else
            print_message("SKIP: this processor has no %s\n", names[i]);
    }
    unsetenv("LIQUIDBENCH_ISA");
}

/* The shapes that tests/reference/cases.py tries every cell in: odd sizes, whole vectors, one step,
 * one stream, a batch as large as the layer, absent steps. */
static void every_cell_has_a_fixture_of_each_shape(void **state) {
    (void)state;
    static const char *const shapes[] = {
        "small", "wide", "whole-vectors", "one-stream", "one-step", "batch-is-hidden", "masked"};
    const char *cell;
    for (size_t i = 0; (cell = cell_type_name(i)) != NULL; i++)
        for (size_t k = 0; k < sizeof shapes / sizeof shapes[0]; k++) {
            char path[256];
            snprintf(path, sizeof path, FOLDER "/%s-%s.safetensors", cell, shapes[k]);
            if (access(path, R_OK) != 0)
                fail_msg("%s is missing: add the cell to tests/reference/cases.py", path);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cell_has_a_fixture_of_each_shape),
        cmocka_unit_test(cells_agree_with_their_references),
        cmocka_unit_test(every_instruction_set_agrees_with_the_references),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
