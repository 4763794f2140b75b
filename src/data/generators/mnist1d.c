/* MNIST-1D: 5000 series of 40 numbers in 10 classes, the very data set of the paper, drawn from
 * NumPy's stream of seed 42. Each is a digit's template of 12 numbers, padded, scaled, rotated, on
 * which smooth noise, white noise and a slope are added. The first 4000 are the paper's training
 * set, the others its test set. */
#include "data/generators/generator.h"
#include "math/random.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SHUFFLE };
enum { CLASSES = 10, PER_CLASS = 500, SERIES = CLASSES * PER_CLASS };
enum { TEMPLATE = 12, MIN_PADDING = 36, MAX_PADDING = 60, LENGTH = 72, SHOWN = 40 };

static const struct generator_parameter parameters[] = {
    [SHUFFLE] = {"shuffle", "1: the paper's control, whose 40 positions are permuted", 0, 0,
                 .min = 0},
    {.name = NULL},
};

static const double templates[CLASSES][TEMPLATE] = {
    {5, 6, 6.5, 6.75, 7, 7, 7, 7, 6.75, 6.5, 6, 5},
    {5, 3, 3, 3.4, 3.8, 4.2, 4.6, 5, 5.4, 5.8, 5, 5},
    {5, 6, 6.5, 6.5, 6, 5.25, 4.75, 4, 3.5, 3.5, 4, 5},
    {5, 6, 6.5, 6.5, 6, 5, 5, 6, 6.5, 6.5, 6, 5},
    {5, 4.4, 3.8, 3.2, 2.6, 2.6, 5, 5, 5, 5, 5, 5},
    {5, 3, 3, 3, 3, 5, 6, 6.5, 6.5, 6, 4.5, 5},
    {5, 4, 3.5, 3.25, 3, 3, 3, 3, 3.25, 3.5, 4, 5},
    {5, 7, 7, 6.6, 6.2, 5.8, 5.4, 5, 4.6, 4.2, 5, 5},
    {5, 4, 3.5, 3.5, 4, 5, 5, 4, 3.5, 3.5, 4, 5},
    {5, 4, 3.5, 3.5, 4, 5, 5, 5, 5, 4.7, 4.3, 5},
};

/* NumPy's normal numbers: the polar method gives two at a time, the second first. */
struct normals {
    gsl_rng *rng;
    bool has_spare;
    double spare;
};

static double next_normal(struct normals *normals) {
    double first, second, square;
    if (normals->has_spare) {
        normals->has_spare = false;
        return normals->spare;
    }
    do {
        first = 2 * random_numpy_uniform(normals->rng) - 1;
        second = 2 * random_numpy_uniform(normals->rng) - 1;
        square = first * first + second * second;
    } while (square >= 1 || square == 0);
    double factor = sqrt(-2 * log(square) / square);
    normals->spare = factor * first;
    normals->has_spare = true;
    return factor * second;
}

/* to [n]: `from` [length] along straight lines. */
static void resample(const double *from, int length, int n, double *to) {
    for (int j = 0; j < n; j++) {
        double at = (double)j * (length - 1) / (n - 1);
        int before = (int)at < length - 1 ? (int)at : length - 2;
        to[j] = from[before] + (at - before) * (from[before + 1] - from[before]);
    }
}

/* Smooths by a Gaussian of deviation 2, ends mirrored: c b a | a b c. */
static void smooth(const double *from, double *to) {
    enum { REACH = 8 };
    double weights[REACH + 1], sum = 0;
    for (int j = 0; j <= REACH; j++) {
        weights[j] = exp(-j * j / 8.0);
        sum += j == 0 ? 1 : 2 * weights[j];
    }
    for (int i = 0; i < LENGTH; i++) {
        to[i] = 0;
        for (int j = -REACH; j <= REACH; j++) {
            int at = i + j < 0 ? -1 - (i + j) : i + j >= LENGTH ? 2 * LENGTH - 1 - (i + j) : i + j;
            to[i] += weights[abs(j)] / sum * from[at];
        }
    }
}

/* The digit's template: centred, scaled, begun at 0. */
static void fill_template(int digit, double *template) {
    double mean = 0, square = 0;
    for (int i = 0; i < TEMPLATE; i++)
        mean += templates[digit][i] / TEMPLATE;
    for (int i = 0; i < TEMPLATE; i++)
        square += (templates[digit][i] - mean) * (templates[digit][i] - mean) / TEMPLATE;
    for (int i = 0; i < TEMPLATE; i++)
        template[i] = (templates[digit][i] - templates[digit][0]) / sqrt(square) / 6;
}

