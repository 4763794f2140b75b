#include "evaluate/metric.h"

#include <string.h>

/* A new metric is a file in metrics/ and a line here. The order is that of lists and tables. */
#define METRICS(metric)                                                                            \
    metric(mse) metric(rmse) metric(mae) metric(smape) metric(mase) metric(r2) metric(accuracy)    \
        metric(balanced_accuracy) metric(macro_f1) metric(f1) metric(auroc) metric(log_loss)

#define DECLARE(name) extern const struct metric_type metric_##name;
METRICS(DECLARE)

#define ENTRY(name) &metric_##name,
static const struct metric_type *const metrics[] = {METRICS(ENTRY)};

const struct metric_type *metric_at(size_t position) {
    return position < sizeof metrics / sizeof *metrics ? metrics[position] : NULL;
}

const char *metric_name(size_t position) {
    const struct metric_type *type = metric_at(position);
    return type == NULL ? NULL : type->name;
}

const struct metric_type *metric_find(const char *name) {
    const struct metric_type *type;
    for (size_t i = 0; (type = metric_at(i)) != NULL; i++)
        if (strcmp(type->name, name) == 0)
            return type;
    return NULL;
}
