/* The verdicts in words. */
#include "report/findings/findings.h"
#include "report/tables/format.h"

#include <math.h>

static const char *units_name(const struct effect *effect) {
    return effect->units == EFFECT_OF_SEEDS ? "seeds" : "data sets";
}

/* What it would take to decide. */
static const char *needed_text(const struct hypothesis *hypothesis, struct arena *arena) {
    const struct effect *effect = &hypothesis->effect;
    if (hypothesis->verdict != UNDECIDED)
        return "";
    if (effect->count < 2)
        return effect->units == EFFECT_OF_SEEDS ? " A single seed decides nothing; run more." : "";
    if (isnan(hypothesis->needed))
        return "";
    if (isinf(hypothesis->needed))
        return " The effect stands at the edge of what matters; more will not decide it.";
    return arena_printf(arena, " %.0f %s would decide, if the effect is as it seems.",
                        hypothesis->needed, units_name(effect));
}

static const char *effect_text(const struct hypothesis *hypothesis, struct arena *arena) {
    if (isinf(hypothesis->low) || isinf(hypothesis->high))
        return format_ratio(arena, exp(hypothesis->effect.mean));
    return arena_printf(arena, "%s (%s to %s)", format_ratio(arena, exp(hypothesis->effect.mean)),
                        format_ratio(arena, exp(hypothesis->low)),
                        format_ratio(arena, exp(hypothesis->high)));
}

static const char *why_untested(const struct hypothesis *hypothesis) {
    for (size_t u = 0; u < hypothesis->unit_count; u++)
        if (hypothesis->units[u].reason != NULL)
            return hypothesis->units[u].reason;
    return "there are no results";
}

static const char *sentence(const struct hypothesis *hypothesis, struct arena *arena) {
    const struct hypothesis_options *options = &hypothesis->options;
    const char *source =
        options->source != NULL ? arena_printf(arena, " (%s)", options->source) : "";
    const char *claim =
        options->claim != NULL ? arena_printf(arena, " \"%s\"%s.", options->claim, source) : "";
    if (isnan(hypothesis->effect.mean))
        return arena_printf(arena, "%s: not tested: %s.%s Rule: %s.", options->name,
                            why_untested(hypothesis), claim, hypothesis->rule);
    return arena_printf(arena, "%s: %s.%s Rule: %s. Effect %s over %zu %s, %s.%s", options->name,
                        decision_name(hypothesis->verdict), claim, hypothesis->rule,
                        effect_text(hypothesis, arena), hypothesis->effect.count,
                        units_name(&hypothesis->effect), format_p(arena, hypothesis->adjusted),
                        needed_text(hypothesis, arena));
}

struct findings findings_hypotheses(const struct hypotheses *hypotheses, struct arena *arena) {
    struct findings findings = {.items = ARENA_NEW(arena, const char *, hypotheses->count + 1)};
    findings.headline = arena_printf(
        arena,
        "Of %zu hypothes%s, %zu supported, %zu refuted, %zu without a difference that matters, %zu "
        "undecided.",
        hypotheses->count, hypotheses->count == 1 ? "is" : "es", hypotheses->counts[SUPPORTED],
        hypotheses->counts[REFUTED], hypotheses->counts[NO_DIFFERENCE],
        hypotheses->counts[UNDECIDED]);
    for (size_t h = 0; h < hypotheses->count; h++)
        findings.items[findings.count++] = sentence(&hypotheses->items[h], arena);
    return findings;
}