/* One series [SHOWN], in the paper's order of draws. */
static void draw_series(int digit, struct normals *normals, double *out) {
    double padded[TEMPLATE + MAX_PADDING] = {0}, x[LENGTH], rotated[LENGTH];
    double noise[LENGTH], smoothed[LENGTH];
    gsl_rng *rng = normals->rng;
    fill_template(digit, padded);
    for (int i = 0; i < TEMPLATE; i++)
        padded[i] += 1e-8;
    int padding = MIN_PADDING + (int)(25 * random_numpy_uniform(rng));
    resample(padded, TEMPLATE + padding, LENGTH, x);
    double scale = 1 + 0.4 * (random_numpy_uniform(rng) - 0.5);
    size_t turn = random_numpy_integer(rng, 47);
    for (size_t i = 0; i < LENGTH; i++)
        rotated[(i + turn) % LENGTH] = x[i] * scale;
    for (int i = 0; i < LENGTH; i++)
        noise[i] = 0.25 * next_normal(normals);
    smooth(noise, smoothed);
    for (int i = 0; i < LENGTH; i++)
        x[i] = rotated[i] == 0 ? smoothed[i] : rotated[i];
    for (int i = 0; i < LENGTH; i++)
        x[i] += 0.02 * next_normal(normals);
    double slope = 0.75 * (random_numpy_uniform(rng) - 0.5);
    for (int i = 0; i < LENGTH; i++)
        x[i] -= slope * (-0.5 + (double)i / (LENGTH - 1));
    resample(x, LENGTH, SHOWN, out);
}

/* All series, made when the first one is asked for. */
struct collection {
    bool is_made;
    double x[SERIES][SHOWN];
    int digit[SERIES];
    size_t position[SHOWN]; /* of the control */
};

static void make(struct collection *all) {
    static double x[SERIES][SHOWN];
    static size_t order[SERIES];
    struct normals normals = {.rng = random_numpy_stream(42)};
    double mean = 0, square = 0, count = (double)SERIES * SHOWN;
    for (int i = 0; i < SERIES; i++)
        draw_series(i / PER_CLASS, &normals, x[i]);
    random_numpy_shuffled(normals.rng, SERIES, order);
    random_numpy_shuffled(normals.rng, SHOWN, all->position);
    gsl_rng_free(normals.rng);
    for (int i = 0; i < SERIES * SHOWN; i++)
        mean += x[i / SHOWN][i % SHOWN] / count;
    for (int i = 0; i < SERIES * SHOWN; i++)
        square += pow(x[i / SHOWN][i % SHOWN] - mean, 2) / count;
    for (int i = 0; i < SERIES; i++) {
        all->digit[i] = (int)(order[i] / PER_CLASS);
        for (int j = 0; j < SHOWN; j++)
            all->x[i][j] = (x[order[i]][j] - mean) / sqrt(square);
    }
    all->is_made = true;
}

static bool generate(const double *values, int number, int *rows, double *out,
                     struct error *error) {
    static struct collection all;
    if (number >= SERIES)
        return error_set(error, "there are %d series; set dataset.series to no more", SERIES);
    if (*rows < SHOWN)
        return error_set(error, "rows must be at least %d, the length of its series", SHOWN);
    if (!all.is_made)
        make(&all);
    *rows = SHOWN;
    for (size_t row = 0; row < SHOWN; row++) {
        out[2 * row] = all.x[number][values[SHUFFLE] != 0 ? all.position[row] : row];
        out[2 * row + 1] = all.digit[number];
    }
    return true;
}

static const char *const columns[] = {"x", "digit", NULL};
static const char *const inputs[] = {"x", NULL};
static const char *const targets[] = {"digit", NULL};

const struct generator_type generator_mnist1d = {
    .name = "mnist1d",
    .title = "MNIST-1D: ten digits as noisy curves of 40 points, the paper's very data",
    .citation = "S. Greydanus and D. Kobak, Scaling down deep learning with MNIST-1D, ICML 2024",
    .columns = columns,
    .parameters = parameters,
    .task = "classification",
    .inputs = inputs,
    .targets = targets,
    .generate_numbered = generate,
};
