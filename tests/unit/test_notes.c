#include "base/notes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static void the_same_note_about_several_files_is_one_that_counts_them(void **state) {
    (void)state;
    struct arena arena = {0};
    struct notes notes = {0};
    notes_add(&notes, &arena, "a.csv", "column \"%s\" is text", "id");
    notes_add(&notes, &arena, "b.csv", "column \"%s\" is text", "id");
    notes_add(&notes, &arena, NULL, "3 series are short");
    notes_add(&notes, &arena, "c.csv", "column \"%s\" is text", "id");
    notes_add(&notes, &arena, "a.csv", "column \"%s\" is text", "id");
    assert_int_equal(notes.count, 2);
    assert_string_equal(note_text(&notes.items[0], &arena),
                        "a.csv (and 2 more files): column \"id\" is text");
    assert_string_equal(note_text(&notes.items[1], &arena), "3 series are short");
    arena_free(&arena);
}

static void notes_of_tables_join_those_of_the_data_set(void **state) {
    (void)state;
    struct arena table = {0}, dataset = {0};
    struct notes read = {0}, all = {0};
    char name[16];
    for (int i = 0; i < 9; i++) {
        snprintf(name, sizeof name, "x%d", i);
        notes_add(&read, &table, "a.csv", "column \"%s\" is text", name);
    }
    notes_join(&all, &dataset, &read);
    arena_free(&table);
    assert_int_equal(all.count, 9);
    assert_string_equal(note_text(&all.items[8], &dataset), "a.csv: column \"x8\" is text");
    arena_free(&dataset);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_note_about_several_files_is_one_that_counts_them),
        cmocka_unit_test(notes_of_tables_join_those_of_the_data_set),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
