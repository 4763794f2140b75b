#include "data/catalogue/card.h"
#include "fuzz/fuzz.h"

#include <stdlib.h>

/* The card of a data set, and what a config that names it gets. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct error error = {0};
    setenv("LIQUIDBENCH_DATASETS", fuzz_folder("cards/fuzzed.json", data, size), 1);
    cJSON *card = card_load("fuzzed", &error);
    fuzz_check_error(card != NULL, &error);
    cJSON *config = cJSON_Parse("{\"name\": \"fuzzed\"}");
    error = (struct error){0};
    cJSON *dataset = dataset_resolve(config, ".", &error);
    fuzz_check_error(dataset != NULL, &error);
    error = (struct error){0};
    cJSON *task = task_resolve(NULL, config, &error);
    fuzz_check_error(task != NULL, &error);
    cJSON_Delete(task);
    cJSON_Delete(dataset);
    cJSON_Delete(config);
    cJSON_Delete(card);
    return 0;
}
