#include "evaluate/classes.h"

#include <math.h>

int best_class(const double *scores, int classes) {
    int best = 0;
    for (int c = 0; c < classes; c++) {
        if (isnan(scores[c]))
            return -1;
        if (scores[c] > scores[best])
            best = c;
    }
    return best;
}

struct class_count *count_classes(const struct predictions *predictions, struct arena *arena) {
    int classes = predictions->dataset->outputs;
    struct class_count *counts = ARENA_NEW(arena, struct class_count, classes);
    for (size_t i = 0; i < predictions->count; i++) {
        if (isnan(predictions->truth[i]))
            continue;
        int truth = (int)predictions->truth[i];
        int predicted = best_class(predictions->output + i * (size_t)classes, classes);
        counts[truth].truths++;
        if (predicted >= 0)
            counts[predicted].predicted++;
        if (predicted == truth)
            counts[truth].hits++;
    }
    return counts;
}

size_t *count_confusions(const struct predictions *predictions, struct arena *arena) {
    size_t classes = (size_t)predictions->dataset->outputs;
    size_t *counts = ARENA_NEW(arena, size_t, classes * classes);
    for (size_t i = 0; i < predictions->count; i++) {
        int predicted = best_class(predictions->output + i * classes, (int)classes);
        if (predicted >= 0 && !isnan(predictions->truth[i]))
            counts[(size_t)predictions->truth[i] * classes + (size_t)predicted]++;
    }
    return counts;
}

double class_precision(const struct class_count *count) {
    return count->predicted == 0 ? NAN : (double)count->hits / (double)count->predicted;
}

double class_recall(const struct class_count *count) {
    return count->truths == 0 ? NAN : (double)count->hits / (double)count->truths;
}

double class_f1(const struct class_count *count) {
    size_t sum = count->truths + count->predicted; /* 2 TP + FP + FN */
    return sum == 0 ? NAN : 2 * (double)count->hits / (double)sum;
}
