/* Equality of doubles within a tolerance; cmocka's assert_float_equal() compares floats. Include it
 * after cmocka. */
#ifndef SUPPORT_NEAR_H
#define SUPPORT_NEAR_H

#include <math.h>

#define assert_near(value, expected, tolerance)                                                    \
    do {                                                                                           \
        double value_ = (value), expected_ = (expected);                                           \
        if (!(fabs(value_ - expected_) <= (tolerance)))                                            \
            fail_msg("%s is %.17g and not %.17g", #value, value_, expected_);                      \
    } while (0)

#endif
