#include "experiment/run/leftovers.h"

#include "base/file.h"
#include "support/folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static struct folder folder;
static struct trial_claim own;

static int set_up(void **state) {
    (void)state;
    static const char *const parts[] = {"trials", "models", "predictions", "claims"};
    folder = folder_new();
    own = claim_of_this_process();
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        char path[2 * FOLDER_PATH];
        assert_int_equal(mkdir(folder_path(&folder, parts[i], path), 0700), 0);
    }
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    folder_remove(&folder);
    return 0;
}

static bool exists(const char *name) {
    char path[2 * FOLDER_PATH];
    return file_exists(folder_path(&folder, name, path));
}

/* Of this process, or of one that had its number before. */
static void write_claim(const char *name, const char *place, bool is_alive) {
    char text[600];
    snprintf(text, sizeof text,
             "{\"host\": \"x\", \"place\": \"%s\", \"pid\": %ld, \"started\": %llu}", place,
             (long)getpid(), own.started + !is_alive);
    folder_write(&folder, name, text);
}

static void files_of_a_trial_that_nobody_has_claimed_are_removed(void **state) {
    (void)state;
    static const char *const names[] = {"trials/a-1.json.tmp-1f", "models/a-1.safetensors.tmp-2e",
                                        "predictions/a-1.csv.tmp-3d"};
    for (size_t i = 0; i < 3; i++)
        folder_write(&folder, names[i], "half of i");
    folder_write(&folder, "trials/a-1.json", "{}");
    leftovers_remove(folder.path, &own);
    for (size_t i = 0; i < 3; i++)
        assert_false(exists(names[i]));
    assert_true(exists("trials/a-1.json"));
}

static void those_of_a_trial_that_a_dead_process_has_claimed_are_removed(void **state) {
    (void)state;
    folder_write(&folder, "trials/a-1.json.tmp-1f", "");
    write_claim("claims/a-1.json", own.place, false);
    leftovers_remove(folder.path, &own);
    assert_false(exists("trials/a-1.json.tmp-1f"));
    assert_true(exists("claims/a-1.json")); /* for whoever takes the trial over */
}

static void those_of_a_trial_that_is_or_may_be_at_work_stay(void **state) {
    (void)state;
    folder_write(&folder, "trials/mine.json.tmp-1f", "");
    write_claim("claims/mine.json", own.place, true);
    folder_write(&folder, "trials/elsewhere.json.tmp-1f", "");
    write_claim("claims/elsewhere.json", "another machine", false);
    folder_write(&folder, "trials/empty.json.tmp-1f", "");
    folder_write(&folder, "claims/empty.json", "");
    leftovers_remove(folder.path, &own);
    assert_true(exists("trials/mine.json.tmp-1f"));
    assert_true(exists("trials/elsewhere.json.tmp-1f"));
    assert_true(exists("trials/empty.json.tmp-1f"));
}

static void files_whose_trial_is_not_known_stay(void **state) {
    (void)state;
    static const char *const names[] = {"trials/a.txt.tmp-1f", "trials/a.json.tmp-",
                                        "trials/a.json.tmp-xyz", "trials/.json.tmp-1f"};
    for (size_t i = 0; i < 4; i++)
        folder_write(&folder, names[i], "");
    char cut[240]; /* 200 bytes of a name that was longer, as file_temporary_name() cuts it */
    snprintf(cut, sizeof cut, "trials/%0195d.json.tmp-1f", 0);
    folder_write(&folder, cut, "");
    leftovers_remove(folder.path, &own);
    for (size_t i = 0; i < 4; i++)
        assert_true(exists(names[i]));
    assert_true(exists(cut));
}

static void claims_of_the_dead_are_removed_where_nobody_waits_for_them(void **state) {
    (void)state;
    folder_write(&folder, "trials/done.json", "{}");
    write_claim("claims/done.json", own.place, false);
    folder_write(&folder, "trials/again.json", "{}");
    write_claim("claims/again.json", own.place, true);
    write_claim("claims/open.json", own.place, false);
    write_claim("claims/open.json.tmp-1f", own.place, false); /* put aside */
    write_claim("claims/late.json.tmp-1f", own.place, true);
    leftovers_remove(folder.path, &own);
    assert_false(exists("claims/done.json"));
    assert_true(exists("claims/again.json"));
    assert_true(exists("claims/open.json"));
    assert_false(exists("claims/open.json.tmp-1f"));
    assert_true(exists("claims/late.json.tmp-1f"));
}

static void a_folder_that_is_not_there_is_as_good_as_an_empty_one(void **state) {
    (void)state;
    char path[2 * FOLDER_PATH];
    leftovers_remove(folder_path(&folder, "absent", path), &own);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(files_of_a_trial_that_nobody_has_claimed_are_removed),
        TEST(those_of_a_trial_that_a_dead_process_has_claimed_are_removed),
        TEST(those_of_a_trial_that_is_or_may_be_at_work_stay),
        TEST(files_whose_trial_is_not_known_stay),
        TEST(claims_of_the_dead_are_removed_where_nobody_waits_for_them),
        TEST(a_folder_that_is_not_there_is_as_good_as_an_empty_one),
    };
    return cmocka_run_group_tests_name("leftovers", tests, NULL, NULL);
}
