#include "data/text/iso8601.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void assert_time(const char *text, double expected) {
    struct moment moment;
    if (!iso8601_parse(text, &moment))
        fail_msg("\"%s\" was not taken for a time", text);
    assert_float_equal((double)moment.seconds + moment.fraction, expected, 1e-6);
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
    assert_time("20150202T141959Z", 1422886799);
    assert_time("20150202T1419", 1422886740);
    assert_time("20150202 1419", 1422886740);
    assert_time("2015/02/02 14:19:59", 1422886799);
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
        "20150231T1200",
        "2015-02/02",
        "2015/02",
        "2015-W05-3",
        "2015-033",
    };
    struct moment moment;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (iso8601_parse(texts[i], &moment))
            fail_msg("\"%s\" was taken for a time", texts[i]);
}

static void assert_moment(bool parsed, const struct moment *moment, const char *iso) {
    struct moment expected;
    assert_true(parsed);
    assert_true(iso8601_parse(iso, &expected));
    assert_true(moment->seconds == expected.seconds);
    assert_float_equal(moment->fraction, expected.fraction, 1e-12);
}

static void digits_alone_may_be_dates(void **state) {
    (void)state;
    struct moment moment;
    assert_moment(compact_time_parse("20240131", &moment), &moment, "2024-01-31");
    assert_moment(compact_time_parse("2024013113", &moment), &moment, "2024-01-31 13:00");
    assert_moment(compact_time_parse("202401311345", &moment), &moment, "2024-01-31 13:45");
    assert_moment(compact_time_parse("20240131134507", &moment), &moment, "2024-01-31 13:45:07");
    static const char *const texts[] = {"20240132",   "20241301",  "20230229",
                                        "18991231",   "2024013",   "1706745600",
                                        "20240131.5", "-20240131", ""};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (compact_time_parse(texts[i], &moment))
            fail_msg("\"%s\" was taken for a date", texts[i]);
}

static void formats_are_those_of_strptime_and_have_fractions(void **state) {
    (void)state;
    struct moment moment;
    assert_moment(formatted_time_parse("31.01.2024 13:45", "%d.%m.%Y %H:%M", &moment), &moment,
                  "2024-01-31 13:45");
    assert_moment(formatted_time_parse("10/2/2012 9:00", "%m/%d/%Y %H:%M", &moment), &moment,
                  "2012-10-02 09:00");
    assert_moment(formatted_time_parse("2/10/2012 9:00:01.250", "%d/%m/%Y %H:%M:%S.%f", &moment),
                  &moment, "2012-10-02 09:00:01.25");
    assert_moment(formatted_time_parse("2024-01-31T13:45:00+0100", "%Y-%m-%dT%H:%M:%S%z", &moment),
                  &moment, "2024-01-31 12:45");
    assert_moment(formatted_time_parse("31 Jan 2024 01:45 PM", "%d %b %Y %I:%M %p", &moment),
                  &moment, "2024-01-31 13:45");
    assert_moment(formatted_time_parse("2024-031", "%Y-%j", &moment), &moment, "2024-01-31");
    assert_false(formatted_time_parse("31.02.2024", "%d.%m.%Y", &moment));
    assert_false(formatted_time_parse("31.01.2024 x", "%d.%m.%Y", &moment));
    assert_false(formatted_time_parse("31.01.2024", "%d.%m.%Y %H:%M", &moment));
}

static void numbers_in_several_columns_make_a_time(void **state) {
    (void)state;
    struct moment moment;
    assert_moment(parts_of_time_parse("2024 1 31 13 45 7.5", &moment), &moment,
                  "2024-01-31 13:45:07.5");
    assert_moment(parts_of_time_parse("2024 12", &moment), &moment, "2024-12-01");
    assert_moment(parts_of_time_parse("2024 1 31 24", &moment), &moment, "2024-02-01");
    assert_moment(parts_of_time_parse("2024 01 31.0 13.5", &moment), &moment, "2024-01-31 13:30");
    assert_false(parts_of_time_parse("2024 2 30", &moment));
    assert_false(parts_of_time_parse("2024 13 1", &moment));
    assert_false(parts_of_time_parse("2024", &moment));
    assert_false(parts_of_time_parse("2024 x", &moment));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dates_and_times_become_seconds_since_1970),
        cmocka_unit_test(zones_are_taken_into_account),
        cmocka_unit_test(what_is_not_a_time_is_refused),
        cmocka_unit_test(digits_alone_may_be_dates),
        cmocka_unit_test(formats_are_those_of_strptime_and_have_fractions),
        cmocka_unit_test(numbers_in_several_columns_make_a_time),
    };
    return cmocka_run_group_tests_name("iso8601", tests, NULL, NULL);
}
