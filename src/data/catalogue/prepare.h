/* What becomes of fetched files before they are data: tables put side by side, columns added. */
#ifndef DATA_CATALOGUE_PREPARE_H
#define DATA_CATALOGUE_PREPARE_H

#include "base/fields.h"

/* One entry of a card's fetch.write. */
struct prepare_options {
    const char *file;        /* CSV to write */
    struct string_list from; /* files whose columns stand side by side in it; equally many rows */
    const char *last;        /* new name of the last column; NULL: its own */
    const char *calendar;    /* column of times; adds "weekday" (Monday is 0) and "hour_sine",
                                sin(pi hour / 24) of the hour of the day; NULL: none */
};

extern const struct field prepare_fields[];

/* Reads and writes in the folder. */
bool card_prepare(const struct prepare_options *options, const char *folder, struct error *error);

#endif
