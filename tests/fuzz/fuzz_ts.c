#include "data/formats/ts_format.h"
#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const char *path = fuzz_file(data, size);
    struct table table = {0};
    struct error error = {0};
    bool has_times = ts_has_times(path);
    bool accepted = ts_read(path, &table, &error);
    fuzz_check_error(accepted, &error);
    fuzz_check_table(&table);
    fuzz_require(!accepted || table.rows > 0, "there is a series");
    fuzz_require(!accepted || !has_times || table.column_count > 2, "there is a column of times");
    table_free(&table);
    return 0;
}
