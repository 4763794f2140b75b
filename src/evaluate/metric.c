#include "evaluate/metric.h"

#include "base/registry.h"

/* A new metric is a file in metrics/ and a line here. The order is that of lists and tables. */
#define METRICS(metric)                                                                            \
    metric(mse) metric(rmse) metric(mae) metric(smape) metric(mase) metric(r2)                     \
        metric(memory_capacity) metric(accuracy) metric(balanced_accuracy) metric(macro_f1)        \
            metric(f1) metric(auroc) metric(log_loss)

#define DECLARE(name) extern const struct metric_type metric_##name;
METRICS(DECLARE)

#define ENTRY(name) &metric_##name,
REGISTRY(metric, METRICS(ENTRY))
