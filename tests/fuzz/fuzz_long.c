#include "data/formats/long_format.h"
#include "data/text/csv.h"
#include "fuzz/fuzz.h"

/* The length of the input says whether there is a column of groups, and how the columns are named. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *names[] = {"time", "1"};
    const char **time = &names[size % 2];
    struct long_columns columns = {
        .time = *time, .variable = "2", .value = "3", .group = size / 2 % 2 ? "4" : NULL};
    struct csv_options options = {
        .time = {1, time}, .variable = columns.variable, .group = columns.group};
    struct table table = {0};
    struct error error = {0};
    bool accepted = csv_read(fuzz_file(data, size), &options, &table, &error) &&
                    table_from_long(&table, &columns, &error);
    fuzz_check_error(accepted, &error);
    if (accepted) {
        table_add_unmeasured(&table, "never");
        fuzz_check_table(&table);
    }
    table_free(&table);
    return 0;
}
