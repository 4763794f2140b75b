/* A temporary folder for each test of a program: cmocka's setup and teardown. */
#ifndef SUPPORT_FOLDER_FIXTURE_H
#define SUPPORT_FOLDER_FIXTURE_H

#include "support/folder.h"

static struct folder folder;

static int make_folder(void **state) {
    (void)state;
    folder = folder_new();
    return 0;
}

static int remove_folder(void **state) {
    (void)state;
    folder_remove(&folder);
    return 0;
}

#endif
