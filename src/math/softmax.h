/* Scores of classes as probabilities, p_c = exp(s_c) / Σ_k exp(s_k), without overflow. */
#ifndef MATH_SOFTMAX_H
#define MATH_SOFTMAX_H

/* log Σ exp(scores[c]) over the classes but `without` (-1: over all). */
double log_sum_exp(const double *scores, int classes, int without);

/* scores [classes] become their probabilities; returns log Σ exp of what they were. */
double softmax(double *scores, int classes);

#endif
