/* Wirings: numbers of neurons and synapses, who is joined with whom, and what a config may say. */
#include "base/json.h"
#include "model/network.h"
#include "model/weights.h"
#include "support/cells.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { INPUTS = 5, HIDDEN = 32 };

/* The wiring of a config such as {'type': 'random'}; NULL on errors. */
static const struct wiring *draw(const char *text, int layer, uint64_t seed, struct arena *arena,
                                 struct error *error) {
    char *config = arena_strdup(arena, text);
    for (char *quote = config; (quote = strchr(quote, '\'')) != NULL;)
        *quote = '"';
    struct wiring_options *options = ARENA_NEW(arena, struct wiring_options, 1);
    struct field_target target = {wiring_fields, options};
    cJSON *json = cJSON_Parse(config);
    const struct wiring *wiring = NULL;
    if (fields_read(&target, 1, json, "wiring", arena, error))
        wiring = wiring_create(options, HIDDEN, INPUTS, layer, 2.0 / 3, seed, arena, error);
    cJSON_Delete(json);
    return wiring;
}

static const struct wiring *need(const char *text, uint64_t seed, struct arena *arena) {
    struct error error = {0};
    const struct wiring *wiring = draw(text, 0, seed, arena, &error);
    if (wiring == NULL)
        fail_msg("%s: %s", text, error.text);
    return wiring;
}

static bool joined(const struct synapse_list *list, int source, int target) {
    return list->adjacency[source * list->targets + target] != 0;
}

static int fan_out(const struct synapse_list *list, int source) {
    int count = 0;
    for (int i = 0; i < list->targets; i++)
        count += joined(list, source, i);
    return count;
}

static int fan_in(const struct synapse_list *list, int target) {
    int count = 0;
    for (int j = 0; j < list->sources; j++)
        count += joined(list, j, target);
    return count;
}

static double excitatory_share(const struct synapse_list *list) {
    int excitatory = 0;
    for (int i = 0; i < list->sources * list->targets; i++)
        excitatory += list->adjacency[i] == 1;
    return (double)excitatory / list->count;
}

static bool same(const struct synapse_list *one, const struct synapse_list *other) {
    return one->sources == other->sources && one->targets == other->targets &&
           memcmp(one->adjacency, other->adjacency, (size_t)(one->sources * one->targets)) == 0;
}

static void auto_ncp_has_the_neurons_and_fans_of_ncps(void **state) {
    (void)state;
    struct arena arena = {0};
    /* ncps.wirings.AutoNCP(19, 4), sparsity 0.5: 9 inter, 6 command, 4 motor neurons, an input
     * feeds 4, an inter neuron 3, a motor neuron reads 3. */
    const struct wiring *wiring =
        need("{'type': 'auto_ncp', 'units': 19, 'outputs': 4}", 3, &arena);
    assert_int_equal(wiring->units, 19);
    assert_int_equal(wiring->motor, 4);
    assert_int_equal(wiring->command, 6);
    assert_int_equal(wiring->inter, 9);
    for (int i = 10; i < 19; i++)
        assert_int_equal(fan_out(&wiring->neurons, i) >= 3, true);
    for (int i = 0; i < 4; i++)
        assert_int_equal(fan_in(&wiring->neurons, i) >= 3, true);
    for (int i = 0; i < INPUTS; i++)
        assert_int_equal(fan_out(&wiring->sensory, i) >= 4, true);
    /* 27 inter to command, at most 6 among command neurons, 12 to motor neurons; more only for
     * neurons that were left out. */
    assert_in_range(wiring->neurons.count, 39, 39 + 6 + 6 * 4 + 6);

    wiring = need("{'type': 'auto_ncp', 'units': 64, 'outputs': 8, 'sparsity': 0.9}", 3, &arena);
    assert_int_equal(wiring->command, 22); /* int(0.4 · 56) */
    assert_int_equal(wiring->inter, 34);
    arena_free(&arena);
}

