/* Predicted classes against true ones, for metrics of classification. */
#ifndef EVALUATE_CLASSES_H
#define EVALUATE_CLASSES_H

#include "evaluate/score.h"

/* How often a class was true, was predicted, and was both. */
struct class_count {
    size_t truths, predicted, hits;
};

/* The first class with the highest score; -1 when a score is NaN. */
int best_class(const double *scores, int classes);

/* Counts of every class [O]; the predicted class is the first with the highest score, and no class
 * at all when a score is NaN. Steps without a truth are skipped. */
struct class_count *count_classes(const struct predictions *predictions, struct arena *arena);

/* [O][O]: how often the row's class was true and the column's predicted; counts as above. */
size_t *count_confusions(const struct predictions *predictions, struct arena *arena);

/* Precision TP / (TP + FP); NaN for a class that is never predicted. Recall TP / (TP + FN); NaN for one
 * that is never true. */
double class_precision(const struct class_count *count);
double class_recall(const struct class_count *count);

/* F1 = 2 TP / (2 TP + FP + FN); NaN for a class that is neither true nor predicted anywhere. */
double class_f1(const struct class_count *count);

#endif
