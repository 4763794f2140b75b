#include "base/file.h"
#include "base/json.h"
#include "base/json_place.h"
#include "support/folder.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct folder folder;

static int set_up(void **state) {
    (void)state;
    folder = folder_new();
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    folder_remove(&folder);
    return 0;
}

static cJSON *load(const char *name, struct error *error) {
    char path[2 * FOLDER_PATH];
    return json_load_extended(folder_path(&folder, name, path), error);
}

/* The file is refused, and the message holds `expected`. */
static void assert_refused(const char *name, const char *expected) {
    struct error error = {0};
    cJSON *json = load(name, &error);
    assert_null(json);
    if (strstr(error.text, expected) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", error.text, expected);
}

static void assert_json(const cJSON *json, const char *expected) {
    char *text = cJSON_PrintUnformatted(json);
    assert_string_equal(text, expected);
    cJSON_free(text);
}

static void a_syntax_error_is_named_by_line_and_column(void **state) {
    (void)state;
    folder_write(&folder, "x.json", "{\n  \"a\": 1,\n  \"b\": oops\n}\n");
    assert_refused("x.json", "x.json:3:8: expected a value; text stands in double quotes");
    folder_write(&folder, "x.json", "{\"a\": 1} extra");
    assert_refused("x.json", "x.json:1:10: expected the end of the file");
}

static void a_syntax_error_says_what_was_expected_and_shows_the_place(void **state) {
    (void)state;
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"{\"a\": [0, 1\n}",
         "x.json:2:1: expected \",\" or \"]\" to go on with or close the list of "
         "line 1\n    2 | }\n      | ^"},
        {"{\"a\": 1,\n}", "x.json:1:8: expected no comma after the last member of the object"},
        {"[1, 2,]", "x.json:1:6: expected no comma after the last element of the list"},
        {"{'a': 1}", "x.json:1:2: expected a key in double quotes"},
        {"{\"a\" 1}",
         "x.json:1:6: expected \":\" after the key\n    1 | {\"a\" 1}\n      |      ^"},
        {"{\"ä\": 1 \"b\": 2}", "x.json:1:9: expected \",\" or \"}\""},
        {"{\"a\": True}", "x.json:1:7: expected true, in small letters"},
        {"{\"a\": -Infinity}", "x.json:1:7: expected a number such as"},
        {"{\"a\": nan}", "x.json:1:7: expected a value; JSON has finite numbers"},
        {"{\"a\": .5}", "x.json:1:7: expected a number such as"},
        {"{\"a\": \"C:\\data\"}", "x.json:1:10: expected one of"},
        {"{\"a\": \"b}", "x.json:1:7: expected a closing \""},
        {"{\"a\": 1 // b\n}", "x.json:1:9: JSON has no comments"},
        {"{\"a\": [1, {\"b\": 2}\n\n",
         "x.json:1:19: expected \",\" or \"]\" to go on with or close "
         "the list of line 1, but the file ends"},
        {"\xef\xbb\xbf{\"a\": ,}", "expected a value"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        folder_write(&folder, "x.json", cases[i].text);
        assert_refused("x.json", cases[i].message);
    }
}

static void the_place_in_a_long_line_is_shown_within_a_terminal(void **state) {
    (void)state;
    struct error error = {0};
    char text[4001];
    memset(text, ' ', sizeof text - 1);
    text[4000] = '\0';
    text[0] = '[';
    text[2000] = '?';
    folder_write(&folder, "x.json", text);
    assert_null(load("x.json", &error));
    const char *shown = strstr(error.text, " | ");
    assert_non_null(shown);
    const char *caret = strchr(shown, '^'), *second = strchr(shown, '\n');
    assert_int_equal(caret - second, 9 + 50);
    assert_true(second - shown < 76);
    assert_int_equal(shown[3 + 50], '?');
}

