#include "base/fields.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct inner {
    int size;
    const char *kind;
};

struct outer {
    bool flag;
    int count;
    double rate;
    double positive;
    const char *name;
    const char *color;
    int shade, accent;
    struct int_list seeds;
    struct real_list levels;
    struct string_list tags;
    struct string_list colors;
    struct inner inner;
    struct object_list inners;
    const cJSON *free_form;
};

static const char *colors(size_t position) {
    static const char *const names[] = {"red", "green", "blue"};
    return position < 3 ? names[position] : NULL;
}

static const struct field inner_fields[] = {
    {"size", FIELD_INT, offsetof(struct inner, size), .required = true, .min = 1, .max = 100,
     .help = "How large."},
    {"kind", FIELD_STRING, offsetof(struct inner, kind), "\"plain\"", .help = "Which kind."},
    {.name = NULL},
};

#define AT(member) offsetof(struct outer, member)
static const struct field outer_fields[] = {
    {"flag", FIELD_BOOL, AT(flag), "true", .help = "Whether."},
    {"count", FIELD_INT, AT(count), "3", .min = 1, .max = 2000000, .help = "How many."},
    {"rate", FIELD_REAL, AT(rate), "0.5", .help = "How fast."},
    {"positive", FIELD_REAL, AT(positive), "1", .exclusive_min = true, .help = "How much."},
    {"name", FIELD_STRING, AT(name), .help = "What it is called."},
    {"color", FIELD_STRING, AT(color), "\"red\"", .choices = colors, .help = "Its color."},
    {"shade", FIELD_CHOICE, AT(shade), "\"green\"", .choices = colors, .help = "Its shade."},
    {"accent", FIELD_CHOICE, AT(accent), .choices = colors, .help = "Its accent."},
    {"seeds", FIELD_INTS, AT(seeds), "[0, 1]", .min = 0, .max = 9, .help = "The seeds."},
    {"levels", FIELD_REALS, AT(levels), .help = "The levels."},
    {"tags", FIELD_STRINGS, AT(tags), .help = "The tags."},
    {"colors", FIELD_STRINGS, AT(colors), "\"blue\"", .choices = colors, .joined = true,
     .help = "Colors."},
    {"inner", FIELD_OBJECT, AT(inner), "{\"size\": 2}", .fields = inner_fields, .help = "One."},
    {"inners", FIELD_OBJECTS, AT(inners), .fields = inner_fields,
     .element_size = sizeof(struct inner), .help = "Several."},
    {"free_form", FIELD_JSON, AT(free_form), .help = "Anything."},
    {.name = NULL},
};

static struct arena arena;
static cJSON *json;

static int tear_down(void **state) {
    (void)state;
    arena_free(&arena);
    cJSON_Delete(json);
    json = NULL;
    return 0;
}

static bool read(const char *text, const char *path, struct outer *outer, struct error *error) {
    cJSON_Delete(json);
    json = cJSON_Parse(text);
    assert_non_null(json);
    *outer = (struct outer){0};
    struct field_target target = {outer_fields, outer};
    return fields_read(&target, 1, json, path, &arena, error);
}

static struct outer read_well(const char *text) {
    struct outer outer;
    struct error error = {0};
    if (!read(text, "", &outer, &error))
        fail_msg("%s: %s", text, error.text);
    return outer;
}

static void assert_refused(const char *text, const char *message) {
    struct outer outer;
    struct error error = {0};
    assert_false(read(text, "", &outer, &error));
    assert_string_equal(error.text, message);
}

static void a_choice_is_its_place_among_the_names(void **state) {
    (void)state;
    struct outer outer = read_well("{}");
    assert_int_equal(outer.shade, 2);
    assert_int_equal(outer.accent, 0);
    outer = read_well("{\"shade\": \"red\", \"accent\": \"blue\"}");
    assert_int_equal(outer.shade, 1);
    assert_int_equal(outer.accent, 3);
    cJSON *written = cJSON_CreateObject();
    fields_write(outer_fields, &outer, written);
    assert_string_equal(cJSON_GetObjectItem(written, "shade")->valuestring, "red");
    assert_string_equal(cJSON_GetObjectItem(written, "accent")->valuestring, "blue");
    cJSON_Delete(written);
    assert_refused("{\"shade\": \"gren\"}",
                   "shade: \"gren\" is not known; did you mean \"green\"?");
    assert_refused("{\"shade\": 2}", "shade: must be a string");
}

