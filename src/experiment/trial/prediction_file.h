/* The predictions of the test as a CSV file, for other programs to look at. */
#ifndef EXPERIMENT_TRIAL_PREDICTION_FILE_H
#define EXPERIMENT_TRIAL_PREDICTION_FILE_H

#include "base/error.h"
#include "evaluate/predictor.h"

/* Numbers: "series,time,step,target,truth,prediction", a row for each scored step, step ahead and target
 * whose truth is known, in units of the data. Classes: "series,time,truth,prediction" and the probability
 * of each class. Times are those of the truth: dates where the data have dates, else numbers of the time
 * column or of rows. Whole or not at all. */
bool predictions_save(const struct predictor *predictor, const struct dataset *dataset,
                      const char *path, struct error *error);

#endif