static void ncp_joins_each_layer_with_the_next_alone(void **state) {
    (void)state;
    enum { MOTOR = 3, COMMAND = 5, INTER = 8 };
    for (uint64_t seed = 0; seed < 50; seed++) {
        struct arena arena = {0};
        const struct wiring *wiring =
            need("{'type': 'ncp', 'inter': 8, 'command': 5, 'motor': 3, 'sensory_fanout': 2, "
                 "'inter_fanout': 2, 'recurrent_command': 4, 'motor_fanin': 3}",
                 seed, &arena);
        int recurrent = 0;
        for (int source = 0; source < wiring->units; source++) {
            for (int target = 0; target < wiring->units; target++) {
                bool from_inter = source >= MOTOR + COMMAND, to_motor = target < MOTOR;
                bool from_command = source >= MOTOR && !from_inter;
                bool to_command = target >= MOTOR && target < MOTOR + COMMAND;
                bool allowed = (from_inter && to_command) || (from_command && to_motor) ||
                               (from_command && to_command);
                assert_true(allowed || !joined(&wiring->neurons, source, target));
                recurrent += from_command && to_command && joined(&wiring->neurons, source, target);
            }
        }
        assert_in_range(recurrent, 1, 4);
        for (int i = 0; i < MOTOR + COMMAND; i++)
            for (int input = 0; input < INPUTS; input++)
                assert_false(joined(&wiring->sensory, input, i));
        arena_free(&arena);
    }
}

static void no_ncp_neuron_is_left_out(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 100; seed++) {
        struct arena arena = {0};
        const struct wiring *wiring =
            need("{'type': 'ncp', 'inter': 12, 'command': 9, 'motor': 2, 'sensory_fanout': 1, "
                 "'inter_fanout': 1, 'recurrent_command': 1, 'motor_fanin': 1}",
                 seed, &arena);
        for (int i = 11; i < 23; i++) {
            assert_true(fan_in(&wiring->sensory, i) > 0);
            assert_true(fan_out(&wiring->neurons, i) > 0);
        }
        for (int i = 2; i < 11; i++) {
            bool hears = false, speaks = false;
            for (int inter = 11; inter < 23; inter++)
                hears = hears || joined(&wiring->neurons, inter, i);
            for (int motor = 0; motor < 2; motor++)
                speaks = speaks || joined(&wiring->neurons, i, motor);
            assert_true(hears && speaks);
        }
        for (int i = 0; i < 2; i++)
            assert_true(fan_in(&wiring->neurons, i) > 0);
        arena_free(&arena);
    }
}

static void random_has_its_share_of_synapses(void **state) {
    (void)state;
    struct arena arena = {0};
    const struct wiring *wiring =
        need("{'type': 'random', 'units': 40, 'outputs': 7, 'sparsity': 0.75}", 1, &arena);
    assert_int_equal(wiring->neurons.count, 400);
    assert_int_equal(wiring->sensory.count, 50);
    assert_int_equal(wiring->motor, 7);
    assert_int_equal(wiring->command, 0);
    assert_true(synapses_are_full(&need("{'type': 'random', 'sparsity': 0}", 1, &arena)->neurons));
    arena_free(&arena);
}

static void polarities_have_their_odds(void **state) {
    (void)state;
    struct arena arena = {0};
    double full = excitatory_share(&need("{'units': 200}", 1, &arena)->neurons);
    double ncp = excitatory_share(
        &need("{'type': 'auto_ncp', 'units': 300, 'outputs': 50, 'sparsity': 0.1}", 1, &arena)
             ->neurons);
    assert_true(full > 0.65 && full < 0.68);
    assert_true(ncp > 0.48 && ncp < 0.52);
    arena_free(&arena);
}

static void the_same_seed_draws_the_same_wiring(void **state) {
    (void)state;
    static const char *const types[] = {"{'type': 'auto_ncp', 'units': 20}", "{'type': 'random'}",
                                        "{'type': 'fully_connected'}"};
    for (int i = 0; i < 3; i++) {
        struct arena arena = {0};
        struct error error = {0};
        const struct wiring *wiring = need(types[i], 4, &arena);
        assert_true(same(&wiring->neurons, &need(types[i], 4, &arena)->neurons));
        assert_true(same(&wiring->sensory, &need(types[i], 4, &arena)->sensory));
        assert_false(same(&wiring->neurons, &need(types[i], 5, &arena)->neurons));
        assert_false(same(&wiring->neurons, &draw(types[i], 1, 4, &arena, &error)->neurons));
        arena_free(&arena);
    }
}

static void lists_name_every_synapse_by_target(void **state) {
    (void)state;
    struct arena arena = {0};
    const struct synapse_list *list = &need("{'type': 'random', 'units': 13}", 2, &arena)->neurons;
    for (int i = 0; i < list->targets; i++) {
        assert_int_equal(list->first[i + 1] - list->first[i], fan_in(list, i));
        for (int s = list->first[i]; s < list->first[i + 1]; s++) {
            assert_int_equal(list->target[s], i);
            assert_true(joined(list, list->source[s], i));
            assert_int_equal(list->position[s], list->source[s] * list->targets + i);
            assert_true(s == list->first[i] || list->source[s] > list->source[s - 1]);
        }
    }
    assert_int_equal(list->first[list->targets], list->count);
    arena_free(&arena);
}

