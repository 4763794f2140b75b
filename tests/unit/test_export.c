#include "experiment/export/export.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/json.h"
#include "base/process.h"
#include "experiment/deploy/feed.h"
#include "experiment/export/sizes.h"
#include "math/random.h"
#include "support/folder.h"

/* Each exported file is compiled by $EXPORT_CC (a command with its options; default: cc), and run by
 * $EXPORT_RUN (an emulator, such as qemu-aarch64; "none": it is not run). $EXPORT_ALL: all configs
 * below; otherwise those that are marked as quick. */

enum { COLUMNS = 3, TARGETS = 2, HORIZON = 2, OUTPUTS = TARGETS * HORIZON, STEPS = 1000 };

struct export_case {
    const char *config;
    bool is_quick;
};

static const struct export_case cases[] = {
    {"{\"cell\":\"rnn\"}", true},
    {"{\"cell\":\"rnn\",\"hidden\":19,\"layers\":2}", false},
    {"{\"cell\":\"gru\",\"layers\":2}", true},
    {"{\"cell\":\"lstm\",\"hidden\":21,\"layers\":2,\"time_input\":true}", true},
    {"{\"cell\":\"lstm\",\"peephole\":true}", false},
    {"{\"cell\":\"mingru\"}", false},
    {"{\"cell\":\"mingru\",\"form\":\"plain\",\"bias\":false}", false},
    {"{\"cell\":\"minlstm\"}", false},
    {"{\"cell\":\"minlstm\",\"form\":\"plain\",\"bias\":false}", false},
    {"{\"cell\":\"slstm\"}", false},
    {"{\"cell\":\"slstm\",\"hidden\":9,\"heads\":3,\"layers\":2}", false},
    {"{\"cell\":\"lem\"}", false},
    {"{\"cell\":\"lem\",\"dt\":0.75,\"use_elapsed\":true,\"layers\":2}", false},
    {"{\"cell\":\"cornn\"}", false},
    {"{\"cell\":\"cornn\",\"dt\":0.75,\"gamma\":1,\"epsilon\":1.5,\"layers\":2}", false},
    {"{\"cell\":\"tcn\"}", false},
    {"{\"cell\":\"tcn\",\"kernel\":1}", false},
    {"{\"cell\":\"tcn\",\"weight_norm\":false,\"layers\":3,\"kernel\":2}", false},
    {"{\"cell\":\"ltc\"}", true},
    {"{\"cell\":\"ltc\",\"solver\":\"rk4\",\"init\":\"ltc2021\",\"constraint\":\"softplus\"}",
     false},
    {"{\"cell\":\"ltc\",\"solver\":\"euler\",\"layers\":2}", false},
    {"{\"cell\":\"ltc\",\"variant\":\"hasani2022\"}", false},
    {"{\"cell\":\"ltc\",\"constraint\":\"softplus\",\"mixed_memory\":true}", false},
    {"{\"cell\":\"ltc\",\"hidden\":24,\"wiring\":{\"type\":\"auto_ncp\",\"outputs\":3},\"layers\":"
     "2}",
     true},
    {"{\"cell\":\"ltc\",\"wiring\":{\"type\":\"random\",\"sparsity\":0.6},\"constraint\":"
     "\"softplus\",\"mixed_memory\":true}",
     false},
    {"{\"cell\":\"lrc\"}", false},
    {"{\"cell\":\"lrc\",\"elastance\":\"asymmetric\",\"solver\":\"fused\",\"unfolds\":2}", false},
    {"{\"cell\":\"lrc\",\"elastance\":\"none\",\"forget\":false}", false},
    {"{\"cell\":\"lrc\",\"elastance\":\"asymmetric\",\"unfolds\":3,\"layers\":2}", false},
    {"{\"cell\":\"lrc\",\"hidden\":24,\"wiring\":{\"type\":\"auto_ncp\",\"outputs\":3}}", false},
    {"{\"cell\":\"cfc\",\"backbone\":{\"units\":20}}", true},
    {"{\"cell\":\"cfc\",\"mode\":\"no_gate\",\"backbone\":{\"units\":9,\"layers\":2,\"activation\":"
     "\"gelu\",\"dropout\":0.1},\"layers\":2}",
     false},
    {"{\"cell\":\"cfc\",\"mode\":\"pure\",\"backbone\":{\"units\":9,\"layers\":3,\"activation\":"
     "\"silu\",\"dropout\":0.1}}",
     false},
    {"{\"cell\":\"cfc\",\"mode\":\"default\",\"backbone\":{\"units\":9,\"activation\":\"relu\"},"
     "\"head_activation\":\"lecun_tanh\"}",
     false},
    {"{\"cell\":\"cfc\",\"backbone\":{\"layers\":0},\"mixed_memory\":true}", false},
    {"{\"cell\":\"cfc\",\"variant\":\"hasani2022\",\"backbone\":{\"units\":9,\"activation\":\"gelu_"
     "tanh\"},\"mixed_memory\":true}",
     false},
    {"{\"cell\":\"cfc\",\"hidden\":24,\"wiring\":{\"type\":\"auto_ncp\",\"outputs\":3},\"layers\":"
     "2}",
     false},
    {"{\"cell\":\"cfc\",\"mode\":\"pure\",\"hidden\":24,\"wiring\":{\"type\":\"ncp\",\"inter\":9,"
     "\"command\":6,\"motor\":3},\"mixed_memory\":true}",
     false},
    {"{\"cell\":\"cfc\",\"mode\":\"no_gate\",\"wiring\":{\"type\":\"random\",\"sparsity\":0.5}}",
     false},
    {"{\"cell\":\"ctrnn\"}", false},
    {"{\"cell\":\"ctrnn\",\"solver\":\"heun\",\"learn_tau\":true,\"tau\":2,\"layers\":2}", false},
    {"{\"cell\":\"node\"}", false},
    {"{\"cell\":\"liquids4\",\"state\":4}", false},
    {"{\"cell\":\"liquids4\",\"state\":4,\"liquid_degree\":3,\"block\":\"linoss\",\"layers\":2}",
     false},
    {"{\"cell\":\"lru\",\"state\":5,\"layers\":2}", false},
    {"{\"cell\":\"lru\",\"state\":9,\"block\":\"none\"}", false},
    {"{\"cell\":\"lru\",\"state\":5,\"block\":{\"type\":\"lru\",\"place\":\"post\"}}", false},
    {"{\"cell\":\"lru\",\"state\":5,\"block\":{\"type\":\"linoss\",\"norm\":\"none\",\"gate\":"
     "\"none\",\"skip\":false}}",
     false},
    {"{\"cell\":\"linoss\",\"state\":9,\"layers\":2}", false},
    {"{\"cell\":\"linoss\",\"state\":5,\"discretization\":\"damped\"}", false},
    {"{\"cell\":\"linoss\",\"state\":5,\"discretization\":\"imex\"}", false},
    {"{\"cell\":\"lrcssm\",\"state\":5}", false},
    {"{\"cell\":\"lrcssm\",\"state\":8,\"layers\":2}", false},
    {"{\"cell\":\"lrcssm\",\"state\":19,\"block\":\"none\",\"solver\":\"fused\",\"dt\":0.5,"
     "\"elastance\":\"symmetric\"}",
     false},
    {"{\"cell\":\"grud\"}", false},
    {"{\"cell\":\"grud\",\"flags\":3,\"time_input\":true,\"readout\":\"mean\"}", true},
    {"{\"cell\":\"gruode\",\"layers\":2}", false},
    {"{\"cell\":\"ctgru\",\"layers\":2}", false},
    {"{\"cell\":\"ctgru\",\"variant\":\"hasani2021\"}", false},
    {"{\"cell\":\"plstm\",\"layers\":2}", false},
    {"{\"cell\":\"plstm\",\"variant\":\"lechner2020\"}", false},
    {"{\"cell\":\"odelstm\",\"solver\":\"rk4\"}", false},
    {"{\"cell\":\"lstmctrnn\",\"layers\":2}", false},
    {"{\"cell\":\"rnndecay\"}", false},
};

