#include "base/json.h"
#include "cli/command.h"
#include "cli/data_actions.h"
#include "data/pipeline/source.h"
#include "data/text/csv_write.h"

#include <stdlib.h>

bool data_read_file(const char *path, const cJSON *settings, struct table *table,
                    struct error *error) {
    struct arena arena = {0};
    struct dataset_options options = {0};
    struct field_target target = {dataset_fields, &options};
    bool read = fields_read(&target, 1, settings, "--set", &arena, error) &&
                table_read(options_by_format(&options, "forecast", &arena), path, table, error);
    arena_free(&arena);
    return read;
}

static int convert_file(const char *from, const char *to, const cJSON *settings) {
    struct table table;
    struct error error;
    bool good = data_read_file(from, settings, &table, &error);
    if (good) {
        good = csv_save(&table, to, &error);
        table_free(&table);
    }
    return good ? EXIT_SUCCESS : fail(&error);
}

int data_convert(int argc, char **argv) {
    enum { SET = 256 };
    static const struct option options[] = {
        {"set", required_argument, NULL, SET}, {"help", no_argument, NULL, OPTION_HELP}, {0}};
    cJSON *settings = cJSON_CreateObject();
    struct error error;
    int option, code = -1;
    while (code < 0 &&
           (option = option_next(&command_data, argc, argv, ":h", options)) != OPTIONS_END)
        code = option != SET                           ? option_exit(option)
               : json_assign(settings, optarg, &error) ? code
                                                       : fail(&error);
    if (code < 0 && argc - optind != 2)
        code = usage_error(&command_data, "convert takes a file to read and a file to write");
    if (code < 0)
        code = convert_file(argv[optind], argv[optind + 1], settings);
    cJSON_Delete(settings);
    return code;
}
