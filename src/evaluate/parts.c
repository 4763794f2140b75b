#include "evaluate/parts.h"

struct predictions predictions_part(const struct predictions *whole, int target, int step,
                                    struct dataset *view, struct arena *arena) {
    int targets = whole->dataset->targets, width = whole->dataset->width;
    *view = *whole->dataset;
    view->targets = target < 0 ? targets : 1;
    view->horizon = step < 0 ? whole->dataset->horizon : 1;
    view->width = view->outputs = view->targets * view->horizon;
    struct predictions part = *whole;
    size_t numbers = whole->count * (size_t)view->width, filled = 0;
    part.dataset = view;
    part.first_target = target < 0 ? 0 : target;
    part.output = ARENA_NEW(arena, double, numbers);
    part.truth = ARENA_NEW(arena, double, numbers);
    for (size_t i = 0; i < whole->count; i++)
        for (int k = 0; k < width; k++) { /* [horizon][targets] */
            if ((target >= 0 && k % targets != target) || (step >= 0 && k / targets != step))
                continue;
            part.output[filled] = whole->output[i * (size_t)width + (size_t)k];
            part.truth[filled++] = whole->truth[i * (size_t)width + (size_t)k];
        }
    return part;
}
