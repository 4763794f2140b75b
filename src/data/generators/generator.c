#include "data/generators/generator.h"

#include "base/registry.h"
#include "base/suggest.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A new generator is a file in this folder and a line here. */
#define GENERATORS(X)                                                                              \
    X(damped_oscillator)                                                                           \
    X(lorenz)                                                                                      \
    X(mackey_glass)                                                                                \
    X(forced_pendulum)                                                                             \
    X(irregular_sines)                                                                             \
    X(xor_bits)                                                                                    \
    X(xor_events)                                                                                  \
    X(adding)                                                                                      \
    X(copy)                                                                                        \
    X(fitzhugh_nagumo)                                                                             \
    X(mnist1d)

#define DECLARE(name) extern const struct generator_type generator_##name;
GENERATORS(DECLARE)

#define ENTRY(name) &generator_##name,
REGISTRY(generator, GENERATORS(ENTRY))

static bool check_names(const struct generator_type *type, const cJSON *parameters,
                        struct error *error) {
    if (parameters != NULL && !cJSON_IsObject(parameters))
        return error_set(error, "must be an object such as {\"%s\": [%g, %g]}",
                         type->parameters[0].name, type->parameters[0].low,
                         type->parameters[0].high);
    for (const cJSON *item = parameters ? parameters->child : NULL; item; item = item->next) {
        struct suggestion nearest = {.wanted = item->string};
        const struct generator_parameter *parameter = type->parameters;
        for (; parameter->name && strcmp(parameter->name, item->string) != 0; parameter++)
            suggestion_offer(&nearest, parameter->name);
        if (parameter->name == NULL && nearest.nearest != NULL)
            return error_set(error, "%s: unknown parameter of %s; did you mean \"%s\"?",
                             item->string, type->name, nearest.nearest);
        if (parameter->name == NULL)
            return error_set(error,
                             "%s: unknown parameter of %s; `liquidbench data describe %s` lists "
                             "them",
                             item->string, type->name, type->name);
    }
    return true;
}

/* Draws one value: from the default range, from [low, high], or the number itself. */
static bool draw(const struct generator_parameter *parameter, const cJSON *json, gsl_rng *rng,
                 double *value, struct error *error) {
    double low = parameter->low, high = parameter->high;
    if (cJSON_IsNumber(json)) {
        low = high = json->valuedouble;
    } else if (cJSON_IsArray(json) && cJSON_GetArraySize(json) == 2 &&
               cJSON_IsNumber(json->child) && cJSON_IsNumber(json->child->next)) {
        low = json->child->valuedouble;
        high = json->child->next->valuedouble;
    } else if (json != NULL) {
        return error_set(error, "%s: must be a number or a [low, high] range", parameter->name);
    }
    if (!isfinite(low) || !isfinite(high) || low > high)
        return error_set(error, "%s: the range must go from a low to a high number",
                         parameter->name);
    if (low < parameter->least)
        return error_set(error, "%s: is %g but must be at least %g", parameter->name, low,
                         parameter->least);
    *value = gsl_ran_flat(rng, low, high);
    return true;
}

double generator_exponent(const struct generator_type *type, const cJSON *parameters) {
    double step = NAN;
    for (const struct generator_parameter *p = type->parameters; p->name != NULL; p++)
        if (strcmp(p->name, "step") == 0)
            step = p->low;
    for (const cJSON *item = parameters ? parameters->child : NULL; item; item = item->next)
        step *= strcmp(item->string, "step") == 0 && cJSON_IsNumber(item) ? item->valuedouble / step
                                                                          : NAN;
    return type->exponent > 0 ? type->exponent * step : NAN;
}

static bool generate_finite(const struct generator_type *type, const double *values, int number,
                            int *rows, size_t columns, gsl_rng *rng, double *out,
                            struct error *error) {
    /* GSL's own handler would abort the program; its return codes say the same. */
    gsl_error_handler_t *handler = gsl_set_error_handler_off();
    bool generated = type->generate_numbered != NULL
                         ? type->generate_numbered(values, number, rows, out, error)
                         : type->generate(values, rows, rng, out, error);
    gsl_set_error_handler(handler);
    if (!generated)
        return error_prefix(error, "generator %s", type->name);
    for (size_t i = 0; i < (size_t)*rows * columns; i++)
        if (!isfinite(out[i]))
            return error_set(error, "generator %s: grows without bounds; choose milder parameters",
                             type->name);
    return true;
}

static void fill_table(const struct generator_type *type, const double *out, size_t rows,
                       size_t columns, struct table *table) {
    table->path = type->name;
    table->rows = rows;
    table->column_count = columns;
    table->columns = ARENA_NEW(&table->arena, struct column, columns);
    for (size_t k = 0; k < columns; k++) {
        table->columns[k].name = type->columns[k];
        table->columns[k].values = mem_resize(NULL, rows * sizeof(double));
        for (size_t row = 0; row < rows; row++)
            table->columns[k].values[row] = out[row * columns + k];
    }
}

bool generator_run(const struct generator_type *type, const cJSON *parameters, int number, int rows,
                   gsl_rng *rng, struct table *table, struct error *error) {
    *table = (struct table){0};
    double values[GENERATOR_PARAMETERS];
    bool drawn = check_names(type, parameters, error);
    for (size_t i = 0; drawn && type->parameters[i].name != NULL; i++)
        drawn = draw(&type->parameters[i],
                     cJSON_GetObjectItemCaseSensitive(parameters, type->parameters[i].name), rng,
                     &values[i], error);
    if (!drawn)
        return error_prefix(error, "parameters");
    size_t columns = 0;
    while (type->columns[columns] != NULL)
        columns++;
    double *out = mem_resize(NULL, (size_t)rows * columns * sizeof *out);
    bool generated = generate_finite(type, values, number, &rows, columns, rng, out, error);
    if (generated)
        fill_table(type, out, (size_t)rows, columns, table);
    free(out);
    return generated;
}
