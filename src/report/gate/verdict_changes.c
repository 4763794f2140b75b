#include "report/gate/verdict_changes.h"

#include "report/hypotheses/hypotheses.h"

#include <string.h>

static const struct hypothesis *find_hypothesis(const struct hypotheses *hypotheses,
                                                const char *name) {
    for (size_t h = 0; h < hypotheses->count; h++)
        if (strcmp(hypotheses->items[h].options.name, name) == 0)
            return &hypotheses->items[h];
    return NULL;
}

/* Why a verdict does not stand; NULL: it does. */
static const char *reason_of(const struct hypothesis *base, const struct hypothesis *changed,
                             struct arena *arena) {
    if (changed == NULL)
        return "the hypothesis is missing in NEW";
    if (strcmp(base->rule, changed->rule) != 0)
        return arena_printf(arena, "the rule differs: %s → %s", base->rule, changed->rule);
    if (base->verdict == changed->verdict)
        return NULL;
    return arena_printf(arena, "the verdict changes: %s → %s", decision_name(base->verdict),
                        decision_name(changed->verdict));
}

struct verdict_changes verdict_changes_find(const struct results *base,
                                            const struct results *changed, struct arena *arena) {
    struct hypotheses before = hypotheses_make(base, arena);
    struct hypotheses after = hypotheses_make(changed, arena);
    struct verdict_changes changes = {
        .items = ARENA_NEW(arena, struct verdict_change, before.count + 1)};
    for (size_t h = 0; h < before.count; h++) {
        const char *name = before.items[h].options.name;
        const char *reason = reason_of(&before.items[h], find_hypothesis(&after, name), arena);
        if (reason != NULL)
            changes.items[changes.count++] = (struct verdict_change){name, reason};
        else
            changes.same++;
    }
    return changes;
}

size_t verdict_changes_max(const struct results *base) {
    struct arena scratch = {0};
    size_t count = hypotheses_make(base, &scratch).count;
    arena_free(&scratch);
    return count;
}
