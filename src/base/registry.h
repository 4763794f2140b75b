/* Registries: parts of one kind (metrics, losses, generators, ...), one file and one line each.
 *
 * A file defines a constant such as metric_mse of type struct metric_type, whose first member is its
 * name. The kind's own file lists them and defines the look-ups that its header declares:
 *
 *   #define METRICS(X) X(mse) X(rmse)
 *   #define DECLARE(name) extern const struct metric_type metric_##name;
 *   METRICS(DECLARE)
 *   #define ENTRY(name) &metric_##name,
 *   REGISTRY(metric, METRICS(ENTRY))
 */
#ifndef BASE_REGISTRY_H
#define BASE_REGISTRY_H

#include <stddef.h>
#include <string.h>

/* Defines kind_at(position) and kind_name(position), NULL after the last, and kind_find(name), NULL
 * when it is not known. The order is that of lists and tables. */
#define REGISTRY(kind, ...)                                                                        \
    static const struct kind##_type *const kind##_types[] = {__VA_ARGS__};                         \
                                                                                                   \
    const struct kind##_type *kind##_at(size_t position) {                                         \
        return position < sizeof kind##_types / sizeof *kind##_types ? kind##_types[position]      \
                                                                     : NULL;                       \
    }                                                                                              \
                                                                                                   \
    const char *kind##_name(size_t position) {                                                     \
        const struct kind##_type *type = kind##_at(position);                                      \
        return type == NULL ? NULL : type->name;                                                   \
    }                                                                                              \
                                                                                                   \
    const struct kind##_type *kind##_find(const char *name) {                                      \
        const struct kind##_type *type;                                                            \
        for (size_t i = 0; (type = kind##_at(i)) != NULL; i++)                                     \
            if (strcmp(type->name, name) == 0)                                                     \
                return type;                                                                       \
        return NULL;                                                                               \
    }

#endif
