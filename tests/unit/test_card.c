#include "data/catalogue/card.h"

#include "base/json.h"
#include "support/folder.h"
#include "support/loading.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct error last_error;

static cJSON *resolve(const char *dataset) {
    cJSON *json = cJSON_Parse(dataset);
    assert_non_null(json);
    last_error = (struct error){0};
    cJSON *resolved = dataset_resolve(json, "/configs", &last_error);
    cJSON_Delete(json);
    return resolved;
}

static void assert_string(const cJSON *json, const char *key, const char *expected) {
    assert_string_equal(json_string(json, key, "(absent)"), expected);
}

static void name_of_a_card_brings_its_fields_and_the_config_overrides_them(void **state) {
    (void)state;
    cJSON *resolved = resolve("{\"name\": \"sunspots\", \"period\": 11, \"missing\": null}");
    assert_non_null(resolved);
    assert_string(resolved, "name", "sunspots");
    assert_string(resolved, "csv", "sunspots.csv");
    assert_string(resolved, "time", "month");
    assert_true(json_number(resolved, "period", 0) == 11);
    cJSON_Delete(resolved);
}

static void name_of_a_generator_brings_its_columns_and_task(void **state) {
    (void)state;
    cJSON *resolved = resolve("{\"name\": \"irregular_sines\"}");
    assert_string(resolved, "generator", "irregular_sines");
    assert_string(resolved, "time", "time");
    assert_null(cJSON_GetObjectItem(resolved, "path"));
    cJSON_Delete(resolved);
    cJSON *dataset = cJSON_Parse("{\"name\": \"irregular_sines\"}");
    cJSON *task = cJSON_Parse("{\"window\": 7}");
    cJSON *merged = task_resolve(task, dataset, &last_error);
    assert_string(merged, "type", "regression");
    assert_true(json_number(merged, "window", 0) == 7);
    cJSON_Delete(merged);
    merged = task_resolve(NULL, dataset, &last_error);
    assert_string(merged, "type", "regression");
    cJSON_Delete(merged);
    cJSON_Delete(dataset);
    cJSON_Delete(task);
}

static void files_of_ones_own_need_no_card_and_lie_beside_the_config(void **state) {
    (void)state;
    cJSON *resolved = resolve("{\"name\": \"mine\", \"csv\": \"my.csv\"}");
    assert_string(resolved, "path", "/configs");
    cJSON_Delete(resolved);
    resolved = resolve("{\"csv\": \"my.csv\", \"path\": \"data\"}");
    assert_string(resolved, "path", "/configs/data");
    cJSON_Delete(resolved);
    resolved = resolve("{\"csv\": \"my.csv\", \"path\": \"/data\"}");
    assert_string(resolved, "path", "/data");
    cJSON_Delete(resolved);
    resolved = resolve("{\"name\": \"mine\", \"split\": {\"method\": \"files\", \"train\": \"a*\", "
                       "\"test\": \"b*\"}}");
    assert_string(resolved, "path", "/configs");
    cJSON_Delete(resolved);
}

static void unknown_names_are_refused_with_the_nearest(void **state) {
    (void)state;
    assert_null(resolve("{\"name\": \"sunspot\"}"));
    assert_non_null(strstr(last_error.text, "did you mean \"sunspots\"?"));
    assert_null(resolve("{\"name\": \"lorentz\"}"));
    assert_non_null(strstr(last_error.text, "did you mean \"lorenz\"?"));
    assert_null(resolve("{\"name\": \"../cards/sunspots\"}"));
    assert_null(resolve("{\"name\": \"weather station\"}"));
    assert_non_null(strstr(last_error.text, "add \"csv\""));
    assert_null(resolve("[]"));
}

static void data_that_is_not_shipped_is_expected_where_the_environment_says(void **state) {
    (void)state;
    setenv("LIQUIDBENCH_DATA", "/data", 1);
    cJSON *resolved = resolve("{\"name\": \"cheetah\"}");
    assert_string(resolved, "path", "/data/cheetah");
    cJSON_Delete(resolved);
    unsetenv("LIQUIDBENCH_DATA");
    resolved = resolve("{\"name\": \"cheetah\"}");
    assert_string(resolved, "path", "datasets/cache/cheetah");
    cJSON_Delete(resolved);
    resolved = resolve("{\"name\": \"cheetah\", \"path\": \"/elsewhere\"}");
    assert_string(resolved, "path", "/elsewhere");
    cJSON_Delete(resolved);
    assert_load_fails("{\"name\": \"cheetah\", \"path\": \"/elsewhere\"}", "{}", ".",
                      "no folder /elsewhere", "LIQUIDBENCH_DATA", "--set dataset.path", NULL);
}

