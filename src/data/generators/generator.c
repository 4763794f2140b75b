#include "data/generators/generator.h"

#include "base/choice.h"
#include "base/registry.h"

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
    X(delay_recall)                                                                                \
    X(associative_recall)                                                                          \
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
        if (parameter->name == NULL)
            return error_set(
                error, "%s: unknown parameter of %s%s", item->string, type->name,
                suggestion_or(&nearest, "`liquidbench data describe %s` lists them", type->name)
                    .text);
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
    if (low < parameter->min)
        return error_set(error, "%s: is %g but must be at least %g", parameter->name, low,
                         parameter->min);
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

int generator_delay(const struct generator_type *type, const cJSON *parameters) {
    const struct generator_parameter *parameter = type->parameters;
    if (type->delay == NULL)
        return 0;
    while (strcmp(parameter->name, type->delay) != 0)
        parameter++;
    const cJSON *json = cJSON_GetObjectItemCaseSensitive(parameters, type->delay);
    const cJSON *max = cJSON_IsArray(json) ? cJSON_GetArrayItem(json, 1) : json;
    return (int)(cJSON_IsNumber(max) ? max->valuedouble : parameter->high);
}

/* A series under way. */
struct making {
    const struct generator_type *type;
    const double *values; /* those of row r at r * stride */
    size_t stride;
    int number;
    gsl_rng *rng;
};

static bool call(const struct making *making, int *rows, double *out, struct error *error) {
    const struct generator_type *type = making->type;
    if (type->generate_numbered != NULL)
        return type->generate_numbered(making->values, making->number, rows, out, error);
    if (type->generate_drifting != NULL)
        return type->generate_drifting(making->values, making->stride, rows, making->rng, out,
                                       error);
    return type->generate(making->values, rows, making->rng, out, error);
}

static bool generate_finite(const struct making *making, int *rows, size_t columns, double *out,
                            struct error *error) {
    const struct generator_type *type = making->type;
    /* GSL's own handler would abort the program; its return codes say the same. */
    gsl_error_handler_t *handler = gsl_set_error_handler_off();
    bool generated = call(making, rows, out, error);
    gsl_set_error_handler(handler);
    if (!generated)
        return error_prefix(error, "generator %s", type->name);
    for (size_t i = 0; i < (size_t)*rows * columns; i++)
        if (!isfinite(out[i]) && !(type->has_unscored && isnan(out[i])))
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

/* Draws a value of each parameter, in their order. */
static bool draw_values(const struct generator_type *type, const cJSON *parameters, gsl_rng *rng,
                        double values[GENERATOR_PARAMETERS], struct error *error) {
    bool drawn = check_names(type, parameters, error);
    for (size_t i = 0; drawn && type->parameters[i].name != NULL; i++)
        drawn = draw(&type->parameters[i],
                     cJSON_GetObjectItemCaseSensitive(parameters, type->parameters[i].name), rng,
                     &values[i], error);
    return drawn || error_prefix(error, "parameters");
}

static bool make_table(const struct making *making, int rows, struct table *table,
                       struct error *error) {
    const struct generator_type *type = making->type;
    size_t columns = 0;
    while (type->columns[columns] != NULL)
        columns++;
    if (type->used_columns != NULL)
        columns = type->used_columns(making->values);
    double *out = mem_resize(NULL, (size_t)rows * columns * sizeof *out);
    bool generated = generate_finite(making, &rows, columns, out, error);
    if (generated)
        fill_table(type, out, (size_t)rows, columns, table);
    free(out);
    return generated;
}

bool generator_run(const struct generator_type *type, const cJSON *parameters, int number, int rows,
                   gsl_rng *rng, struct table *table, struct error *error) {
    double values[GENERATOR_PARAMETERS];
    const struct making making = {.type = type, .values = values, .number = number, .rng = rng};
    *table = (struct table){0};
    return draw_values(type, parameters, rng, values, error) &&
           make_table(&making, rows, table, error);
}

bool generator_can_drift(const struct generator_type *type, const struct generator_drift *drift) {
    bool can = type->generate_drifting != NULL;
    for (const struct generator_parameter *p = type->parameters; can && p->name != NULL; p++)
        for (int k = 1; can && p->is_fixed && k < drift->regimes; k++) {
            const cJSON *first = cJSON_GetObjectItemCaseSensitive(drift->parameters[0], p->name);
            const cJSON *own = cJSON_GetObjectItemCaseSensitive(drift->parameters[k], p->name);
            can = first == NULL ? own == NULL : cJSON_Compare(first, own, true);
        }
    return can;
}

bool generator_run_drifting(const struct generator_type *type, const struct generator_drift *drift,
                            int rows, gsl_rng *rng, struct table *table, struct error *error) {
    size_t stride = 0, regimes = (size_t)drift->regimes;
    while (type->parameters[stride].name != NULL)
        stride++;
    double *own = mem_resize(NULL, regimes * GENERATOR_PARAMETERS * sizeof *own);
    double *values = mem_resize(NULL, (size_t)rows * stride * sizeof *values);
    gsl_rng *start = gsl_rng_clone(rng);
    bool made = true;
    *table = (struct table){0};
    for (size_t k = 0; made && k < regimes; k++) {
        gsl_rng_memcpy(rng, start);
        made = draw_values(type, drift->parameters[k], rng, own + k * GENERATOR_PARAMETERS, error);
    }
    for (size_t row = 0; made && row < (size_t)rows; row++)
        for (size_t i = 0; i < stride; i++) {
            double *value = &values[row * stride + i];
            *value = 0;
            for (size_t k = 0; k < regimes; k++)
                if (drift->shares[row * regimes + k] > 0)
                    *value += drift->shares[row * regimes + k] * own[k * GENERATOR_PARAMETERS + i];
        }
    const struct making making = {.type = type, .values = values, .stride = stride, .rng = rng};
    made = made && make_table(&making, rows, table, error);
    gsl_rng_free(start);
    free(values);
    free(own);
    return made;
}
