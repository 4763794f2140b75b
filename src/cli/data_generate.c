#include "base/choice.h"
#include "base/json.h"
#include "cli/command.h"
#include "cli/data_actions.h"
#include "data/generators/generator.h"
#include "data/text/csv_write.h"
#include "math/random.h"

#include <stdio.h>
#include <stdlib.h>

struct request {
    int rows, seed;
    const char *output;
    cJSON *parameters;
};

static const struct generator_type *find_generator(const char *name, struct error *error) {
    const struct generator_type *type = generator_find(name);
    if (type != NULL)
        return type;
    struct suggestion nearest = {.wanted = name};
    for (size_t i = 0; generator_at(i) != NULL; i++)
        suggestion_offer(&nearest, generator_at(i)->name);
    error_set(error, "there is no generator \"%s\"%s", name,
              suggestion_or(&nearest, "see `liquidbench list generators`").text);
    return NULL;
}

/* To stdout without a path; otherwise whole or not at all. */
static bool write_csv(const struct table *table, const char *path, struct error *error) {
    if (path != NULL)
        return csv_save(table, path, error);
    csv_write_table(stdout, table);
    return true;
}

static int generate_series(const char *name, const struct request *request) {
    struct error error;
    const struct generator_type *type = find_generator(name, &error);
    if (type == NULL)
        return fail(&error);
    gsl_rng *rng = random_stream((uint64_t)request->seed, "data generate");
    struct table table;
    bool good = generator_run(type, request->parameters, 0, request->rows, rng, &table, &error);
    gsl_rng_free(rng);
    if (good) {
        good = write_csv(&table, request->output, &error);
        table_free(&table);
    }
    return good ? EXIT_SUCCESS : fail(&error);
}

int data_generate(int argc, char **argv) {
    enum { ROWS = 256, SEED, SET };
    static const struct option options[] = {
        {"rows", required_argument, NULL, ROWS},  {"seed", required_argument, NULL, SEED},
        {"set", required_argument, NULL, SET},    {"output", required_argument, NULL, 'o'},
        {"help", no_argument, NULL, OPTION_HELP}, {0}};
    struct request request = {.rows = 500, .parameters = cJSON_CreateObject()};
    struct error error;
    int option, code = -1;
    while (code < 0 &&
           (option = option_next(&command_data, argc, argv, ":ho:", options)) != OPTIONS_END) {
        bool good = true;
        if (option == ROWS)
            good = option_int(&command_data, "--rows", optarg, 2, &request.rows);
        else if (option == SEED)
            good = option_int(&command_data, "--seed", optarg, 0, &request.seed);
        else if (option == 'o')
            request.output = optarg;
        else if (option == SET && !json_assign(request.parameters, optarg, &error))
            code = fail(&error);
        else if (option != SET)
            code = option_exit(option);
        if (!good)
            code = EXIT_BAD_INPUT;
    }
    if (code < 0 && argc - optind != 1)
        code = usage_error(&command_data, "generate takes one GENERATOR");
    if (code < 0)
        code = generate_series(argv[optind], &request);
    cJSON_Delete(request.parameters);
    return code;
}