static void every_type_is_read(void **state) {
    (void)state;
    struct outer outer = read_well(
        "{\"flag\": false, \"count\": 7, \"rate\": -1e-3, \"name\": \"n\", \"color\": \"blue\","
        " \"seeds\": [3, 4, 5], \"levels\": [0.5, 2], \"tags\": [\"a\", \"b\"],"
        " \"colors\": [\"red\", \"green\"], \"inner\": {\"size\": 5, \"kind\": \"k\"},"
        " \"inners\": [{\"size\": 8}, {\"size\": 9}], \"free_form\": [1]}");
    assert_false(outer.flag);
    assert_int_equal(outer.count, 7);
    assert_true(outer.rate == -1e-3);
    assert_string_equal(outer.name, "n");
    assert_string_equal(outer.color, "blue");
    assert_int_equal(outer.seeds.count, 3);
    assert_int_equal(outer.seeds.items[2], 5);
    assert_int_equal(outer.levels.count, 2);
    assert_true(outer.levels.items[1] == 2);
    assert_string_equal(outer.tags.items[1], "b");
    assert_string_equal(outer.colors.items[1], "green");
    assert_int_equal(outer.inner.size, 5);
    assert_string_equal(outer.inner.kind, "k");
    const struct inner *inners = outer.inners.items;
    assert_int_equal(outer.inners.count, 2);
    assert_int_equal(inners[1].size, 9);
    assert_string_equal(inners[1].kind, "plain");
    assert_true(cJSON_IsArray(outer.free_form));
}

static void what_is_absent_or_null_takes_its_default(void **state) {
    (void)state;
    static const char *const texts[] = {
        "{}",
        "{\"flag\": null, \"count\": null, \"name\": null, \"seeds\": null, \"inner\": null}"};
    for (size_t i = 0; i < 2; i++) {
        struct outer outer = read_well(texts[i]);
        assert_true(outer.flag);
        assert_int_equal(outer.count, 3);
        assert_true(outer.rate == 0.5);
        assert_null(outer.name);
        assert_string_equal(outer.color, "red");
        assert_int_equal(outer.seeds.count, 2);
        assert_int_equal(outer.levels.count, 0);
        assert_int_equal(outer.colors.count, 1);
        assert_string_equal(outer.colors.items[0], "blue");
        assert_int_equal(outer.inner.size, 2);
        assert_int_equal(outer.inners.count, 0);
        assert_null(outer.free_form);
    }
}

static void one_string_is_a_list_of_one(void **state) {
    (void)state;
    struct outer outer = read_well("{\"tags\": \"alone\"}");
    assert_int_equal(outer.tags.count, 1);
    assert_string_equal(outer.tags.items[0], "alone");
}

static void strings_outlive_the_json(void **state) {
    (void)state;
    struct outer outer = read_well("{\"name\": \"kept\", \"tags\": [\"too\"]}");
    cJSON_Delete(json);
    json = NULL;
    assert_string_equal(outer.name, "kept");
    assert_string_equal(outer.tags.items[0], "too");
}

static void wrong_types_are_named_with_path_and_remedy(void **state) {
    (void)state;
    assert_refused("[]", "must be an object");
    assert_refused("{\"flag\": 1}", "flag: must be true or false");
    assert_refused("{\"count\": \"3\"}", "count: must be a whole number");
    assert_refused("{\"count\": 2.5}", "count: must be a whole number");
    assert_refused("{\"count\": 1e300}", "count: is too large a number");
    assert_refused("{\"rate\": true}", "rate: must be a number");
    assert_refused("{\"rate\": 1e999}", "rate: must be a finite number");
    assert_refused("{\"name\": 1}", "name: must be a string");
    assert_refused("{\"seeds\": 1}", "seeds: must be a list of whole numbers");
    assert_refused("{\"seeds\": [0, \"1\"]}", "seeds: element 1: must be a whole number");
    assert_refused("{\"levels\": \"high\"}", "levels: must be a list of numbers");
    assert_refused("{\"tags\": 5}", "tags: must be a string or a list of strings");
    assert_refused("{\"inner\": 5}", "inner: must be an object");
    assert_refused("{\"inners\": {}}", "inners: must be a list of objects");
    assert_refused("{\"inners\": [{\"size\": 1}, 5]}", "inners[1]: must be an object");
}

