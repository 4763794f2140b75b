/* Reads CSV from standard input and answers each row as `liquidbench predict` does; --self-test
 * compares with recorded answers, --bench [STEPS] prints how long steps take here, as JSON. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { MAX_LINE = 65536, MAX_FIELDS = 4096 };

/* A field between `from` and `to`, without blanks around it and without its quotes, ends at the result. */
static char *take_field(char *from, char *to, char **field) {
    int quoted = 0;
    char *end = from;
    while (from < to && (*from == ' ' || *from == '\t'))
        from++;
    while (to > from && (to[-1] == ' ' || to[-1] == '\t'))
        to--;
    *field = end;
    for (; from < to; from++) {
        if (*from == '"' && quoted && from + 1 < to && from[1] == '"')
            *end++ = *from++;
        else if (*from == '"')
            quoted = !quoted;
        else
            *end++ = *from;
    }
    return end;
}

/* Divides a line at the separators that stand outside quotes; returns how many fields, 0 for a blank line. */
static int split(char *line, char separator, char *fields[MAX_FIELDS]) {
    int count = 0, is_last = 0;
    if (line[strspn(line, " \r\n")] == '\0')
        return 0;
    while (count < MAX_FIELDS && !is_last) {
        int quoted = 0;
        char *to = line;
        for (; *to != '\0' && *to != '\n' && *to != '\r' && (quoted || *to != separator); to++)
            if (*to == '"')
                quoted = !quoted;
        is_last = *to != separator;
        *take_field(line, to, &fields[count++]) = '\0';
        line = to + 1;
    }
    return count;
}

/* The mark of which a line has most. */
static char separator_of(const char *line) {
    static const char marks[] = ",;\t|";
    char best = ',';
    int most = 0;
    for (int i = 0; marks[i] != '\0'; i++) {
        int count = 0;
        for (const char *at = line; *at != '\0'; at++)
            count += *at == marks[i];
        if (count > most) {
            most = count;
            best = marks[i];
        }
    }
    return best;
}

static int find(const char *name, char *fields[MAX_FIELDS], int count) {
    for (int i = 0; i < count; i++)
        if (strcmp(fields[i], name) == 0)
            return i;
    fprintf(stderr, "standard input: there is no column \"%s\"\n", name);
    return -1;
}

static int is_same(const char *a, const char *b) {
    while (*a != '\0' && tolower((unsigned char)*a) == *b)
        a++, b++;
    return *a == '\0' && *b == '\0';
}

static int is_missing_field(const char *field) {
    static const char *const texts[] = {"",     "na",   "nan", "-nan", "+nan",    "null",   "n/a",
                                        "#n/a", "<na>", "nat", "?",    "1.#qnan", "-1.#ind"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (is_same(field, texts[i]))
            return 1;
    return 0;
}

/* Clears *good where a field is neither missing nor a number. */
static double number_of(const char *field, unsigned long row, int *good) {
    char *end;
    double value = strtod(field, &end);
    if (is_missing_field(field))
        return (double)real_from_bits(0x7fc00000);
    if (*end != '\0' || strpbrk(field, "iInNxX") != NULL) { /* infinity, hexadecimal digits */
        fprintf(stderr, "standard input: row %lu: \"%s\" is not a number\n", row, field);
        *good = 0;
    }
    return value;
}

/* A series: the only one, or one for each text in the column of groups. */
struct series {
    char *group;
    struct model_state state;
    double before; /* the time of its last row */
    struct series *next;
};

/* NULL when there is no memory. */
static struct series *series_of(const char *group, struct series **all) {
    struct series *series = *all;
    while (series != NULL && strcmp(series->group, group) != 0)
        series = series->next;
    if (series != NULL)
        return series;
    series = malloc(sizeof *series);
    if (series == NULL)
        return NULL;
    series->group = malloc(strlen(group) + 1);
    if (series->group == NULL)
        return NULL;
    strcpy(series->group, group);
    model_reset(&series->state);
    series->before = 0;
    series->next = *all;
    *all = series;
    return series;
}

static void print_answer(unsigned long row, const float *outputs) {
    int best = 0;
    printf("%lu", row);
    if (CLASSES > 0) {
        for (int k = 1; k < MODEL_OUTPUTS; k++)
            best = outputs[k] > outputs[best] ? k : best;
        printf(",%s", is_missing(outputs[best]) ? "" : output_fields[best]);
    }
    for (int k = CLASSES > 0 ? best : 0; k < (CLASSES > 0 ? best + 1 : MODEL_OUTPUTS); k++) {
        if (is_missing(outputs[k]))
            printf(",");
        else
            printf(",%.9g", (double)outputs[k]);
    }
    printf("\n");
    fflush(stdout);
}

static int answer_rows(void) {
    static char line[MAX_LINE];
    static char *fields[MAX_FIELDS];
    static int columns[MODEL_INPUTS];
    struct series *all = NULL;
    float inputs[MODEL_INPUTS], outputs[MODEL_OUTPUTS];
    unsigned long row = 0;
    int count, time_column = -1, group_column = -1;
    char separator;
    if (fgets(line, MAX_LINE, stdin) == NULL)
        return 0;
    if (strncmp(line, "\xef\xbb\xbf", 3) == 0) /* a byte order mark */
        memmove(line, line + 3, strlen(line + 3) + 1);
    separator = separator_of(line);
    count = split(line, separator, fields);
    for (int i = 0; i < MODEL_INPUTS; i++)
        if ((columns[i] = find(input_names[i], fields, count)) < 0)
            return 2;
    if (time_name[0] != '\0' && (time_column = find(time_name, fields, count)) < 0)
        return 2;
    if (group_name[0] != '\0' && (group_column = find(group_name, fields, count)) < 0)
        return 2;
    printf("row");
    for (int k = 0; k < (CLASSES > 0 ? 0 : MODEL_OUTPUTS); k++)
        printf(",%s", output_fields[k]);
    printf("%s%s%s\n", CLASSES > 0 ? "," : "", class_field, CLASSES > 0 ? ",probability" : "");
    while (fgets(line, MAX_LINE, stdin) != NULL) {
        int fields_here = split(line, separator, fields), status, good = 1;
        double now = 0;
        struct series *series;
        if (fields_here == 0)
            continue;
        row++;
        if (fields_here != count) {
            fprintf(stderr, "standard input: row %lu: %d fields instead of %d\n", row, fields_here,
                    count);
            return 2;
        }
        series = series_of(group_column >= 0 ? fields[group_column] : "", &all);
        if (series == NULL) {
            fprintf(stderr, "standard input: row %lu: no memory for another series\n", row);
            return 3;
        }
        if (time_column >= 0)
            now = number_of(fields[time_column], row, &good);
        for (int i = 0; i < MODEL_INPUTS; i++)
            inputs[i] = (float)number_of(fields[columns[i]], row, &good);
        if (!good)
            return 2;
        status = model_step(&series->state, inputs,
                            time_column >= 0 ? (float)(now - series->before) : 1, outputs);
        series->before = now;
        if (status < 0) {
            fprintf(stderr, "standard input: row %lu: %s\n", row,
                    status == MODEL_MISSING_INPUT ? "a value is missing"
                    : status == MODEL_TOO_LARGE   ? "a number is too large"
                                                  : "goes back in time");
            return 2;
        }
        print_answer(row, outputs);
    }
    return 0;
}

static double nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return 1e9 * (double)now.tv_sec + (double)now.tv_nsec;
}