static void a_written_wiring_makes_the_same_network_with_any_seed(void **state) {
    (void)state;
    struct arena arena = {0};
    struct error error = {0};
    static const char *const cells[] = {"ltc", "cfc"};
    for (int i = 0; i < 2; i++) {
        const struct cell_type *type = cell_type_find(cells[i]);
        cJSON *model = cJSON_Parse("{\"wiring\": {\"type\": \"auto_ncp\", \"units\": 15}}");
        struct network networks[2];
        for (int n = 0; n < 2; n++) {
            void *own = arena_alloc(&arena, type->options_size);
            struct network_options options = {cells[i], .hidden = 9, .layers = 2,
                                              .cell_options = own};
            struct field_target target = {type->options, own};
            assert_true(fields_read(&target, 1, model, "", &arena, &error));
            assert_true(network_create(&networks[n], &options, INPUTS, 0, 2, (uint64_t)n + 7,
                                       &arena, &error));
            network_write_wiring(&networks[n], model);
        }
        for (int l = 0; l < 2; l++) {
            const struct wiring *one = networks[0].cells[l].wiring;
            const struct wiring *other = networks[1].cells[l].wiring;
            assert_true(same(&one->neurons, &other->neurons));
            assert_true(same(&one->sensory, &other->sensory));
            assert_int_equal(one->command, other->command);
        }
        assert_int_equal(networks[0].params.size, networks[1].params.size);
        cJSON_Delete(model);
    }
    arena_free(&arena);
}

static void ltc_counts_synapses_as_parameters(void **state) {
    (void)state;
    struct cell_case test;
    struct error error = {0};
    assert_true(cell_case_create(
        &test,
        "{\"cell\": \"ltc\", \"wiring\": {\"type\": \"auto_ncp\", \"units\": 19, \"outputs\": 4}}",
        INPUTS, 0, &error));
    const struct wiring *wiring = test.cell.wiring;
    size_t synapses = (size_t)(wiring->neurons.count + wiring->sensory.count);
    assert_int_equal(test.params.size, 4 * synapses + 3 * 19 + 2 * INPUTS + 2 * 4);
    assert_int_equal(test.cell.outputs, 4);
    assert_int_equal(test.cell.state, 19);
    cell_case_free(&test);
}

/* Writes a cell's parameters and reads them again. */
static void sparse_parameters_survive_a_file(void **state) {
    (void)state;
    char path[] = "/tmp/liquidbench-weights-XXXXXX";
    int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    static const char *const models[] = {
        "{\"cell\": \"ltc\", \"wiring\": {\"type\": \"auto_ncp\", \"units\": 12}}",
        "{\"cell\": \"cfc\", \"wiring\": {\"type\": \"auto_ncp\", \"units\": 12}}"};
    static const char *const masks[] = {"sensory_sparsity_mask", "layer_1.sparsity_mask"};
    for (int i = 0; i < 2; i++) {
        struct cell_case test;
        struct error error = {0};
        assert_true(cell_case_create(&test, models[i], INPUTS, 0, &error));
        size_t size = test.params.size, count;
        real *params = ARENA_NEW(&test.arena, real, size),
             *again = ARENA_NEW(&test.arena, real, size);
        for (size_t k = 0; k < size; k++)
            params[k] = (real)(k + 1);
        struct tensor *tensors = weights_tensors(&test.params, params, &test.arena, &count);
        assert_true(safetensors_write(path, tensors, count, NULL, &error));
        struct tensor_file file;
        assert_true(safetensors_read(path, &file, &error));
        assert_true(weights_read(&test.params, &file, "", again, &error));
        assert_memory_equal(params, again, size * sizeof *params);

        /* The file of another wiring is refused. */
        struct tensor *mask = (struct tensor *)tensor_find(&file, masks[i]);
        assert_non_null(mask);
        real *values = (real *)mask->values;
        values[0] = 1 - values[0];
        assert_false(weights_read(&test.params, &file, "", again, &error));
        assert_non_null(strstr(error.text, masks[i]));
        tensor_file_free(&file);
        cell_case_free(&test);
    }
    remove(path);
}