static void a_value_has_the_line_that_its_path_leads_to(void **state) {
    (void)state;
    static const char text[] = "{\n"
                               "  \"a\": {\"b\": 1,\n"
                               "    \"c.d\": [1,\n"
                               "      {\"e\": \"}\\\"\"}]},\n"
                               "  \"a\": 2\n"
                               "}\n";
    static const struct {
        const char *sentence;
        int line;
    } cases[] = {
        {"a.b: is 1", 2},
        {"a.c.d[1].e: is", 4},
        {"a.c.d: element 1: is", 4},
        {"a.c.d[0]: is", 3},
        {"a.x: is required", 2},  /* of what is there around it */
        {"a: is given twice", 5}, /* the second one */
        {"x: is required", 0},
        {"a.x: is 3", 0},
        /* a default */ {"ab: is no a", 0},
        {"a", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(json_line_of(text, cases[i].sentence), cases[i].line);
}

static void errors_get_their_lines_and_are_sorted_by_them(void **state) {
    (void)state;
    char path[2 * FOLDER_PATH], expected[6 * FOLDER_PATH];
    static const char *const assigned[] = {"c=9"};
    struct error error = {0}, second = {0};
    folder_path(&folder, "x.json", path);
    folder_write(&folder, "x.json", "{\"a\": 1,\n\n \"b\": 2, \"c\": 3}");
    error_set(&error, "b: is 2\n  which is too much");
    error_set(&second, "a: is 1");
    error_add(&error, &second);
    error_set(&second, "c: is 9");
    error_add(&error, &second);
    error_prefix(&error, "%s", path);
    json_place_errors(path, assigned, 1, &error);
    snprintf(expected, sizeof expected,
             "%s: c: is 9\n%s:1: a: is 1\n%s:3: b: is 2\n  which is too much", path, path, path);
    assert_string_equal(error.text, expected);
}

static void files_without_a_value_are_refused(void **state) {
    (void)state;
    folder_write(&folder, "x.json", "");
    assert_refused("x.json", "x.json:1:1: expected a value, but the file ends");
    folder_write(&folder, "x.json", "\n\n   ");
    assert_refused("x.json", "expected a value, but the file ends");
    assert_refused("absent.json", "absent.json: No such file");
    assert_refused(".", "is a directory");
}

static void text_after_a_nul_byte_is_not_overlooked(void **state) {
    (void)state;
    char path[2 * FOLDER_PATH];
    struct error error = {0};
    assert_true(file_write(folder_path(&folder, "x.json", path), "{}\0{}", 5, &error));
    assert_refused("x.json", "x.json:1:3: not valid JSON");
}

static void a_byte_order_mark_does_no_harm(void **state) {
    (void)state;
    struct error error = {0};
    folder_write(&folder, "x.json", "\xef\xbb\xbf{\"a\": 1}\r\n");
    cJSON *json = load("x.json", &error);
    assert_json(json, "{\"a\":1}");
    cJSON_Delete(json);
}

static void deep_nesting_is_refused_without_a_crash(void **state) {
    (void)state;
    static char text[200001];
    memset(text, '[', sizeof text - 1);
    folder_write(&folder, "x.json", text);
    assert_refused("x.json", "x.json:1:1001: this is more than 1000 levels deep");
}

static void extends_merges_over_the_named_file(void **state) {
    (void)state;
    struct error error = {0};
    char path[2 * FOLDER_PATH];
    assert_true(file_make_directory(folder_path(&folder, "sub", path), &error));
    folder_write(&folder, "root.json", "{\"a\": 1, \"b\": {\"c\": 2, \"d\": [1, 2]}}");
    folder_write(&folder, "sub/middle.json", "{\"extends\": \"../root.json\", \"a\": null}");
    folder_write(&folder, "x.json", "{\"extends\": \"sub/middle.json\", \"b\": {\"d\": [3]}}");
    cJSON *json = load("x.json", &error);
    assert_json(json, "{\"b\":{\"c\":2,\"d\":[3]}}");
    cJSON_Delete(json);
}

static void extends_in_a_circle_is_an_error(void **state) {
    (void)state;
    folder_write(&folder, "a.json", "{\"extends\": \"b.json\"}");
    folder_write(&folder, "b.json", "{\"extends\": \"a.json\"}");
    assert_refused("a.json", "circle");
    folder_write(&folder, "self.json", "{\"extends\": \"self.json\"}");
    assert_refused("self.json", "circle");
}

static void extends_names_what_is_wrong(void **state) {
    (void)state;
    folder_write(&folder, "x.json", "{\"extends\": 3}");
    assert_refused("x.json", "x.json: extends: must be the path");
    folder_write(&folder, "x.json", "{\"extends\": \"absent.json\"}");
    assert_refused("x.json", "absent.json: No such file");
    folder_write(&folder, "list.json", "[1]");
    folder_write(&folder, "x.json", "{\"extends\": \"list.json\"}");
    assert_refused("x.json", "list.json: must be an object");
}

/* The examples of RFC 7396, appendix A. */
static void merge_follows_the_examples_of_rfc_7396(void **state) {
    (void)state;
    static const char *const examples[][3] = {
        {"{\"a\":\"b\"}", "{\"a\":\"c\"}", "{\"a\":\"c\"}"},
        {"{\"a\":\"b\"}", "{\"b\":\"c\"}", "{\"a\":\"b\",\"b\":\"c\"}"},
        {"{\"a\":\"b\"}", "{\"a\":null}", "{}"},
        {"{\"a\":\"b\",\"b\":\"c\"}", "{\"a\":null}", "{\"b\":\"c\"}"},
        {"{\"a\":[\"b\"]}", "{\"a\":\"c\"}", "{\"a\":\"c\"}"},
        {"{\"a\":\"c\"}", "{\"a\":[\"b\"]}", "{\"a\":[\"b\"]}"},
        {"{\"a\":{\"b\":\"c\"}}", "{\"a\":{\"b\":\"d\",\"c\":null}}", "{\"a\":{\"b\":\"d\"}}"},
        {"{\"a\":[{\"b\":\"c\"}]}", "{\"a\":[1]}", "{\"a\":[1]}"},
        {"[\"a\",\"b\"]", "[\"c\",\"d\"]", "[\"c\",\"d\"]"},
        {"{\"a\":\"b\"}", "[\"c\"]", "[\"c\"]"},
        {"{\"a\":\"foo\"}", "null", "null"},
        {"{\"a\":\"foo\"}", "\"bar\"", "\"bar\""},
        {"{\"e\":null}", "{\"a\":1}", "{\"e\":null,\"a\":1}"},
        {"[1,2]", "{\"a\":\"b\",\"c\":null}", "{\"a\":\"b\"}"},
        {"{}", "{\"a\":{\"bb\":{\"ccc\":null}}}", "{\"a\":{\"bb\":{}}}"},
    };
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        cJSON *target = cJSON_Parse(examples[i][0]), *patch = cJSON_Parse(examples[i][1]);
        json_merge(&target, patch);
        assert_json(target, examples[i][2]);
        cJSON_Delete(target);
        cJSON_Delete(patch);
    }
}

static const char config[] = "{\"train\":{\"epochs\":5},\"models\":[{\"cell\":\"lstm\"},{}]}";

static void assert_assigned(const char *assignment, const char *expected) {
    struct error error = {0};
    cJSON *json = cJSON_Parse(config);
    if (!json_assign(json, assignment, &error))
        fail_msg("%s", error.text);
    assert_json(json, expected);
    cJSON_Delete(json);
}

static void set_replaces_and_adds_values(void **state) {
    (void)state;
    assert_assigned("train.epochs=7",
                    "{\"train\":{\"epochs\":7},\"models\":[{\"cell\":\"lstm\"},{}]}");
    assert_assigned("models[1].hidden=64",
                    "{\"train\":{\"epochs\":5},\"models\":[{\"cell\":\"lstm\"},{\"hidden\":64}]}");
    assert_assigned("models[0]={\"cell\":\"ltc\"}",
                    "{\"train\":{\"epochs\":5},\"models\":[{\"cell\":\"ltc\"},{}]}");
    assert_assigned("models=[]", "{\"train\":{\"epochs\":5},\"models\":[]}");
    assert_assigned("train=null", "{\"train\":null,\"models\":[{\"cell\":\"lstm\"},{}]}");
    assert_assigned(
        "dataset.split.train=0.5",
        "{\"train\":{\"epochs\":5},\"models\":[{\"cell\":\"lstm\"},{}],\"dataset\":{\"split\":{"
        "\"train\":0.5}}}");
}

static void set_takes_what_is_not_json_as_a_string(void **state) {
    (void)state;
    assert_assigned("train=/data/a=b.csv",
                    "{\"train\":\"/data/a=b.csv\",\"models\":[{\"cell\":\"lstm\"},{}]}");
    assert_assigned("train=", "{\"train\":\"\",\"models\":[{\"cell\":\"lstm\"},{}]}");
    assert_assigned("train=\"5\"", "{\"train\":\"5\",\"models\":[{\"cell\":\"lstm\"},{}]}");
}

static void set_names_what_is_wrong_with_a_path(void **state) {
    (void)state;
    static const char *const wrong[][2] = {
        {"epochs", "expected path=value"},
        {"=5", "expected path=value"},
        {"train.=5", "empty"},
        {".train=5", "empty"},
        {"train..epochs=5", "empty"},
        {"models[2].hidden=1", "there is no element [2]"},
        {"models[-1].hidden=1", "must be a position"},
        {"models[x].hidden=1", "must be a position"},
        {"models[1x].hidden=1", "must be a position"},
        {"models[].hidden=1", "must be a position"},
        {"models[99999999999999999999].hidden=1", "there is no element"},
        {"models[0.hidden=1", "\"]\""},
        {"models[0]hidden=1", "\".\""},
        {"models.hidden=1", "no parent object"},
        {"train[0]=1", "there is no element [0]"},
        {"train.epochs.more=1", "no parent object"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct error error = {0};
        cJSON *json = cJSON_Parse(config);
        assert_false(json_assign(json, wrong[i][0], &error));
        if (strstr(error.text, wrong[i][0]) == NULL || strstr(error.text, wrong[i][1]) == NULL)
            fail_msg("%s: \"%s\" does not say \"%s\"", wrong[i][0], error.text, wrong[i][1]);
        cJSON_Delete(json);
    }
}

static void what_is_saved_is_loaded_again(void **state) {
    (void)state;
    struct error error = {0};
    char path[2 * FOLDER_PATH];
    cJSON *json = cJSON_Parse("{\"a\":[1,0.1,1e-300,\"\\u00e9\\n\"],\"b\":{}}");
    assert_true(json_save(json, folder_path(&folder, "x.json", path), &error));
    cJSON *again = json_load(path, &error);
    assert_true(cJSON_Compare(json, again, 1));
    char *text = folder_read(&folder, "x.json");
    assert_int_equal(text[strlen(text) - 1], '\n');
    free(text);
    cJSON_Delete(again);
    cJSON_Delete(json);
}

static void printed_json_is_pleasant_to_read(void **state) {
    (void)state;
    struct arena arena = {0};
    cJSON *json = cJSON_Parse("{\"name\":\"a \\\"b\\\"\",\"seeds\":[0,1,2],\"none\":{},\"no\":[],"
                              "\"curve\":[{\"epoch\":1,\"loss\":0.5},{\"epoch\":2,\"deep\":{\"x\":"
                              "[1]}}],\"train\":{\"epochs\":5},\"matrix\":[[1,2],[3,null]]}");
    assert_string_equal(json_text(json, &arena), "{\n"
                                                 "  \"name\": \"a \\\"b\\\"\",\n"
                                                 "  \"seeds\": [0, 1, 2],\n"
                                                 "  \"none\": {},\n"
                                                 "  \"no\": [],\n"
                                                 "  \"curve\": [\n"
                                                 "    {\"epoch\": 1, \"loss\": 0.5},\n"
                                                 "    {\n"
                                                 "      \"epoch\": 2,\n"
                                                 "      \"deep\": {\n"
                                                 "        \"x\": [1]\n"
                                                 "      }\n"
                                                 "    }\n"
                                                 "  ],\n"
                                                 "  \"train\": {\n"
                                                 "    \"epochs\": 5\n"
                                                 "  },\n"
                                                 "  \"matrix\": [\n"
                                                 "    [1, 2],\n"
                                                 "    [3, null]\n"
                                                 "  ]\n"
                                                 "}");
    cJSON_Delete(json);
    json = cJSON_CreateNumber(NAN);
    assert_string_equal(json_text(json, &arena), "null");
    assert_string_equal(json_text(NULL, &arena), "");
    cJSON_Delete(json);
    arena_free(&arena);
}

/* The whole at once and in parts. */
static void an_object_printed_in_parts_is_the_same_text(void **state) {
    (void)state;
    struct arena arena = {0};
    static const char *const items[] = {"{\"epoch\":1,\"loss\":0.5}", "{\"deep\":{\"x\":[1]}}"};
    cJSON *whole = cJSON_Parse("{\"notes\":[],\"a\":{\"b\":[1,2]},\"items\":[{\"epoch\":1,\"loss\":"
                               "0.5},{\"deep\":{\"x\":[1]}}],\"none\":[]}");
    char *text = NULL;
    size_t size = 0;
    struct json_stream stream = {.out = open_memstream(&text, &size)};
    json_stream_member(&stream, "notes", cJSON_CreateArray());
    json_stream_member(&stream, "a", cJSON_Parse("{\"b\":[1,2]}"));
    json_stream_list(&stream, "items");
    for (size_t i = 0; i < 2; i++)
        json_stream_item(&stream, cJSON_Parse(items[i]));
    json_stream_list_end(&stream);
    json_stream_list(&stream, "none");
    json_stream_list_end(&stream);
    json_stream_end(&stream);
    fclose(stream.out);
    assert_string_equal(text, arena_printf(&arena, "%s\n", json_text(whole, &arena)));
    free(text);
    cJSON_Delete(whole);
    arena_free(&arena);
}

static const char *difference(const char *before, const char *after, struct arena *arena) {
    cJSON *a = cJSON_Parse(before), *b = cJSON_Parse(after);
    const char *found = json_difference(a, b, arena);
    cJSON_Delete(a);
    cJSON_Delete(b);
    return found;
}

static void a_string_is_no_other_than_a_list_of_it_alone(void **state) {
    (void)state;
    struct arena arena = {0};
    assert_null(difference("{\"time\": \"t\"}", "{\"time\": [\"t\"]}", &arena));
    assert_null(difference("{\"time\": [\"t\"]}", "{\"time\": \"t\", \"new\": 1}", &arena));
    assert_string_equal(
        difference("{\"a\": {\"time\": \"t\"}}", "{\"a\": {\"time\": [\"u\"]}}", &arena),
        "a.time \"t\" → [\"u\"]");
    assert_string_equal(difference("1", "2", &arena), "1 → 2");
    assert_non_null(difference("{\"time\": \"t\"}", "{\"time\": [\"t\", \"u\"]}", &arena));
    assert_non_null(difference("{\"time\": 1}", "{\"time\": [1]}", &arena));
    arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_syntax_error_is_named_by_line_and_column),
        cmocka_unit_test(a_syntax_error_says_what_was_expected_and_shows_the_place),
        cmocka_unit_test(the_place_in_a_long_line_is_shown_within_a_terminal),
        cmocka_unit_test(a_value_has_the_line_that_its_path_leads_to),
        cmocka_unit_test(errors_get_their_lines_and_are_sorted_by_them),
        cmocka_unit_test(files_without_a_value_are_refused),
        cmocka_unit_test(text_after_a_nul_byte_is_not_overlooked),
        cmocka_unit_test(a_byte_order_mark_does_no_harm),
        cmocka_unit_test(deep_nesting_is_refused_without_a_crash),
        cmocka_unit_test(extends_merges_over_the_named_file),
        cmocka_unit_test(extends_in_a_circle_is_an_error),
        cmocka_unit_test(extends_names_what_is_wrong),
        cmocka_unit_test(merge_follows_the_examples_of_rfc_7396),
        cmocka_unit_test(set_replaces_and_adds_values),
        cmocka_unit_test(set_takes_what_is_not_json_as_a_string),
        cmocka_unit_test(set_names_what_is_wrong_with_a_path),
        cmocka_unit_test(what_is_saved_is_loaded_again),
        cmocka_unit_test(printed_json_is_pleasant_to_read),
        cmocka_unit_test(an_object_printed_in_parts_is_the_same_text),
        cmocka_unit_test(a_string_is_no_other_than_a_list_of_it_alone),
    };
    return cmocka_run_group_tests_name("json", tests, set_up, tear_down);
}
