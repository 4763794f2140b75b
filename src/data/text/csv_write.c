#include "data/text/csv_write.h"

#include "base/file.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* With the fewest digits of a few that give it back; whole numbers, which may be names, with all of theirs. */
static void write_number(FILE *out, double value, bool is_single) {
    static const int digits[] = {6, 9, 15, 17};
    char text[40] = "";
    if (fabs(value) < 1e16 && floor(value) == value) {
        fprintf(out, "%.0f", value);
        return;
    }
    for (size_t i = 0; i < sizeof digits / sizeof digits[0]; i++) {
        snprintf(text, sizeof text, "%.*g", digits[i], value);
        if (is_single ? strtof(text, NULL) == (float)value : strtod(text, NULL) == value)
            break;
    }
    fputs(isnan(value) ? "" : text, out);
}

void csv_write_number(FILE *out, double value) {
    write_number(out, value, false);
}

void csv_write_single(FILE *out, float value) {
    write_number(out, (double)value, true);
}

/* The number value + rest with up to nine digits behind the point. */
static void write_exact(FILE *out, double value, double rest) {
    enum { BILLION = 1000000000 };
    double floor_of = floor(value), part = (value - floor_of) + rest, carry = floor(part);
    long long whole = (long long)floor_of + (long long)carry;
    long nano = lround((part - carry) * BILLION);
    whole += nano == BILLION;
    nano = nano == BILLION ? 0 : nano;
    bool is_negative = whole < 0 && nano > 0;
    char digits[16] = "";
    if (nano > 0) {
        snprintf(digits, sizeof digits, ".%09ld", is_negative ? BILLION - nano : nano);
        for (char *last = digits + strlen(digits) - 1; *last == '0'; last--)
            *last = '\0';
    }
    fprintf(out, "%s%lld%s", is_negative && whole == -1 ? "-" : "", whole + is_negative, digits);
}

static void write_field(FILE *out, const struct column *column, size_t row) {
    double value = column->values[row];
    if (column->type == COLUMN_LABEL && !isnan(value))
        csv_write_exact(out, column->labels[(size_t)value]);
    else if (fabs(value) < 9e18 && (column->type == COLUMN_TIME || column->rest != NULL))
        write_exact(out, value, column->rest != NULL ? column->rest[row] : 0);
    else
        csv_write_number(out, value);
}

void csv_write_table(FILE *out, const struct table *table) {
    for (size_t i = 0; i < table->column_count; i++) {
        fputs(i > 0 ? "," : "", out);
        csv_write_exact(out, table->columns[i].name);
    }
    fputc('\n', out);
    for (size_t row = 0; row < table->rows; row++) {
        for (size_t i = 0; i < table->column_count; i++) {
            fputs(i > 0 ? "," : "", out);
            write_field(out, &table->columns[i], row);
        }
        fputc('\n', out);
    }
}

static void print_table(FILE *out, const void *table) {
    csv_write_table(out, table);
}

bool csv_save(const struct table *table, const char *path, struct error *error) {
    return file_print(path, print_table, table, error);
}