enum { CASES = sizeof cases / sizeof cases[0] };

/* --- a model with parameters that are not those of a start ------------------------------------ */

static const char *column_names[] = {"a", "b \"quoted\" */ column", "c"};
static const char *target_names[] = {"b \"quoted\" */ column", "c"};

static void disturb_params(struct saved_model *model) {
    const struct network *network = &model->network;
    gsl_rng *rng = random_stream(3, "test of exports");
    model->params = ARENA_NEW(&model->arena, real, network->params.size);
    network_init(network, model->params, 7);
    for (size_t i = 0; i < network->params.size; i++)
        model->params[i] *= (real)(1 + 0.1 * (gsl_rng_uniform(rng) - 0.5));
    for (size_t i = 0; i < network->params.size; i++)
        model->params[i] += (real)(model->params[i] == 0 ? 0.1 * (gsl_rng_uniform(rng) - 0.5) : 0);
    network_constrain(network, model->params);
    gsl_rng_free(rng);
}

static void make_model(struct saved_model *model, const char *config) {
    static double scale[] = {2, 10, 0.5}, offset[] = {1, -20.123456789, 0.25};
    static double mean[] = {0.1, 0, -0.2};
    struct error error;
    *model = (struct saved_model){
        .trial = "test",
        .config = config,
        .task = TASK_FORECAST,
        .horizon = HORIZON,
        .columns = COLUMNS,
        .column_names = column_names,
        .scale = scale,
        .offset = offset,
        .mean = mean,
        .targets = TARGETS,
        .target_names = target_names,
        .target_scale = scale + 1,
        .target_offset = offset + 1,
        .time_unit = 0.5,
        .time = "t",
    };
    cJSON *json = cJSON_Parse(config);
    struct network_options options = {0};
    const struct cell_type *type = cell_type_find(json_string(json, "cell", ""));
    static const struct field no_fields[] = {{0}};
    void *own = arena_alloc(&model->arena, type->options_size + 1);
    model->flags = (int)json_number(json, "flags", 0);
    model->missing = model->flags > 0 ? MISSING_MASK : MISSING_FORWARD;
    cJSON_DeleteItemFromObject(json, "flags");
    if (!cJSON_HasObjectItem(json, "hidden"))
        cJSON_AddNumberToObject(json, "hidden", 8);
    struct field_target targets[] = {{network_fields, &options},
                                     {type->options != NULL ? type->options : no_fields, own}};
    if (!fields_read(targets, 2, json, "", &model->arena, &error))
        fail_msg("%s: %s", config, error.text);
    options.cell_options = own;
    if (!network_create(&model->network, &options, COLUMNS + model->flags, model->flags, OUTPUTS, 1,
                        &model->arena, &error))
        fail_msg("%s: %s", config, error.text);
    network_set_means(&model->network, model->mean);
    disturb_params(model);
    cJSON_Delete(json);
}

