#include "base/choice.h"
#include "base/file.h"
#include "base/json.h"
#include "base/printable.h"
#include "cli/command.h"
#include "cli/data_actions.h"
#include "data/catalogue/card.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "Usage: liquidbench data list\n"
    "       liquidbench data describe [OPTION]... NAME|FILE\n"
    "       liquidbench data fetch [--mirror DIR] NAME...\n"
    "       liquidbench data generate [OPTION]... GENERATOR\n"
    "       liquidbench data convert [OPTION]... IN OUT.csv\n"
    "\n"
    "  list      the built-in data sets\n"
    "  describe  a built-in data set as the models see it, or the columns of a CSV or .npy file\n"
    "  fetch     the files of data sets that are not shipped, verified and unpacked, into\n"
    "            $LIQUIDBENCH_DATA/NAME or datasets/cache/NAME\n"
    "  generate  one series of synthetic data as CSV\n"
    "  convert   a .npy, .npz, IDX or CSV file to plain CSV\n"
    "\n"
    "Options of describe and convert:\n"
    "      --set NAME=JSON how to read the file: a field of \"dataset\", as in decimal=,\n"
    "\n"
    "Options of describe:\n"
    "      --perturb TYPE[:SEVERITY]  draw the test data so perturbed over the clean\n"
    "  -o, --output FILE   SVG or PNG to draw into (default: perturbed.svg)\n"
    "\n"
    "Options of fetch:\n"
    "      --mirror DIR    a folder with the original files, instead of the network\n"
    "\n"
    "Options of generate:\n"
    "      --rows N        rows (default: 500)\n"
    "      --seed N        (default: 0)\n"
    "      --set NAME=JSON a parameter, or the [low, high] range it is drawn from\n"
    "  -o, --output FILE   write there instead of to stdout\n"
    "\n"
    "Examples:\n"
    "  liquidbench data describe co2\n"
    "  liquidbench data describe lorenz --perturb drift:2 -o drift.svg\n"
    "  liquidbench data fetch walker2d occupancy\n"
    "  liquidbench data generate lorenz --rows 2000 --set 'rho=[26, 30]' -o lorenz.csv\n"
    "  liquidbench data convert trace_0000.npy trace.csv\n";

/* "generated"; "file" when it is here; "to fetch". */
static const char *whereabouts(const cJSON *card) {
    const cJSON *dataset = cJSON_GetObjectItemCaseSensitive(card, "dataset");
    const char *path = json_string(dataset, "path", "");
    if (cJSON_HasObjectItem(dataset, "generator"))
        return "generated";
    return cJSON_HasObjectItem(card, "fetch") && !file_is_directory(path) ? "to fetch" : "file";
}

static int list(int argc, char **argv) {
    if (argc != 1)
        return usage_error(&command_data, "list takes no argument such as \"%s\"", argv[1]);
    struct arena arena = {0};
    struct string_list names = dataset_names(&arena);
    struct error error;
    bool listed = true;
    size_t width = 0;
    for (size_t i = 0; i < names.count; i++) {
        size_t own = strlen(printable(&arena, names.items[i]));
        width = own > width ? own : width;
    }
    for (size_t i = 0; listed && i < names.count; i++) {
        cJSON *card = card_load(names.items[i], &error);
        listed = card != NULL;
        if (listed)
            printf("%-*s  %-9s  %s\n", (int)width, printable(&arena, names.items[i]),
                   whereabouts(card), printable(&arena, json_string(card, "title", "")));
        cJSON_Delete(card);
    }
    arena_free(&arena);
    return listed ? EXIT_SUCCESS : fail(&error);
}

static const struct {
    const char *name;
    int (*run)(int argc, char **argv); /* argv[0] is the action */
} actions[] = {{"list", list},
               {"describe", data_describe},
               {"fetch", data_fetch},
               {"generate", data_generate},
               {"convert", data_convert}};

static int data(int argc, char **argv) {
    static const struct option options[] = {{"help", no_argument, NULL, OPTION_HELP}, {0}};
    if (argc >= 2 && argv[1][0] == '-') {
        int option = option_next(&command_data, argc, argv, "+:h", options);
        if (option != OPTIONS_END)
            return option_exit(option);
    }
    if (argc < 2)
        return usage_error(&command_data,
                           "say what to do: list, describe, fetch, generate or convert");
    struct suggestion nearest = {.wanted = argv[1]};
    for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++) {
        if (strcmp(actions[i].name, argv[1]) == 0)
            return actions[i].run(argc - 1, argv + 1);
        suggestion_offer(&nearest, actions[i].name);
    }
    return usage_error(&command_data, "cannot \"%s\"%s", argv[1],
                       suggestion_or(&nearest, "%s", "").text);
}

const struct command command_data = {
    .name = "data",
    .summary = "list, describe, fetch, generate and convert data sets",
    .help = help,
    .run = data,
};
