#include "data/iso8601.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void assert_time(const char *text, double expected) {
    double seconds;
    if (!iso8601_parse(text, &seconds))
        fail_msg("\"%s\" was not taken for a time", text);
    assert_float_equal(seconds, expected, 1e-6);
}

static void dates_and_times_become_seconds_since_1970(void **state) {
    (void)state;
    assert_time("1970-01-01", 0);
    assert_time("1970-02", 31 * 86400.0);
    assert_time("2015-02-02 14:19:59", 1422886799);
    assert_time("2015-02-02T14:19:59Z", 1422886799);
    assert_time("2015-02-02T14:19:59.250", 1422886799.25);
    assert_time("2015-02-02T14:19", 1422886740);
    assert_time("2000-02-29", 951782400);
    assert_time("1749-01", -6974035200.0);
}

static void zones_are_taken_into_account(void **state) {
    (void)state;
    assert_time("1970-01-01T01:00+01:00", 0);
    assert_time("1970-01-01T01:00:00+0100", 0);
    assert_time("1970-01-01T00:00-02", 7200);
}

static void what_is_not_a_time_is_refused(void **state) {
    (void)state;
    static const char *const texts[] = {
        "",
        "2015",
        "2015-13",
        "2015-00-01",
        "2015-02-30",
        "2015-2-3",
        "2015-02-02 25:00",
        "2015-02-02 10",
        "2015-02-02T10:00:00x",
        "1.5",
        "1900-02-29",
        "2015-02-02 ",
        "-",
        "2015-02-02T10:61",
        "20150202",
    };
    double seconds;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (iso8601_parse(texts[i], &seconds))
            fail_msg("\"%s\" was taken for a time", texts[i]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dates_and_times_become_seconds_since_1970),
        cmocka_unit_test(zones_are_taken_into_account),
        cmocka_unit_test(what_is_not_a_time_is_refused),
    };
    return cmocka_run_group_tests_name("iso8601", tests, NULL, NULL);
}
