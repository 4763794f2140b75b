/* Answers rows of numbers from standard input with a model that `liquidbench run` has trained:
 *
 *     cc stream.c $(pkg-config --cflags --libs liquidbench) -o stream
 *     ./stream model.safetensors <rows.txt
 *
 * A row is the elapsed time since the one before and the model's inputs, separated by blanks; "nan"
 * is a missing value. */
#include <liquidbench.h>
#include <stdio.h>
#include <stdlib.h>

static void print_row(const double *outputs, size_t count) {
    for (size_t k = 0; k < count; k++)
        printf("%s%.9g", k > 0 ? " " : "", outputs[k]);
    printf("\n");
    fflush(stdout);
}

/* 1: there is a row. */
static int read_row(double *elapsed, double *inputs, size_t count) {
    if (scanf("%lf", elapsed) != 1)
        return 0;
    for (size_t i = 0; i < count; i++)
        if (scanf("%lf", &inputs[i]) != 1)
            return 0;
    return 1;
}

int main(int argc, char **argv) {
    char message[LIQUIDBENCH_MESSAGE];
    if (argc != 2) {
        fprintf(stderr, "Usage: stream MODEL <ROWS\n");
        return 2;
    }
    liquidbench_model *model = liquidbench_load(argv[1], message);
    if (model == NULL) {
        fprintf(stderr, "stream: %s\n", message);
        return 2;
    }
    double *inputs = calloc(liquidbench_inputs(model), sizeof *inputs), elapsed;
    double *outputs = calloc(liquidbench_outputs(model), sizeof *outputs);
    liquidbench_stream *stream = liquidbench_begin(model);
    while (read_row(&elapsed, inputs, liquidbench_inputs(model)))
        if (liquidbench_step(stream, inputs, elapsed, outputs) >= 0)
            print_row(outputs, liquidbench_outputs(model));
        else
            fprintf(stderr, "stream: a row was refused\n");
    liquidbench_end(stream);
    liquidbench_free(model);
    free(inputs);
    free(outputs);
    return 0;
}
