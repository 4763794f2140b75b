/* The clean test score taken apart: by target, by step ahead, by class. Everything is a summary over
 * the seeds of a model. */
#ifndef REPORT_RESULTS_BREAKDOWN_H
#define REPORT_RESULTS_BREAKDOWN_H

#include "report/results/results.h"

/* Which part: one target (its name), or one step ahead. */
struct test_part {
    const char *target; /* NULL: all of them */
    double step;        /* 0: all of them */
};

/* Parts that the records tell of, in their order: targets if there are several, or steps ahead if there
 * are several. Returns their number. */
size_t list_targets(const struct dataset_results *dataset, struct test_part *parts);
size_t list_steps(const struct dataset_results *dataset, struct test_part *parts);
/* Room that either needs. */
size_t part_limit(const struct dataset_results *dataset);

/* The headline metric on a part. */
struct summary summarize_part(const struct model_results *model, const struct test_part *part);

enum class_score { CLASS_SUPPORT, CLASS_PRECISION, CLASS_RECALL, CLASS_F1 };

/* A trial whose record tells of classes; NULL: none. All have the same classes. */
const struct trial *trial_with_classes(const struct dataset_results *dataset);

/* Of class number c; seeds for which it does not exist are left out. */
struct summary summarize_class(const struct model_results *model, size_t c, enum class_score which);

/* [classes][classes] how often the class of the row was taken for that of the column, as a share of how
 * often it was true, over all seeds together; NaN for a class that never was. NULL: not known. */
double *confusion_shares(const struct model_results *model, size_t classes, struct arena *arena);

#endif