static void cards_of_ones_own_come_first(void **state) {
    (void)state;
    struct folder folder = folder_new();
    struct error error;
    char path[2 * FOLDER_PATH];
    assert_true(file_make_directory(folder_path(&folder, "cards", path), &error));
    folder_write(&folder, "cards/sunspots.json",
                 "{\"dataset\": {\"path\": \"mine\", \"csv\": \"other.csv\"}}");
    folder_write(&folder, "cards/broken.json", "{\"dataset\": ");
    folder_write(&folder, "cards/bare.json", "{}");
    setenv("LIQUIDBENCH_DATASETS", folder.path, 1);
    cJSON *resolved = resolve("{\"name\": \"sunspots\"}");
    assert_string(resolved, "csv", "other.csv");
    assert_string(resolved, "path", folder_path(&folder, "mine", path));
    cJSON_Delete(resolved);
    assert_null(resolve("{\"name\": \"broken\"}"));
    assert_non_null(strstr(last_error.text, "broken.json"));
    assert_null(resolve("{\"name\": \"bare\"}"));
    assert_non_null(strstr(last_error.text, "no \"dataset\" object"));
    struct arena arena = {0};
    struct string_list names = dataset_names(&arena);
    int sunspots = 0, bare = 0;
    for (size_t i = 0; i < names.count; i++) {
        sunspots += strcmp(names.items[i], "sunspots") == 0;
        bare += strcmp(names.items[i], "bare") == 0;
    }
    assert_true(sunspots == 1 && bare == 1);
    arena_free(&arena);
    unsetenv("LIQUIDBENCH_DATASETS");
    folder_remove(&folder);
}

static void every_built_in_card_says_where_its_data_comes_from(void **state) {
    (void)state;
    struct arena arena = {0};
    struct string_list names = dataset_names(&arena);
    assert_true(names.count >= 9);
    assert_string_equal(names.items[0], "damped_oscillator");
    for (size_t i = 0; i < names.count; i++) {
        cJSON *card = card_load(names.items[i], &last_error);
        assert_non_null(card);
        assert_true(strlen(json_string(card, "title", "")) > 10);
        assert_true(strlen(json_string(card, "source", "")) > 10);
        if (json_string(cJSON_GetObjectItem(card, "dataset"), "generator", NULL) == NULL)
            assert_true(strlen(json_string(card, "licence", "")) > 10);
        cJSON_Delete(card);
    }
    arena_free(&arena);
}

static void shipped_sets_and_generators_load_with_their_own_task(void **state) {
    (void)state;
    static const char *const names[] = {"sunspots",       "co2",    "damped_oscillator",
                                        "mackey_glass",   "lorenz", "forced_pendulum",
                                        "irregular_sines"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char dataset[64];
        struct loaded loaded;
        snprintf(dataset, sizeof dataset, "{\"name\": \"%s\"}", names[i]);
        load_good(&loaded, dataset, "{}", "/");
        unload(&loaded);
    }
}

static void sunspots_and_co2_are_the_published_series(void **state) {
    (void)state;
    struct loaded l;
    load_good(&l, "{\"name\": \"sunspots\", \"scale\": \"none\"}", "{}", "/");
    const struct dataset *d = &l.dataset;
    assert_int_equal(d->train.series[0].rows + d->valid.series[0].rows + d->test.series[0].rows,
                     2820);
    assert_float_equal(d->train.series[0].x[0], 58, 1e-4);
    assert_float_equal(d->train.series[0].x[1], 62.6, 1e-4);
    unload(&l);
    load_good(&l, "{\"name\": \"co2\", \"scale\": \"none\"}", "{}", "/");
    assert_float_equal(l.dataset.train.series[0].x[0], 315.42, 1e-4);
    assert_int_equal(l.dataset.train.series[0].rows, 328);
    unload(&l);
}

/* The folder of public data sets beside the repository, or a loud skip. */
static const char *public_data(const char *name) {
    static char path[256];
    snprintf(path, sizeof path, "../shared/datasets/%s", name);
    if (file_exists(path))
        return path;
    print_message("SKIPPED: %s is not here\n", path);
    skip();
    return NULL;
}

