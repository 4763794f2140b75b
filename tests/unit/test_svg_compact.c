#include "report/plots/svg_compact.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define CANVAS  "<g id=\"gnuplot_canvas\">"
#define COMPACT "<g id=\"gnuplot_canvas\" fill=\"none\" color=\"black\" stroke=\"currentColor\">"

static void assert_becomes(const char *svg, const char *expected) {
    struct arena arena = {0};
    assert_string_equal(svg_compact(svg, &arena), expected);
    arena_free(&arena);
}

static void groups_say_only_what_the_canvas_has_not_said(void **state) {
    (void)state;
    assert_becomes(CANVAS "\n<g fill=\"none\" color=\"black\" stroke=\"currentColor\" "
                          "stroke-width=\"1.00\" stroke-linecap=\"butt\" "
                          "stroke-linejoin=\"miter\">\n\t<path d='M1,2'/></g>\n</g>\n",
                   COMPACT "\n<g>\n<path d='M1,2'/></g>\n</g>\n");
    assert_becomes(CANVAS "\n<g fill=\"none\" stroke=\"rgb(  1, 20, 255)\" stroke-width=\"2.00\">x",
                   COMPACT "\n<g stroke=\"#0114ff\" stroke-width=\"2.00\">x");
}

static void empty_groups_go_unless_they_have_a_name(void **state) {
    (void)state;
    assert_becomes(CANVAS "\n<g fill=\"none\" color=\"#FFFFFF\">\n</g>\n<g id=\"a\">\n</g>\n",
                   COMPACT "\n<g id=\"a\">\n</g>\n");
}

static void the_background_gets_no_border(void **state) {
    (void)state;
    assert_becomes(CANVAS "<rect x=\"0\" y=\"0\" width=\"10\"/>",
                   COMPACT "<rect x=\"0\" y=\"0\" stroke=\"none\" width=\"10\"/>");
}

static void coordinates_are_in_tenths_of_a_pixel(void **state) {
    (void)state;
    assert_becomes(CANVAS "<path d='M92.00,224.13 L-525.99,0.04  '/>",
                   COMPACT "<path d='M92,224.1 L-526,0'/>");
    assert_becomes(CANVAS "<polygon points = '1.25,2.00 \n3.51,4 '/>",
                   COMPACT "<polygon points = '1.2,2 3.5,4'/>");
    assert_becomes(CANVAS "<use transform='translate(117.53,231.00) scale(3.38)'/>",
                   COMPACT "<use transform='translate(117.5,231) scale(3.38)'/>");
}

static void texts_and_shapes_stay_as_they_are(void **state) {
    (void)state;
    assert_becomes(CANVAS "<text>rgb(1, 2, 3)  d='1.25'</text><title>a  b 0.55</title>",
                   COMPACT "<text>rgb(1, 2, 3)  d='1.25'</text><title>a  b 0.55</title>");
    assert_becomes(CANVAS "<path id='gpPt7' stroke-width='0.178' d='M0,-1.33 L-1.33,0.67 z'/>",
                   COMPACT "<path id='gpPt7' stroke-width='0.178' d='M0,-1.33 L-1.33,0.67 z'/>");
}

static void a_picture_of_another_kind_stays_as_it_is(void **state) {
    (void)state;
    const char *svg = "<svg>\n<g fill=\"none\">\n</g>\n<path d='M1.25,2'/></svg>";
    assert_becomes(svg, svg);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(groups_say_only_what_the_canvas_has_not_said),
        cmocka_unit_test(empty_groups_go_unless_they_have_a_name),
        cmocka_unit_test(the_background_gets_no_border),
        cmocka_unit_test(coordinates_are_in_tenths_of_a_pixel),
        cmocka_unit_test(texts_and_shapes_stay_as_they_are),
        cmocka_unit_test(a_picture_of_another_kind_stays_as_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
