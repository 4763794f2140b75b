#include "base/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void characters_of_all_lengths_are_valid(void **state) {
    (void)state;
    static const char *const texts[] = {"",
                                        "plain",
                                        "\xC3\xA9",
                                        "\xE2\x82\xAC",
                                        "\xED\x9F\xBF",
                                        "\xF0\x9F\x99\x82",
                                        "\xF4\x8F\xBF\xBF",
                                        "long enough to go eight at a time \xC3\xA9, and on"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (!utf8_is_valid(texts[i]))
            fail_msg("text %zu was taken for invalid", i);
}

static void characters_have_their_code_points(void **state) {
    (void)state;
    static const struct {
        const char *text;
        unsigned long code;
    } characters[] = {
        {"z", 'z'}, {"\xC3\xA9", 0xE9}, {"\xE2\x82\xAC", 0x20AC}, {"\xF0\x9F\x99\x82", 0x1F642}};
    for (size_t i = 0; i < sizeof characters / sizeof characters[0]; i++) {
        unsigned long code = 0;
        size_t size = strlen(characters[i].text);
        assert_int_equal(utf8_character(characters[i].text, size, &code), size);
        assert_int_equal(code, characters[i].code);
        assert_int_equal(utf8_character(characters[i].text, size - 1, &code), 0);
    }
}

static void what_is_not_utf8_is_found_at_its_place(void **state) {
    (void)state;
    static const char *const texts[] = {
        "12345678901\xE9t\xE9",
        "12345678901\xC3",
        "12345678901\xC3(",
        "12345678901\xC0\x80",
        "12345678901\xE0\x80\x80",
        "12345678901\xED\xA0\x80",
        "12345678901\xF4\x90\x80\x80",
        "12345678901\xF5\x80\x80\x80",
        "12345678901\x80",
        "12345678901\xE2\x82",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_int_equal(utf8_valid(texts[i], strlen(texts[i])), 11);
}

static void invalid_bytes_are_repaired(void **state) {
    (void)state;
    char text[] = "\xE9"
                  "a\xC3\xA9"
                  "b\xE2\x82";
    utf8_repair(text);
    assert_string_equal(text, "?a\xC3\xA9"
                              "b??");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(characters_of_all_lengths_are_valid),
        cmocka_unit_test(characters_have_their_code_points),
        cmocka_unit_test(what_is_not_utf8_is_found_at_its_place),
        cmocka_unit_test(invalid_bytes_are_repaired),
    };
    return cmocka_run_group_tests_name("utf8", tests, NULL, NULL);
}
