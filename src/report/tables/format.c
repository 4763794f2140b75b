#include "report/tables/format.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SINGLE_DIGITS = 4, DEVIATION_DIGITS = 2, MAX_DIGITS = 6 };

/* Position of the first significant digit: 0 for 1..9.99, -2 for 0.01..0.099. */
static int magnitude(double value) {
    return value == 0 ? 0 : (int)floor(log10(fabs(value)));
}

static bool needs_exponent(double value) {
    return value != 0 && (fabs(value) < 1e-4 || fabs(value) >= 1e6);
}

static int clamp(int value, int min, int max) {
    return value < min ? min : value > max ? max : value;
}

const char *format_number(struct arena *arena, double value, int digits) {
    if (isnan(value))
        return NO_VALUE;
    if (isinf(value))
        return value > 0 ? "∞" : "−∞";
    if (needs_exponent(value))
        return arena_printf(arena, "%.*e", digits - 1, value);
    return arena_printf(arena, "%.*f", clamp(digits - 1 - magnitude(value), 0, 12), value);
}

const char *format_summary(struct arena *arena, struct summary summary) {
    if (summary.count == 0 || isnan(summary.mean))
        return NO_VALUE;
    if (isinf(summary.mean) && summary.not_finite == 0)
        return NO_VALUE;
    if (isinf(summary.mean))
        return arena_printf(arena, "%s (%zu/%zu)", format_number(arena, summary.mean, 1),
                            summary.not_finite, summary.count);
    bool constant = summary.deviation <= 1e-12 * fabs(summary.mean); /* as a baseline's */
    if (summary.count == 1 || constant || !isfinite(summary.deviation))
        return format_number(arena, summary.mean, SINGLE_DIGITS);
    double larger = fmax(fabs(summary.mean), summary.deviation);
    int exponent = needs_exponent(larger) ? magnitude(larger) : 0;
    double unit = pow(10, exponent);
    double mean = summary.mean / unit, deviation = summary.deviation / unit;
    int decimals = DEVIATION_DIGITS - 1 - magnitude(deviation);
    decimals = clamp(decimals, 0, clamp(MAX_DIGITS - 1 - magnitude(larger / unit), 0, 12));
    if (exponent != 0)
        return arena_printf(arena, "(%.*f ± %.*f)e%d", decimals, mean, decimals, deviation,
                            exponent);
    if (deviation < 0.5 * pow(10, -decimals))
        return arena_printf(arena, "%.*f ± %.0e", decimals, mean, deviation);
    return arena_printf(arena, "%.*f ± %.*f", decimals, mean, decimals, deviation);
}

const char *format_ratio(struct arena *arena, double ratio) {
    if (isnan(ratio))
        return NO_VALUE;
    if (ratio >= 1000)
        return ">×1000";
    if (ratio <= -1000)
        return "<×−1000";
    if (ratio > 0 && ratio < 0.0995)
        return arena_printf(arena, "×%.2g", ratio);
    return arena_printf(arena, "×%.*f", ratio < 9.995 ? 2 : ratio < 99.95 ? 1 : 0, ratio);
}

const char *format_p(struct arena *arena, double p) {
    if (isnan(p))
        return NO_VALUE;
    if (p < 0.001)
        return "p < 0.001";
    return arena_printf(arena, "p = %.*f", p < 0.0995 ? 3 : 2, p);
}

static const char *format_bytes(struct arena *arena, double bytes) {
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    size_t unit = 0;
    while (bytes >= 1024 && unit + 1 < sizeof units / sizeof units[0]) {
        bytes /= 1024;
        unit++;
    }
    return arena_printf(arena, "%.*f %s", unit == 0 || bytes >= 99.95 ? 0 : 1, bytes, units[unit]);
}

const char *format_cost(struct arena *arena, enum cost_unit unit, double value) {
    if (!isfinite(value))
        return NO_VALUE;
    switch (unit) {
    case UNIT_COUNT:
        return arena_printf(arena, fabs(value) < 1e7 ? "%.0f" : "%.3g", value);
    case UNIT_BYTES:
        return format_bytes(arena, value);
    case UNIT_SECONDS:
    case UNIT_MICROSECONDS:
    case UNIT_JOULES:
        break;
    }
    if (value > 0 && value < 0.01)
        return "<0.01";
    return arena_printf(arena, "%.*f", value < 99.95 ? 2 : 0, value);
}

const char *format_condition(struct arena *arena, const struct condition *condition) {
    const char *name = condition->name, *detail = condition->detail;
    if (condition->kind == CONDITION_NOISE)
        name = arena_printf(arena, "%s %g", name, condition->severity);
    if (detail == NULL || strcmp(detail, name) == 0)
        return name;
    return arena_printf(arena, "%s (%s)", name, detail);
}

size_t text_width(const char *text) {
    size_t width = 0;
    for (; *text != '\0'; text++)
        width += ((unsigned char)*text & 0xC0) != 0x80;
    return width;
}

const char *shorten_text(struct arena *arena, const char *text, size_t width) {
    size_t whole = text_width(text);
    if (whole <= width)
        return text;
    char *shortened = arena_alloc(arena, strlen(text) + 4);
    size_t head = width / 2, tail = width - head - 1, position = 0, used = 0;
    bool gap = false;
    for (const char *c = text; *c != '\0'; c++) {
        bool starts = ((unsigned char)*c & 0xC0) != 0x80;
        position += starts;
        if (position <= head || position > whole - tail) {
            shortened[used++] = *c;
        } else if (!gap) {
            memcpy(shortened + used, "…", strlen("…"));
            used += strlen("…");
            gap = true;
        }
    }
    return shortened;
}
