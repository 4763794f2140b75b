/* What perturbations of sensors share: they change what was observed and leave alone what was
 * missing and filled in. */
#ifndef EVALUATE_PERTURBATIONS_OBSERVED_H
#define EVALUATE_PERTURBATIONS_OBSERVED_H

#include "evaluate/perturbation.h"

#include <math.h>

/* Inputs that are values and not observed flags. */
static inline int value_inputs(const struct dataset *dataset) {
    return dataset->inputs - dataset->flags;
}

/* One input's value in a row; NULL where it was not observed. */
static inline real *observed_value(const struct dataset *dataset, const struct series *series,
                                   int row, int input) {
    real *x = series->x + (size_t)row * (size_t)dataset->inputs; /* [I] */
    bool missing = series->present[row] == 0 ||
                   (input < dataset->flags && x[value_inputs(dataset) + input] == 0);
    return missing ? NULL : x + input;
}

/* A row in which nothing is observed any more is absent. */
static inline void mark_absent(const struct dataset *dataset, struct series *series, int row) {
    const real *x = series->x + (size_t)row * (size_t)dataset->inputs; /* [I] */
    bool any = dataset->flags == 0 || value_inputs(dataset) > dataset->flags;
    for (int i = value_inputs(dataset); i < dataset->inputs; i++)
        any = any || x[i] != 0;
    if (!any)
        series->present[row] = 0;
}

/* How many inputs are hit, and which the k-th of them is: all, unless the disturbance names some. */
static inline int hit_count(const struct dataset *dataset, const struct disturbance *disturbance) {
    return disturbance->inputs != NULL ? disturbance->input_count : value_inputs(dataset);
}

static inline int hit_input(const struct disturbance *disturbance, int k) {
    return disturbance->inputs != NULL ? disturbance->inputs[k] : k;
}

/* 1 or -1. */
static inline double draw_sign(const struct disturbance *disturbance, gsl_rng *rng) {
    switch (disturbance->direction) {
    case DIRECTION_UP:
        return 1;
    case DIRECTION_DOWN:
        return -1;
    default:
        return gsl_rng_uniform_int(rng, 2) == 0 ? 1 : -1;
    }
}

/* For perturbations of one sensor: those that the disturbance names, or else one, drawn here. */
static inline int sensor_count(const struct disturbance *disturbance) {
    return disturbance->inputs != NULL ? disturbance->input_count : 1;
}

static inline int draw_sensor(const struct dataset *dataset, const struct disturbance *disturbance,
                              int k, gsl_rng *rng) {
    return disturbance->inputs != NULL
               ? disturbance->inputs[k]
               : (int)gsl_rng_uniform_int(rng, (unsigned long)value_inputs(dataset));
}

/* A stretch of rows in which a sensor fails. */
struct outage {
    int first, end;
};

/* The first of `length` rows that a fault hits: one of the `count` rows from `lowest` on, at random; or
 * that from which predictions depend most on them (the first of equal ones), where that is known. Then a
 * row is drawn all the same, so that what is drawn after it does not depend on the model. */
static inline int draw_first(const double *sensitivity, int lowest, int count, int length,
                             gsl_rng *rng) {
    int first = lowest + (int)gsl_rng_uniform_int(rng, (unsigned long)count);
    double highest = -1;
    for (int start = lowest; start < lowest + count && sensitivity != NULL; start++) {
        double sum = 0;
        for (int t = start; t < start + length; t++)
            sum += sensitivity[t];
        if (sum > highest) {
            highest = sum;
            first = start;
        }
    }
    return first;
}

/* `share` of the series's rows (at most all). */
static inline struct outage draw_outage(const struct disturbance *disturbance,
                                        const struct series *series, double share, gsl_rng *rng) {
    int rows = (int)lround(fmin(share, 1) * series->rows);
    int first = draw_first(disturbance->sensitivity, 0, series->rows - rows + 1, rows, rng);
    return (struct outage){.first = first, .end = first + rows};
}

/* SensorFault-Bench: ⌈share (L - 1)⌉ of the L rows, and the row before them, which stays as it is. */
static inline struct outage draw_hold(const struct disturbance *disturbance,
                                      const struct series *series, double share, gsl_rng *rng) {
    int rows = (int)ceil(fmin(share, 1) * (series->rows - 1) - 1e-9);
    int first = draw_first(disturbance->sensitivity, 1, series->rows - rows, rows, rng) - 1;
    return (struct outage){.first = first, .end = first + rows + (rows > 0)};
}

/* The row of the input's last observation up to `row`, or else of its first one after that; -1 when
 * it is never observed. */
static inline int held_row(const struct dataset *dataset, const struct series *series, int row,
                           int input) {
    for (int t = row; t >= 0; t--)
        if (observed_value(dataset, series, t, input) != NULL)
            return t;
    for (int t = row + 1; t < series->rows; t++)
        if (observed_value(dataset, series, t, input) != NULL)
            return t;
    return -1;
}

/* An input repeats for a stretch of rows what it said last when that began. */
static inline void hold_value(const struct dataset *dataset, const struct series *series,
                              struct outage outage, int input) {
    int held = outage.first < outage.end ? held_row(dataset, series, outage.first, input) : -1;
    if (held < 0)
        return;
    real value = *observed_value(dataset, series, held, input);
    for (int t = outage.first; t < outage.end; t++) {
        real *x = observed_value(dataset, series, t, input);
        if (x != NULL)
            *x = value;
    }
}

/* The sensor of one input, and how far off it is. */
struct faulty_sensor {
    double mean, std; /* of the input in training */
    double size;      /* ±severity */
    double u;         /* from 0 at the series's first row to 1 at its last */
};

/* Replaces each observed x of the inputs that are hit by reading(x). The size has one sign for each
 * input and series, drawn here; without rng it is the severity. */
static inline void misread(const struct disturbance *disturbance, const struct dataset *dataset,
                           struct series *series, gsl_rng *rng,
                           real (*reading)(const struct faulty_sensor *sensor, real x)) {
    double duration = series->time[series->rows - 1] - series->time[0];
    for (int k = 0; k < hit_count(dataset, disturbance); k++) {
        int i = hit_input(disturbance, k);
        struct faulty_sensor sensor = {.mean = dataset->input_mean[i],
                                       .std = dataset->input_std[i],
                                       .size = disturbance->severity};
        if (rng != NULL)
            sensor.size *= draw_sign(disturbance, rng);
        for (int t = 0; t < series->rows; t++) {
            real *x = observed_value(dataset, series, t, i);
            sensor.u = duration > 0 ? (series->time[t] - series->time[0]) / duration : 0;
            if (x != NULL)
                *x = reading(&sensor, *x);
        }
    }
}

#endif
