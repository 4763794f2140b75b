/* What `liquidbench data` does with data sets, one file an action. `data list` is in command_data.c. */
#ifndef CLI_DATA_ACTIONS_H
#define CLI_DATA_ACTIONS_H

#include "data/formats/table.h"

#include <cjson/cJSON.h>

/* argv[0] is the action's name. Each returns the exit code. */
int data_describe(int argc, char **argv);
int data_fetch(int argc, char **argv);
int data_generate(int argc, char **argv);
int data_convert(int argc, char **argv);

/* data_convert.c: the table in a file; `settings` are the fields of "dataset" that --set gives, which say
 * how to read it. Free with table_free(). */
bool data_read_file(const char *path, const cJSON *settings, struct table *table,
                    struct error *error);

#endif
