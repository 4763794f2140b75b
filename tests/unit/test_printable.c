#include "base/csv_text.h"
#include "base/printable.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void what_can_be_shown_stays_as_it_is(void **state) {
    (void)state;
    struct arena arena = {0};
    static const char *const texts[] = {"", "lstm", "Temperatur °C", "温度", "🜁 \\x1b", "é–×"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_ptr_equal(printable(&arena, texts[i]), texts[i]);
    arena_free(&arena);
}

static void what_a_terminal_would_act_on_is_shown_as_its_bytes(void **state) {
    (void)state;
    struct arena arena = {0};
    static const char *const pairs[][2] = {
        {"a\033[31mb", "a\\x1b[31mb"},
        {"\a\r\n\t\177", "\\x07\\x0d\\x0a\\x09\\x7f"},
        {"\xc2\x9b", "\\xc2\\x9b"},                              /* CSI in eight bits */
        {"é\xe2\x80\xaex", "é\\xe2\\x80\\xaex"},                 /* right to left */
        {"\xe9t\xe9", "\\xe9t\\xe9"},                            /* Latin-1 */
        {"\xc0\xaf \xed\xa0\x80", "\\xc0\\xaf \\xed\\xa0\\x80"}, /* overlong, half a pair */
        {"\xf4\x90\x80\x80 \xe2\x80", "\\xf4\\x90\\x80\\x80 \\xe2\\x80"}, /* too large, cut off */
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        assert_string_equal(printable(&arena, pairs[i][0]), pairs[i][1]);
    assert_string_equal(printable_lines(&arena, "a\n\tb\033"), "a\n\tb\\x1b");
    arena_free(&arena);
}

static void a_csv_cell_is_text_and_no_formula(void **state) {
    (void)state;
    static const char *const pairs[][2] = {
        {"lstm", "lstm"},
        {"a,b", "\"a,b\""},
        {"say \"no\"", "\"say \"\"no\"\"\""},
        {"=1+1", "'=1+1"},
        {"@SUM(1,2)", "\"'@SUM(1,2)\""},
        {"+cmd|x", "'+cmd|x"},
        {"-", "-"},
        {"+", "+"},
        {"-1.5e3", "-1.5e3"},
        {"-1.5 dB", "'-1.5 dB"},
        {"\tx", "'\tx"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        char *text = NULL;
        size_t size = 0;
        FILE *out = open_memstream(&text, &size);
        csv_write_text(out, pairs[i][0]);
        fclose(out);
        assert_string_equal(text, pairs[i][1]);
        free(text);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_can_be_shown_stays_as_it_is),
        cmocka_unit_test(what_a_terminal_would_act_on_is_shown_as_its_bytes),
        cmocka_unit_test(a_csv_cell_is_text_and_no_formula),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
