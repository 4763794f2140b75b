/* Reads CSV from standard input and answers each row as `liquidbench predict` does; --self-test
 * compares with recorded answers, --bench [STEPS] prints how long steps take here, as JSON. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { MAX_LINE = 65536, MAX_FIELDS = 4096 };

/* Divides a line at commas, semicolons or tabs that stand outside quotes; returns how many fields. */
static int split(char *line, char separator, char *fields[MAX_FIELDS]) {
    int count = 0;
    char *to = line;
    while (count < MAX_FIELDS) {
        int quoted = 0;
        fields[count++] = to;
        for (; *line != '\0' && *line != '\n' && *line != '\r' && (quoted || *line != separator);
             line++) {
            if (*line == '"')
                quoted = !quoted;
            else
                *to++ = *line;
        }
        if (*line != separator) {
            *to = '\0';
            break;
        }
        line++;
        *to++ = '\0';
    }
    return count;
}

static int find(const char *name, char *fields[MAX_FIELDS], int count) {
    for (int i = 0; i < count; i++)
        if (strcmp(fields[i], name) == 0)
            return i;
    fprintf(stderr, "standard input: there is no column \"%s\"\n", name);
    return -1;
}

/* Clears *good where a field is neither empty, nan, NA nor a number. */
static double number_of(const char *field, unsigned long row, int *good) {
    char *end;
    double value = strtod(field, &end);
    if (field[0] == '\0' || strcmp(field, "NA") == 0)
        return (double)real_from_bits(0x7fc00000);
    if (*end != '\0' || strpbrk(field, "iIxX") != NULL) { /* nor infinity, nor hexadecimal digits */
        fprintf(stderr, "standard input: row %lu: \"%s\" is not a number\n", row, field);
        *good = 0;
    }
    return value;
}

static void print_answer(unsigned long row, const float *outputs) {
    int best = 0;
    printf("%lu", row);
    if (CLASSES > 0) {
        for (int k = 1; k < MODEL_OUTPUTS; k++)
            best = outputs[k] > outputs[best] ? k : best;
        printf(",%s", is_missing(outputs[best]) ? "" : output_names[best]);
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
    static char line[MAX_LINE], group[MAX_LINE];
    static char *fields[MAX_FIELDS];
    static int columns[MODEL_INPUTS];
    struct model_state state;
    float inputs[MODEL_INPUTS], outputs[MODEL_OUTPUTS];
    double before = 0;
    int count, time_column = -1, group_column = -1;
    char separator = ',';
    if (fgets(line, MAX_LINE, stdin) == NULL)
        return 0;
    if (strncmp(line, "\xef\xbb\xbf", 3) == 0) /* a byte order mark */
        memmove(line, line + 3, strlen(line + 3) + 1);
    if (strchr(line, ',') == NULL)
        separator = strchr(line, ';') != NULL ? ';' : strchr(line, '\t') != NULL ? '\t' : ',';
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
        printf(",%s", output_names[k]);
    printf("%s\n", CLASSES > 0 ? ",class,probability" : "");
    for (unsigned long row = 1; fgets(line, MAX_LINE, stdin) != NULL; row++) {
        int fields_here = split(line, separator, fields), status, good = 1;
        double now, elapsed = 1;
        if (fields_here != count) {
            fprintf(stderr, "standard input: row %lu: %d fields instead of %d\n", row, fields_here,
                    count);
            return 2;
        }
        if (row == 1 || (group_column >= 0 && strcmp(group, fields[group_column]) != 0))
            model_reset(&state);
        if (group_column >= 0)
            strcpy(group, fields[group_column]);
        if (time_column >= 0) {
            now = number_of(fields[time_column], row, &good);
            elapsed = now - before;
            before = now;
        }
        for (int i = 0; i < MODEL_INPUTS; i++)
            inputs[i] = (float)number_of(fields[columns[i]], row, &good);
        if (!good)
            return 2;
        status = model_step(&state, inputs, (float)elapsed, outputs);
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