/* Unpacks an archive that may not be here; then the test is skipped. */
static struct folder unpack(const char *archive) {
    const char *zip = public_data(archive);
    struct folder folder = folder_new();
    char command[1024];
    snprintf(command, sizeof command, "unzip -q %s -d %s", zip, folder.path);
    if (system(command) != 0) {
        folder_remove(&folder);
        print_message("SKIPPED: unzip is not installed\n");
        skip();
    }
    return folder;
}

static void cheetah_follows_the_published_protocol(void **state) {
    (void)state;
    char dataset[512], here[256];
    const char *path = public_data("cheetah");
    assert_non_null(realpath(".", here));
    snprintf(dataset, sizeof dataset, "{\"name\": \"cheetah\", \"path\": \"%s/%s\"}", here, path);
    struct loaded l;
    load_good(&l, dataset, "{}", "/");
    assert_int_equal(l.dataset.valid.series_count, 5);
    assert_int_equal(l.dataset.test.series_count, 10);
    assert_int_equal(l.dataset.train.series_count, 10);
    assert_string_equal(l.dataset.train.series[0].name, "trace_0015.npy");
    assert_int_equal(l.dataset.train.window_count, 970);
    assert_int_equal(l.dataset.inputs, 17);
    assert_int_equal(l.dataset.outputs, 17);
    assert_true(l.dataset.input_scale[0] == 1 && l.dataset.input_offset[0] == 0);
    unload(&l);
}

/* The sets of the paper's code, counted there. */
static void walker2d_follows_the_published_protocol(void **state) {
    (void)state;
    struct folder folder = unpack("walker.zip");
    char dataset[512];
    snprintf(dataset, sizeof dataset, "{\"name\": \"walker2d\", \"path\": \"%s/walker\"}",
             folder.path);
    struct loaded l;
    load_good(&l, dataset, "{}", "/");
    assert_int_equal(l.dataset.train.series_count, 300);
    assert_int_equal(l.dataset.train.window_count, 9684);
    assert_int_equal(l.dataset.valid.window_count, 1272);
    assert_int_equal(l.dataset.test.window_count, 1937);
    double rows = 0, times = 0;
    for (int s = 0; s < l.dataset.train.series_count; s++) {
        const struct series *series = &l.dataset.train.series[s];
        rows += series->rows;
        for (int row = 0; row < series->rows; row++)
            times += series->time[row];
    }
    assert_true(rows == 171884 && times == 67505808);
    unload(&l);
    folder_remove(&folder);
}

static void occupancy_follows_the_published_protocol(void **state) {
    (void)state;
    struct folder folder = unpack("occupancy_data.zip");
    char dataset[512];
    snprintf(dataset, sizeof dataset, "{\"name\": \"occupancy\", \"path\": \"%s\"}", folder.path);
    struct loaded l;
    load_good(&l, dataset, "{}", "/");
    assert_int_equal(l.dataset.train.series[0].rows, 8143);
    assert_int_equal(l.dataset.test.series_count, 2);
    assert_int_equal(l.dataset.outputs, 2);
    assert_int_equal(l.dataset.train.window_count + l.dataset.valid.window_count, 8128);
    assert_int_equal(l.dataset.valid.window_count, 812);
    assert_int_equal(l.dataset.test.window_count, (2665 - 16) / 8 + 1 + (9752 - 16) / 8 + 1);
    unload(&l);
    folder_remove(&folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(name_of_a_card_brings_its_fields_and_the_config_overrides_them),
        cmocka_unit_test(name_of_a_generator_brings_its_columns_and_task),
        cmocka_unit_test(files_of_ones_own_need_no_card_and_lie_beside_the_config),
        cmocka_unit_test(unknown_names_are_refused_with_the_nearest),
        cmocka_unit_test(data_that_is_not_shipped_is_expected_where_the_environment_says),
        cmocka_unit_test(cards_of_ones_own_come_first),
        cmocka_unit_test(every_built_in_card_says_where_its_data_comes_from),
        cmocka_unit_test(shipped_sets_and_generators_load_with_their_own_task),
        cmocka_unit_test(sunspots_and_co2_are_the_published_series),
        cmocka_unit_test(cheetah_follows_the_published_protocol),
        cmocka_unit_test(walker2d_follows_the_published_protocol),
        cmocka_unit_test(occupancy_follows_the_published_protocol),
    };
    return cmocka_run_group_tests_name("card", tests, NULL, NULL);
}
