/* One experiment for each test of a program, loaded from a config in a temporary folder: cmocka's
 * setup and teardown. */
#ifndef SUPPORT_EXPERIMENT_FIXTURE_H
#define SUPPORT_EXPERIMENT_FIXTURE_H

#include "config/experiment.h"
#include "support/folder.h"

#define FIXTURE_CONFIG "two words.json"

struct fixture {
    struct folder folder;
    char path[2 * FOLDER_PATH];
    struct experiment experiment;
    struct error error;
};

static int set_up(void **state) {
    struct fixture *fixture = test_calloc(1, sizeof *fixture);
    fixture->folder = folder_new();
    folder_path(&fixture->folder, FIXTURE_CONFIG, fixture->path);
    *state = fixture;
    return 0;
}

static int tear_down(void **state) {
    struct fixture *fixture = *state;
    experiment_free(&fixture->experiment);
    folder_remove(&fixture->folder);
    test_free(fixture);
    return 0;
}

/* Loads the config's text; `assignment` as in --set, NULL: none. */
static bool load(struct fixture *fixture, const char *config, const char *assignment) {
    experiment_free(&fixture->experiment);
    folder_write(&fixture->folder, FIXTURE_CONFIG, config);
    return experiment_load(&fixture->experiment, fixture->path, &assignment, assignment != NULL,
                           &fixture->error);
}

#endif
