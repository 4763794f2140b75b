/* The sentences of a report's findings as they are gathered, and the functions that each look for one thing
 * to say about a data set: findings.c has them in their order. */
#ifndef REPORT_FINDINGS_SENTENCES_H
#define REPORT_FINDINGS_SENTENCES_H

#include "report/findings/findings.h"

struct sentences {
    struct arena *arena;
    const char *headline; /* whole sentences; NULL: none yet */
    const char *clauses;  /* of its last sentence; NULL: none yet */
    const char **items;
    size_t count;
    const struct pairs *pairs;
    const struct degradations *degradations;
    const struct published *published;
    const struct search_results *search;
};

/* Adds a sentence that is no part of the headline. */
void say(struct sentences *sentences, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Adds a sentence to the headline, before its clauses. */
void open_with(struct sentences *sentences, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Adds a clause to the headline's last sentence; it begins with a capital or a model's name. */
void open_with_clause(struct sentences *sentences, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* What findings_...() return. */
struct findings sentences_end(const struct sentences *sentences);

/* Of a model's scores on the clean test. */
struct summary test_summary(const struct dataset_results *dataset,
                            const struct model_results *model);

/* "1 seed", "5 seeds" */
const char *seeds_text(struct arena *arena, size_t count);

/* "a", "a and b", "a, b and c", "a, b and 3 others". */
const char *list_names(struct arena *arena, const struct model_results *const *models,
                       size_t count);

/* findings_best.c: which network is the best, and whom it and the reference are better than. */
void say_best(struct sentences *sentences, const struct dataset_results *dataset);
void say_reference(struct sentences *sentences, const struct dataset_results *dataset);

/* findings_cheaper.c: whether a trivial baseline or a smaller model does as well. */
void answer_baseline(struct sentences *sentences, const struct dataset_results *dataset);
void answer_smallest(struct sentences *sentences, const struct dataset_results *dataset);
void say_baseline(struct sentences *sentences, const struct dataset_results *dataset);

/* findings_robustness.c: what perturbations and shifts do. */
void answer_steadiest(struct sentences *sentences, const struct dataset_results *dataset);
void say_noise(struct sentences *sentences, const struct dataset_results *dataset);
void say_blocks(struct sentences *sentences, const struct dataset_results *dataset);
void say_mce(struct sentences *sentences, const struct dataset_results *dataset);
void say_ood(struct sentences *sentences, const struct dataset_results *dataset);

/* findings_caveats.c: what to bear in mind about the results. */
void say_training(struct sentences *sentences, const struct dataset_results *dataset);
void say_not_finite(struct sentences *sentences, const struct dataset_results *dataset);
void say_undefined(struct sentences *sentences, const struct dataset_results *dataset);
void say_failures(struct sentences *sentences, const struct dataset_results *dataset);
void say_load(struct sentences *sentences, const struct dataset_results *dataset);

#endif
