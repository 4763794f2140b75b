/* Where the files are that come with the program: data sets, configs. */
#ifndef BASE_INSTALLED_H
#define BASE_INSTALLED_H

#include "base/arena.h"

enum { INSTALLED_FOLDERS = 3 };

/* Folders called `kind` ("datasets", "configs") in the order in which they are searched: in the
 * working folder, beside the program, and in share/liquidbench where it was installed. */
void installed_folders(const char *kind, const char *folders[INSTALLED_FOLDERS],
                       struct arena *arena);

/* Names of the configs that come with the program, as `run` takes them, separated by blanks; those of one folder,
 * the installed one first. */
const char *installed_configs(struct arena *arena);

#endif