/* --- compiling and running -------------------------------------------------------------------- */

static const char driver[] = "#include \"model.h\"\n"
                             "#include <stdio.h>\n"
                             "int main(void) {\n"
                             "    struct model_state state;\n"
                             "    float row[MODEL_INPUTS + 1], out[MODEL_OUTPUTS];\n"
                             "    if (model_self_test() != 0)\n"
                             "        return 9;\n"
                             "    model_reset(&state);\n"
                             "    while (fread(row, sizeof row, 1, stdin) == 1) {\n"
                             "        if (model_step(&state, row + 1, row[0], out) < 0)\n"
                             "            return 8;\n"
                             "        fwrite(out, sizeof out, 1, stdout);\n"
                             "    }\n"
                             "    return 0;\n"
                             "}\n";

static const char *setting(const char *name, const char *otherwise) {
    const char *text = getenv(name);
    return text != NULL && text[0] != '\0' ? text : otherwise;
}

static void run_shell(const char *command, const char *what) {
    const char *argv[] = {"/bin/sh", "-c", command, NULL};
    struct process_options options = {.seconds = 300};
    struct process_result result;
    struct error error;
    if (!process_run(argv, &options, &result, &error))
        fail_msg("%s", error.text);
    if (result.code != 0)
        fail_msg("%s: exit code %d: %s", what, result.code, result.first);
}

/* A row as a struct of the driver: elapsed time, inputs. */
struct row {
    float elapsed, inputs[COLUMNS];
};

/* Irregular times; values missing where the model may meet them. */
static void fill_rows(const struct saved_model *model, struct row *rows) {
    gsl_rng *rng = random_stream(5, "rows");
    for (int t = 0; t < STEPS; t++) {
        rows[t].elapsed = (float)(0.05 + 1.5 * pow(gsl_rng_uniform(rng), 3));
        for (int i = 0; i < COLUMNS; i++) {
            double value = model->offset[i] + model->scale[i] * sin(0.1 * t * (i + 1)) +
                           model->scale[i] * (gsl_rng_uniform(rng) - 0.5);
            rows[t].inputs[i] = gsl_rng_uniform(rng) < 0.2 ? NAN : (float)value;
        }
    }
    gsl_rng_free(rng);
}

