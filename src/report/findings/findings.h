/* Plain sentences about results. They claim no more than the tests support. Another sentence is one
 * more function in the table of findings.c. */
#ifndef REPORT_FINDINGS_FINDINGS_H
#define REPORT_FINDINGS_FINDINGS_H

#include "report/hypotheses/hypotheses.h"
#include "report/results/across.h"
#include "report/results/degradation.h"
#include "report/results/pairs.h"
#include "report/results/published.h"

struct findings {
    const char *headline; /* the answer, to be read first: who is best and by how much, whether a
                             trivial baseline wins, what is smallest and what steadiest; "": none */
    const char **items;   /* what else is to be said */
    size_t count;
};

/* About one data set. */
struct findings findings_make(const struct dataset_results *dataset, const struct pairs *pairs,
                              const struct degradations *degradations,
                              const struct published *published,
                              const struct search_results *search, struct arena *arena);

/* About the ranks across data sets. */
struct findings findings_across(const struct across *across, struct arena *arena);

/* The verdicts, one sentence a hypothesis. */
struct findings findings_hypotheses(const struct hypotheses *hypotheses, struct arena *arena);

#endif
