/* Data sets that are not shipped, brought from their authors' addresses into their folder.
 *
 * A card says how:
 *   "fetch": {
 *     "from":  [{"url": "https://.../x.zip", "files": ["a.csv", "rollout_*.npy"]}],
 *     "write": [{"file": "data.csv", "from": ["a.csv"], ...}]      (data/catalogue/prepare.h)
 *   }
 * The files of an archive are taken out of whatever folders they lie in. A URL that ends in "/" is
 * a folder of single files. <name>.sha256 beside the card holds their checksums (data/catalogue/checksums.h).
 *
 * Everything happens in a temporary folder that is renamed at the end, so that the data set's
 * folder is whole or not there, also after Ctrl-C when the caller has called interrupt_watch().
 * data/catalogue/download.h downloads, data/catalogue/archive.h unpacks. What a card names stays inside
 * the data set's folder. */
#ifndef DATA_CATALOGUE_FETCH_H
#define DATA_CATALOGUE_FETCH_H

#include "base/arena.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

struct fetched {
    const char *folder;
    bool was_there;   /* nothing was fetched */
    bool is_verified; /* against the checksums beside the card */
    size_t files;
};

/* With `mirror`, a folder, the originals are taken from there (or from the folder <name> in it)
 * instead of the network: archives, or the files that are in them. NULL: the network. */
bool fetch(const char *name, const char *mirror, struct arena *arena, struct fetched *fetched,
           struct error *error);

#endif