/* What the engine answers [STEPS][OUTPUTS]; with `shakes` to inputs and times whose last bit
 * differs now and then. */
static void ask_engine(const struct saved_model *model, const struct row *rows, bool shakes,
                       double *answers) {
    struct arena arena = {0};
    struct feed feed;
    feed_begin(&feed, model, &arena);
    for (int t = 0; t < STEPS; t++) {
        double inputs[COLUMNS];
        int missing;
        for (int i = 0; i < COLUMNS; i++) {
            float value = rows[t].inputs[i];
            inputs[i] = (double)(shakes ? nextafterf(value, (t + i) % 2 ? 1e9f : -1e9f) : value);
        }
        double elapsed = (double)rows[t].elapsed * (shakes && t % 3 != 0 ? 1 + 0x1p-23 : 1);
        assert_true(
            feed_step(&feed, inputs, elapsed / model->time_unit, answers + t * OUTPUTS, &missing));
    }
    arena_free(&arena);
}

/* Largest difference over the largest answer; infinite where one of two is not a number. It ends
 * where an untrained model has diverged. */
static double difference(const double *expected, const double *own) {
    double worst = 0, largest = 0;
    for (int i = 0; i < STEPS * OUTPUTS && !(fabs(expected[i]) > 1e9); i++) {
        if (isnan(own[i]) != isnan(expected[i]))
            return INFINITY;
        if (isnan(own[i]))
            continue;
        worst = fmax(worst, fabs(own[i] - expected[i]));
        largest = fmax(largest, fabs(expected[i]));
    }
    return worst / largest;
}

static void write_export(struct saved_model *model, enum weight_type type, const char *folder,
                         bool has_main) {
    struct export_options options = {.type = type,
                                     .prefix = "model",
                                     .header = "model.h",
                                     .has_main = has_main,
                                     .notes = "a */ comment /* within"};
    struct exported exported;
    struct error error;
    char path[2 * FOLDER_PATH];
    if (!export_model(model, &options, &exported, &error))
        fail_msg("%s: %s", model->config, error.text);
    snprintf(path, sizeof path, "%s/model.c", folder);
    assert_true(file_write(path, exported.source, strlen(exported.source), &error));
    snprintf(path, sizeof path, "%s/model.h", folder);
    assert_true(file_write(path, exported.header, strlen(exported.header), &error));
    snprintf(path, sizeof path, "%s/driver.c", folder);
    assert_true(file_write(path, driver, strlen(driver), &error));
}

/* Compiles, runs, compares. Whether it agrees: to 1e-6 of the largest answer or, of a model that
 * amplifies rounding (an untrained neural ODE is unstable), to 4 times what the last bit of
 * inputs and times changes. */
static bool agrees(const char *config, enum weight_type type, bool prints) {
    struct saved_model model;
    struct folder folder = folder_new();
    char command[8 * FOLDER_PATH];
    const char *runner = setting("EXPORT_RUN", "");
    make_model(&model, config);
    write_export(&model, type, folder.path, false);
    bool runs = strcmp(runner, "none") != 0;
    snprintf(command, sizeof command,
             "cd %s && %s -std=c99 -Wall -Wextra -Wpedantic -Werror %s model.c %s", folder.path,
             setting("EXPORT_CC", "cc -O1"), runs ? "driver.c -o driver" : "-c -o model.o", "");
    run_shell(command, config);
    bool good = true;
    if (runs) {
        static struct row rows[STEPS];
        static float out[STEPS * OUTPUTS];
        static double expected[STEPS * OUTPUTS], shaken[STEPS * OUTPUTS], own[STEPS * OUTPUTS];
        char path[2 * FOLDER_PATH];
        struct error error;
        fill_rows(&model, rows);
        folder_path(&folder, "rows", path);
        assert_true(file_write(path, rows, sizeof rows, &error));
        snprintf(command, sizeof command, "cd %s && %s ./driver <rows >out", folder.path, runner);
        run_shell(command, config);
        FILE *file = fopen(folder_path(&folder, "out", path), "rb");
        assert_int_equal(fread(out, sizeof out, 1, file), 1);
        fclose(file);
        for (int i = 0; i < STEPS * OUTPUTS; i++)
            own[i] = (double)out[i];
        ask_engine(&model, rows, false, expected);
        ask_engine(&model, rows, true, shaken);
        double worst = difference(expected, own);
        double limit = fmax(1e-6, 4 * difference(expected, shaken));
        good = worst <= limit;
        if (prints || !good)
            printf("%s %.1e (limit %.1e) %s %s\n", good ? "     " : "WORSE", worst, limit,
                   weight_type_name((size_t)type), config);
    }
    folder_remove(&folder);
    saved_model_free(&model);
    return good;
}

