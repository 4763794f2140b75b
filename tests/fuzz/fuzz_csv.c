#include "data/text/csv.h"
#include "fuzz/fuzz.h"

/* The length of the input chooses what the user says of the file: mostly nothing. */
static struct csv_options options_of(size_t size) {
    static const char *first[] = {"1", "2"}, *parts[] = {"1", "3"}, *tokens[] = {"-9999", "None"};
    static const char *const comments[] = {NULL, NULL, "#", "%", ""};
    return (struct csv_options){
        .delimiter = "\0,;\t"[size % 4],
        .decimal = "\0,."[size / 16 % 3],
        .thousands = "\0\0,' "[size / 48 % 5],
        .header = (enum csv_header)(size / 4 % 4),
        .comment = comments[size % 5],
        .skip = size % 19 == 0,
        .missing_tokens = {size / 11 % 3, tokens},
        .keep_na = size % 2,
        .time = {size / 7 % 3, size / 21 % 2 ? parts : first},
        .time_format = size % 23 == 0 ? "%d.%m.%Y %H:%M:%S%f" : NULL,
        .group = size % 13 == 0 ? "2" : NULL,
        .categorical = {size % 29 == 0, first},
        .labels = {size % 17 == 0, first + 1},
    };
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct csv_options options = options_of(size);
    struct table table = {0};
    struct error error = {0};
    bool accepted = csv_read(fuzz_file(data, size), &options, &table, &error);
    fuzz_check_error(accepted, &error);
    fuzz_check_table(&table);
    table_free(&table);
    return 0;
}
