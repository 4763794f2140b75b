/* Prints the tables of docs/statistics.md on the test data: how often each candidate finds a difference
 * that is not there, and one that is. */
#include "support/simulation.h"

#include <math.h>
#include <stdio.h>

enum { DRAWS = 4000, MAX_TESTS = 16 };
static const double EFFECT = 2.8; /* standard errors: found with 80 % if the variance were known */

static void print_heading(const char *first, const char *second) {
    printf("| %s | %s |", first, second);
    for (size_t test = 0; test < serial_test_count; test++)
        printf(" %s |", serial_tests[test].title);
    fputs("\n| --- | --- |", stdout);
    for (size_t test = 0; test < serial_test_count; test++)
        fputs(" --- |", stdout);
    fputs("\n", stdout);
}

static void print_serial(void) {
    static const size_t steps[] = {100, 500, 2000};
    double rates[MAX_TESTS];
    print_heading("loss differential", "steps");
    for (size_t p = 0; p < process_count; p++)
        for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
            simulate_serial(&processes[p], steps[i], DRAWS, serial_test_count, rates);
            printf("| %s | %zu |", processes[p].title, steps[i]);
            for (size_t test = 0; test < serial_test_count; test++)
                printf(" %.1f |", 100 * rates[test]);
            fputs("\n", stdout);
            fflush(stdout);
        }
}

static void print_joint(void) {
    static const size_t seeds[] = {3, 5, 10};
    printf("| seeds | test | same mean | the worst | power |\n| --- | --- | --- | --- | --- |\n");
    for (size_t i = 0; i < sizeof seeds / sizeof seeds[0]; i++) {
        double mean[MAX_TESTS] = {0}, worst[MAX_TESTS] = {0}, power[MAX_TESTS] = {0};
        for (size_t s = 0; s < scenario_count; s++) {
            double rates[MAX_TESTS], found[MAX_TESTS];
            simulate_joint(&scenarios[s], seeds[i], 0, DRAWS, joint_test_count, rates);
            simulate_joint(&scenarios[s], seeds[i], EFFECT, DRAWS, joint_test_count, found);
            for (size_t test = 0; test < joint_test_count; test++) {
                mean[test] += rates[test] / (double)scenario_count;
                worst[test] = fmax(worst[test], rates[test]);
                power[test] += found[test] / (double)scenario_count;
            }
        }
        for (size_t test = 0; test < joint_test_count; test++)
            printf("| %zu | %s | %.1f %% | %.1f %% | %.0f %% |\n", seeds[i],
                   joint_tests[test].title, 100 * mean[test], 100 * worst[test], 100 * power[test]);
        fflush(stdout);
    }
}

int main(void) {
    print_serial();
    fputs("\n", stdout);
    print_joint();
    return 0;
}
