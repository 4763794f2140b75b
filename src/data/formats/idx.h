/* Reading the IDX files of MNIST and its kin: images of unsigned bytes, [images][rows][columns].
 *
 * Each row of each image is a row of the table: columns "x1", "x2", ... with pixels from 0 to 1,
 * then "image", its number from 0, and "label" when the file of labels lies beside it under the
 * name that MNIST gives it (train-images-idx3-ubyte: train-labels-idx1-ubyte). */
#ifndef DATA_FORMATS_IDX_H
#define DATA_FORMATS_IDX_H

#include "data/formats/table.h"

bool idx_read(const char *path, struct table *table, struct error *error);

#endif