/* --- tests ------------------------------------------------------------------------------------ */

static bool has_compiler(void) {
    return system("command -v cc >/dev/null 2>&1") == 0 || getenv("EXPORT_CC") != NULL;
}

static void every_cell_that_streams_can_be_exported(void **state) {
    (void)state;
    const struct cell_type *type;
    struct error error;
    for (size_t i = 0; (type = cell_type_at(i)) != NULL; i++) {
        bool is_tested = false;
        char mark[64];
        snprintf(mark, sizeof mark, "\"cell\":\"%s\"", type->name);
        for (size_t c = 0; c < CASES; c++)
            is_tested = is_tested || strstr(cases[c].config, mark) != NULL;
        if (export_knows(type, &error) != type->streams)
            fail_msg("%s: %s", type->name, error.text);
        if (is_tested != type->streams)
            fail_msg("%s: no export of it is tested", type->name);
    }
}

static void an_exported_model_answers_as_the_engine_does(void **state) {
    (void)state;
    if (!has_compiler())
        skip();
    bool all = getenv("EXPORT_ALL") != NULL, failed = false;
    for (size_t c = 0; c < CASES; c++) {
        if (!all && !cases[c].is_quick)
            continue;
        failed = !agrees(cases[c].config, WEIGHT_FLOAT32, all) || failed;
    }
    assert_false(failed);
}

/* The recorded rows come from the engine with rounded parameters, and so do those compared here. */
static void rounded_weights_are_those_that_the_engine_then_computes_with(void **state) {
    (void)state;
    if (!has_compiler())
        skip();
    bool all = getenv("EXPORT_ALL") != NULL, failed = false;
    for (size_t c = 0; c < CASES; c++)
        for (int type = WEIGHT_FLOAT16; type <= WEIGHT_INT8; type++) {
            bool is_picked = strstr(cases[c].config, "auto_ncp") != NULL && cases[c].is_quick;
            if (!all && !(is_picked && type == WEIGHT_INT8))
                continue;
            failed = !agrees(cases[c].config, (enum weight_type)type, all) || failed;
        }
    assert_false(failed);
}

static void half_precision_rounds_to_nearest_even(void **state) {
    (void)state;
    assert_int_equal(half_bits(1), 0x3c00);
    assert_int_equal(half_bits(-2), 0xc000);
    assert_int_equal(half_bits(65504), 0x7bff);
    assert_int_equal(half_bits(1 + 0x1p-11f), 0x3c00);        /* a tie: to even */
    assert_int_equal(half_bits(1 + 3 * 0x1p-11f), 0x3c02);    /* likewise */
    assert_int_equal(half_bits(1.9999f), 0x4000);             /* carries into the exponent */
    assert_int_equal(half_bits(0x1p-24f), 0x0001);            /* the smallest denormal */
    assert_int_equal(half_bits(0x1p-14f), 0x0400);            /* the smallest normal */
    assert_int_equal(half_bits(0x1p-14f - 0x1p-26f), 0x0400); /* a denormal that rounds up to it */
    assert_int_equal(half_bits(0), 0);
}

static void numbers_too_large_for_float16_are_refused(void **state) {
    (void)state;
    struct saved_model model;
    struct export_options options = {.type = WEIGHT_FLOAT16, .prefix = "model", .header = "x.h"};
    struct exported exported;
    struct error error;
    make_model(&model, "{\"cell\":\"lstm\"}");
    model.params[3] = 1e5f;
    assert_false(export_model(&model, &options, &exported, &error));
    assert_non_null(strstr(error.text, "weight_ih_l0"));
    saved_model_free(&model);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cell_that_streams_can_be_exported),
        cmocka_unit_test(an_exported_model_answers_as_the_engine_does),
        cmocka_unit_test(rounded_weights_are_those_that_the_engine_then_computes_with),
        cmocka_unit_test(half_precision_rounds_to_nearest_even),
        cmocka_unit_test(numbers_too_large_for_float16_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