static void impossible_wirings_are_refused_with_the_option_named(void **state) {
    (void)state;
    static const struct {
        const char *config, *named;
    } cases[] = {
        {"{'type': 'auto_ncp', 'units': 6, 'outputs': 4}", "wiring.outputs"},
        {"{'type': 'auto_ncp', 'units': 3}", "wiring.units"},
        {"{'type': 'auto_ncp', 'units': 10, 'inter': 5}", "wiring.inter"},
        {"{'type': 'random', 'units': 6, 'outputs': 7}", "wiring.outputs"},
        {"{'type': 'ncp', 'inter': 5}", "command"},
        {"{'type': 'ncp', 'inter': 5, 'command': 3, 'motor': 2, 'motor_fanin': 4}",
         "wiring.motor_fanin"},
        {"{'type': 'ncp', 'inter': 5, 'command': 3, 'motor': 2, 'sensory_fanout': 6}",
         "wiring.sensory_fanout"},
        {"{'type': 'ncp', 'inter': 5, 'command': 3, 'motor': 2, 'inter_fanout': 4}",
         "wiring.inter_fanout"},
        {"{'type': 'ncp', 'inter': 16384, 'command': 3, 'motor': 2}", "16384"},
        {"{'type': 'given', 'motor': 2}", "wiring.synapses"},
        {"{'type': 'given', 'motor': 2, 'synapses': 3}", "wiring.synapses"},
        {"{'type': 'given', 'motor': 2, 'synapses': [{'sensory': []}]}",
         "wiring.synapses[0].neurons"},
        {"{'type': 'given', 'motor': 2, 'synapses': [{'sensory': [[5, 0, 1]], 'neurons': []}]}",
         "wiring.synapses[0].sensory[0]"},
        {"{'type': 'given', 'motor': 2, 'synapses': [{'sensory': [], 'neurons': [[0, 1, 1], [0, 2, "
         "1]]}]}",
         "wiring.synapses[0].neurons[1]"},
        {"{'type': 'given', 'motor': 2, 'synapses': [{'sensory': [[0, 0, 0]], 'neurons': []}]}",
         "wiring.synapses[0].sensory[0]"},
        {"{'type': 'given', 'motor': 2, 'synapses': [{'sensory': [[0.5, 0, 1]], 'neurons': []}]}",
         "wiring.synapses[0].sensory[0]"},
        {"{'type': 'given', 'motor': 2, 'synapses': [{'sensory': [[0, 1e300, 1]], 'neurons': []}]}",
         "wiring.synapses[0].sensory[0]"},
        {"{'type': 'given', 'synapses': []}", "wiring.motor"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct arena arena = {0};
        struct error error = {0};
        assert_null(draw(cases[i].config, 0, 1, &arena, &error));
        if (strstr(error.text, cases[i].named) == NULL)
            fail_msg("%s: \"%s\" does not name %s", cases[i].config, error.text, cases[i].named);
        arena_free(&arena);
    }
}

/* A pass forward and back of streams [from, from + batch) of x [T][TOGETHER][INPUTS]; adds to the
 * gradient. */
enum { STEPS = 3, TOGETHER = 5 };

static void pass_streams(struct cell_case *test, const real *params, const real *x, int from,
                         int batch, real *y, real *gradient) {
    const struct cell *cell = &test->cell;
    struct arena *arena = &test->arena;
    real *own_x = ARENA_NEW(arena, real, STEPS * batch * INPUTS);
    real *elapsed = ARENA_NEW(arena, real, STEPS * batch);
    size_t outputs = (size_t)(batch * cell->outputs), input_row = (size_t)(batch * INPUTS);
    for (int t = 0; t < STEPS; t++) {
        memcpy(own_x + (size_t)t * input_row, x + (t * TOGETHER + from) * INPUTS,
               input_row * sizeof *x);
        for (int b = 0; b < batch; b++)
            elapsed[t * batch + b] = (real)(1 + t + from + b);
    }
    struct sequence sequence = {.steps = STEPS, .batch = batch, .x = own_x, .elapsed = elapsed};
    real *own_y = ARENA_NEW(arena, real, STEPS * outputs);
    real *workspace =
        ARENA_NEW(arena, real, cell->type->workspace(cell, STEPS, batch, PHASE_TRAIN));
    cell->type->forward(cell, params, &sequence, own_y, NULL, workspace);
    struct cell_gradient flow = {.y = own_y, .params = gradient}; /* loss: Σ y² / 2 */
    cell->type->backward(cell, params, &sequence, &flow, workspace);
    for (int t = 0; t < STEPS; t++)
        memcpy(y + (t * TOGETHER + from) * cell->outputs, own_y + (size_t)t * outputs,
               outputs * sizeof *y);
}

static void assert_near(const real *one, const real *other, size_t count, double tolerance) {
    for (size_t i = 0; i < count; i++)
        if (!(fabs((double)one[i] - (double)other[i]) <= tolerance * (1 + fabs((double)other[i]))))
            fail_msg("number %zu: %g and %g", i, (double)one[i], (double)other[i]);
}

static void streams_together_and_one_by_one_agree(void **state) {
    (void)state;
    static const char *const models[] = {
        "{\"cell\": \"ltc\", \"wiring\": {\"type\": \"auto_ncp\", \"units\": 21}}",
        "{\"cell\": \"ltc\", \"hidden\": 18, \"wiring\": {\"type\": \"random\", \"outputs\": 3}}",
        "{\"cell\": \"cfc\", \"wiring\": {\"type\": \"auto_ncp\", \"units\": 21}}",
        ("{\"cell\": \"ltc\", \"wiring\": {\"type\": \"auto_ncp\", \"units\": 21}, "
         "\"mixed_memory\": true}")};
    for (size_t i = 0; i < sizeof models / sizeof models[0]; i++) {
        struct cell_case test;
        struct error error = {0};
        assert_true(cell_case_create(&test, models[i], INPUTS, 0, &error));
        size_t size = test.params.size, y_size = (size_t)(STEPS * TOGETHER * test.cell.outputs);
        real *params = ARENA_NEW(&test.arena, real, size);
        real *x = ARENA_NEW(&test.arena, real, STEPS * TOGETHER * INPUTS);
        real *y[2], *gradient[2];
        gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
        test.cell.type->init(&test.cell, params, rng);
        for (int k = 0; k < STEPS * TOGETHER * INPUTS; k++)
            x[k] = (real)(2 * gsl_rng_uniform(rng) - 1);
        gsl_rng_free(rng);
        for (int way = 0; way < 2; way++) {
            y[way] = ARENA_NEW(&test.arena, real, y_size);
            gradient[way] = ARENA_NEW(&test.arena, real, size);
        }
        pass_streams(&test, params, x, 0, TOGETHER, y[0], gradient[0]);
        for (int b = 0; b < TOGETHER; b++)
            pass_streams(&test, params, x, b, 1, y[1], gradient[1]);
        assert_near(y[0], y[1], y_size, 1e-5);
        assert_near(gradient[0], gradient[1], size, 1e-4);
        cell_case_free(&test);
    }
}

static void a_wiring_may_have_no_synapses_at_all(void **state) {
    (void)state;
    static const char *const cells[] = {"ltc", "cfc"};
    for (int i = 0; i < 2; i++) {
        char model[256];
        struct cell_case test;
        struct error error = {0};
        snprintf(model, sizeof model,
                 "{\"cell\": \"%s\", \"wiring\": {\"type\": \"given\", \"motor\": 3, \"synapses\": "
                 "[{\"sensory\": [], \"neurons\": []}]}}",
                 cells[i]);
        if (!cell_case_create(&test, model, INPUTS, 0, &error))
            fail_msg("%s", error.text);
        const struct cell *cell = &test.cell;
        real *params = ARENA_NEW(&test.arena, real, test.params.size + 1);
        gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
        cell->type->init(cell, params, rng);
        gsl_rng_free(rng);
        real x[INPUTS] = {1, 2, 3, 4, 5}, elapsed = 1, y[3], final[3];
        struct sequence sequence = {
            .steps = 1, .batch = 1, .phase = PHASE_EVALUATE, .x = x, .elapsed = &elapsed};
        real *workspace =
            ARENA_NEW(&test.arena, real, cell->type->workspace(cell, 1, 1, PHASE_EVALUATE));
        cell->type->forward(cell, params, &sequence, y, final, workspace);
        for (int k = 0; k < 3; k++)
            assert_true(y[k] > -10 && y[k] < 10);
        cell_case_free(&test);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(auto_ncp_has_the_neurons_and_fans_of_ncps),
        cmocka_unit_test(ncp_joins_each_layer_with_the_next_alone),
        cmocka_unit_test(no_ncp_neuron_is_left_out),
        cmocka_unit_test(random_has_its_share_of_synapses),
        cmocka_unit_test(polarities_have_their_odds),
        cmocka_unit_test(the_same_seed_draws_the_same_wiring),
        cmocka_unit_test(lists_name_every_synapse_by_target),
        cmocka_unit_test(a_written_wiring_makes_the_same_network_with_any_seed),
        cmocka_unit_test(ltc_counts_synapses_as_parameters),
        cmocka_unit_test(sparse_parameters_survive_a_file),
        cmocka_unit_test(impossible_wirings_are_refused_with_the_option_named),
        cmocka_unit_test(streams_together_and_one_by_one_agree),
        cmocka_unit_test(a_wiring_may_have_no_synapses_at_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