static void limits_hold_for_numbers_and_for_items_of_lists(void **state) {
    (void)state;
    assert_refused("{\"count\": 0}", "count: is 0 but must be at least 1");
    assert_refused("{\"count\": 2000001}", "count: is 2000001 but must be at most 2000000");
    assert_refused("{\"positive\": 0}", "positive: is 0 but must be greater than 0");
    assert_refused("{\"seeds\": [1, -1]}", "seeds: element 1: is -1 but must be at least 0");
    assert_refused("{\"inners\": [{\"size\": 200}]}",
                   "inners[0].size: is 200 but must be at most 100");
    assert_int_equal(read_well("{\"count\": 2000000}").count, 2000000);
}

static void unknown_keys_get_a_suggestion(void **state) {
    (void)state;
    assert_refused("{\"cuont\": 1}", "cuont: unknown key; did you mean \"count\"?");
    assert_refused("{\"inners\": [{\"size\": 1}, {\"size\": 1, \"knid\": 2}]}",
                   "inners[1].knid: unknown key; did you mean \"kind\"?");
    assert_refused("{\"wavelength\": 1}",
                   "wavelength: unknown key; `liquidbench list config` shows what is known");
}

static void unknown_choices_get_a_suggestion_or_all_choices(void **state) {
    (void)state;
    assert_refused("{\"color\": \"gren\"}",
                   "color: \"gren\" is not known; did you mean \"green\"?");
    assert_refused("{\"color\": \"ultraviolet\"}",
                   "color: \"ultraviolet\" is not known; choose one of red, green, blue");
    assert_refused("{\"colors\": [\"red\", \"bleu\"]}",
                   "colors: element 1: \"bleu\" is not known; did you mean \"blue\"?");
    assert_refused("{\"colors\": [\"red+bleu\"]}",
                   "colors: element 0: \"bleu\" is not known; did you mean \"blue\"?");
    assert_refused("{\"color\": \"red+blue\"}",
                   "color: \"red+blue\" is not known; choose one of red, green, blue");
}

static void a_key_given_twice_is_an_error(void **state) {
    (void)state;
    assert_refused("{\"count\": 1, \"count\": 2}", "count: is given twice");
}

static void a_required_field_is_asked_for(void **state) {
    (void)state;
    assert_refused("{\"inner\": {}}", "inner.size: is required: How large.");
    assert_refused("{\"inner\": {\"size\": null}}", "inner.size: is required: How large.");
}

static void the_path_of_the_object_begins_each_message(void **state) {
    (void)state;
    struct outer outer;
    struct error error = {0};
    assert_false(read("{\"count\": 0}", "models[1]", &outer, &error));
    assert_string_equal(error.text, "models[1].count: is 0 but must be at least 1");
    assert_false(read("3", "models[1]", &outer, &error));
    assert_string_equal(error.text, "models[1]: must be an object");
}

static void one_object_may_fill_several_structs(void **state) {
    (void)state;
    struct outer outer = {0};
    struct inner inner = {0};
    struct error error = {0};
    json = cJSON_Parse("{\"count\": 4, \"size\": 6}");
    struct field_target targets[] = {{outer_fields, &outer}, {inner_fields, &inner}};
    assert_true(fields_read(targets, 2, json, "", &arena, &error));
    assert_int_equal(outer.count, 4);
    assert_int_equal(inner.size, 6);
}

/* What is resolved and written into results must mean the same when it is read again. */
static void what_is_written_reads_back_the_same(void **state) {
    (void)state;
    static const char *const texts[] = {
        "{}",
        "{\"seeds\": [], \"colors\": [], \"tags\": [], \"levels\": [], \"inners\": []}",
        ("{\"rate\": 0.1, \"count\": 1999999, \"tags\": \"a\", \"inners\": [{\"size\": 3}],"
         " \"free_form\": {\"x\": [1, null]}, \"name\": \"\\\"quoted\\\"\\n\"}"),
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct outer outer = read_well(texts[i]);
        cJSON *written = cJSON_CreateObject(), *again = cJSON_CreateObject();
        fields_write(outer_fields, &outer, written);
        char *text = cJSON_Print(written);
        struct outer second = read_well(text);
        fields_write(outer_fields, &second, again);
        assert_true(cJSON_Compare(written, again, 1));
        assert_int_equal(second.seeds.count, outer.seeds.count);
        assert_int_equal(second.colors.count, outer.colors.count);
        cJSON_free(text);
        cJSON_Delete(written);
        cJSON_Delete(again);
    }
}

