#include "data/formats/wide_format.h"
#include "data/text/csv.h"
#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *first[] = {"1"};
    struct csv_options options = {.header = size % 2 ? CSV_HEADER_NO : CSV_HEADER_DETECT,
                                  .time = {size / 2 % 2, first}};
    struct table table = {0};
    struct error error = {0};
    bool accepted = csv_read(fuzz_file(data, size), &options, &table, &error) &&
                    table_from_wide(&table, &error);
    fuzz_check_error(accepted, &error);
    fuzz_check_table(&table);
    table_free(&table);
    return 0;
}
