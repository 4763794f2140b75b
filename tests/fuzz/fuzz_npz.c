#include "data/formats/npz.h"
#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct table table = {0};
    struct error error = {0};
    bool accepted = npz_read(fuzz_file(data, size), &table, &error);
    fuzz_check_error(accepted, &error);
    for (size_t i = 0; accepted && i < table.column_count; i++)
        for (size_t row = 0; row < table.rows; row++)
            fuzz_use(table.columns[i].values[row]);
    table_free(&table);
    return 0;
}
