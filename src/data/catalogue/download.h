/* One file from the web, by curl. */
#ifndef DATA_CATALOGUE_DOWNLOAD_H
#define DATA_CATALOGUE_DOWNLOAD_H

#include "base/error.h"

#include <stdbool.h>

/* Writes what is at a URL to `path`, and says how far it is. From http and https alone, and never from https
 * on to http. */
bool download(const char *url, const char *path, struct error *error);

#endif