static int compare_numbers(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Nanoseconds that each of `steps` steps takes. */
static double time_steps(struct model_state *state, int steps) {
    float outputs[MODEL_OUTPUTS];
    double begin = nanoseconds();
    for (int i = 0; i < steps; i++)
        model_step(state, test_inputs[i % TEST_ROWS], test_elapsed[1], outputs);
    return (nanoseconds() - begin) / steps;
}

/* Steps are timed in groups of 2 µs or more, as `liquidbench bench` does, so that the clock's own cost
 * does not show; a slower step is timed by itself. */
static int bench(int steps) {
    struct model_state state;
    int group = 1, groups;
    double *times = malloc((size_t)steps * sizeof *times), each, sum = 0;
    if (times == NULL)
        return 3;
    model_reset(&state);
    each = time_steps(&state, steps / 10 + 1);
    while (group < 64 && group * 2 <= steps && each * group < 2000)
        group *= 2;
    groups = steps / group;
    for (int i = 0; i < groups; i++)
        sum += times[i] = time_steps(&state, group);
    qsort(times, (size_t)groups, sizeof *times, compare_numbers);
    printf("{\"measurement\": \"liquidbench step\", \"trial\": \"%s\", \"type\": \"%s\", "
           "\"steps\": %d, \"timed_together\": %d, \"state_bytes\": %lu, \"weight_bytes\": %lu,\n "
           "\"step_ns\": {\"mean\": %.0f, \"p50\": %.0f, \"p90\": %.0f, \"p99\": %.0f, "
           "\"max\": %.0f}}\n",
           trial_name, weight_type, groups * group, group, (unsigned long)sizeof state,
           (unsigned long)WEIGHT_BYTES, sum / groups, times[groups / 2], times[(int)(groups * 0.9)],
           times[(int)(groups * 0.99)], times[groups - 1]);
    free(times);
    return 0;
}

/* The exit code, once all that was printed has been written. */
static int finish(int code) {
    if (fflush(stdout) == 0 && !ferror(stdout))
        return code;
    fprintf(stderr, "cannot write to standard output\n");
    return 2;
}

int main(int argc, char **argv) {
    if (argc == 2 && strcmp(argv[1], "--self-test") == 0) {
        int row = model_self_test();
        if (row > 0)
            printf("row %d differs from what was recorded\n", row);
        return row > 0;
    }
    if ((argc == 2 || argc == 3) && strcmp(argv[1], "--bench") == 0) {
        int steps = argc == 3 ? atoi(argv[2]) : 10000;
        return finish(bench(steps < 100 ? 100 : steps));
    }
    if (argc > 1) {
        fprintf(stderr, "Usage: %s [--self-test | --bench [STEPS]] <rows.csv\n", argv[0]);
        return 2;
    }
    return finish(answer_rows());
}