static void assert_schema(const cJSON *properties, const char *name, const char *expected) {
    char *text = cJSON_PrintUnformatted(cJSON_GetObjectItemCaseSensitive(properties, name));
    assert_string_equal(text, expected);
    cJSON_free(text);
}

static void the_schema_says_what_is_accepted(void **state) {
    (void)state;
    json = cJSON_CreateObject();
    fields_schema(outer_fields, json);
    assert_schema(json, "flag",
                  "{\"description\":\"Whether.\",\"type\":\"boolean\",\"default\":true}");
    assert_schema(json, "count",
                  "{\"description\":\"How many.\",\"type\":\"integer\",\"minimum\":1,"
                  "\"maximum\":2000000,\"default\":3}");
    assert_schema(json, "rate",
                  "{\"description\":\"How fast.\",\"type\":\"number\",\"default\":0.5}");
    assert_schema(json, "positive",
                  "{\"description\":\"How much.\",\"type\":\"number\",\"exclusiveMinimum\":0,"
                  "\"default\":1}");
    assert_schema(json, "color",
                  "{\"description\":\"Its color.\",\"type\":\"string\",\"enum\":[\"red\","
                  "\"green\",\"blue\"],\"default\":\"red\"}");
    assert_schema(json, "seeds",
                  "{\"description\":\"The seeds.\",\"type\":\"array\",\"items\":{\"type\":"
                  "\"integer\",\"minimum\":0,\"maximum\":9},\"default\":[0,1]}");
    assert_schema(json, "tags",
                  "{\"description\":\"The tags.\",\"anyOf\":[{\"type\":\"string\"},{\"type\":"
                  "\"array\",\"items\":{\"type\":\"string\"}}]}");
    assert_schema(json, "colors",
                  "{\"description\":\"Colors.\",\"anyOf\":[{\"type\":\"string\",\"enum\":[\"red\","
                  "\"green\",\"blue\"]},{\"type\":\"array\",\"items\":{\"anyOf\":[{\"type\":"
                  "\"string\",\"enum\":[\"red\",\"green\",\"blue\"]},{\"type\":\"string\","
                  "\"pattern\":\"[+]\"}]}},{\"type\":\"string\",\"pattern\":\"[+]\"}],\"default\":"
                  "\"blue\"}");
    assert_schema(json, "inners",
                  "{\"description\":\"Several.\",\"type\":\"array\",\"items\":{\"type\":\"object\","
                  "\"additionalProperties\":false,\"properties\":{\"size\":{\"description\":"
                  "\"How large.\",\"type\":\"integer\",\"minimum\":1,\"maximum\":100},\"kind\":{"
                  "\"description\":\"Which kind.\",\"type\":\"string\",\"default\":\"plain\"}},"
                  "\"required\":[\"size\"]}}");
    assert_schema(json, "free_form", "{\"description\":\"Anything.\"}");
}

int main(void) {
#define TEST(name) cmocka_unit_test_teardown(name, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(every_type_is_read),
        TEST(a_choice_is_its_place_among_the_names),
        TEST(what_is_absent_or_null_takes_its_default),
        TEST(one_string_is_a_list_of_one),
        TEST(strings_outlive_the_json),
        TEST(wrong_types_are_named_with_path_and_remedy),
        TEST(limits_hold_for_numbers_and_for_items_of_lists),
        TEST(unknown_keys_get_a_suggestion),
        TEST(unknown_choices_get_a_suggestion_or_all_choices),
        TEST(a_key_given_twice_is_an_error),
        TEST(a_required_field_is_asked_for),
        TEST(the_path_of_the_object_begins_each_message),
        TEST(one_object_may_fill_several_structs),
        TEST(what_is_written_reads_back_the_same),
        TEST(the_schema_says_what_is_accepted),
    };
    return cmocka_run_group_tests_name("fields", tests, NULL, NULL);
}
