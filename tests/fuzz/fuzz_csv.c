#include "data/text/csv.h"
#include "fuzz/fuzz.h"

#include <math.h>

static void check_column(const struct table *table, const struct column *column) {
    fuzz_require(column->name != NULL, "a column has a name");
    for (size_t row = 0; row < table->rows; row++) {
        double value = column->values[row];
        if (column->type == COLUMN_LABEL && !isnan(value))
            fuzz_require(value >= 0 && value < (double)column->label_count, "a label is known");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct csv_options options = {.delimiter = "\0,;\t"[size % 4],
                                  .header = (enum csv_header)(size / 4 % 4),
                                  .decimal = "\0,."[size / 16 % 3],
                                  .thousands = "\0\0,' "[size / 48 % 5]};
    const char *first[] = {"1", "2"}, *tokens[] = {"-9999", "None"};
    options.time = (struct string_list){size / 7 % 3, first};
    options.missing_tokens = (struct string_list){size / 11 % 3, tokens};
    options.group = size % 13 == 0 ? "2" : NULL;
    options.labels = (struct string_list){size % 17 == 0, first + 1};
    options.keep_na = size % 2;
    options.skip = size % 19 == 0;
    struct table table = {0};
    struct error error = {0};
    bool accepted = csv_read(fuzz_file(data, size), &options, &table, &error);
    fuzz_check_error(accepted, &error);
    for (size_t i = 0; accepted && i < table.column_count; i++)
        check_column(&table, &table.columns[i]);
    table_free(&table);
    return 0;
}
