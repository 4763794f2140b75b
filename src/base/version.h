/* What this program is: for `--version` and for the provenance of results. */
#ifndef BASE_VERSION_H
#define BASE_VERSION_H

/* "0.1.0" */
const char *version_number(void);
/* The commit it was built from, as 12 digits; "-dirty" follows when the sources differed from it,
 * "unknown" when it was not built in a clone. */
const char *version_commit(void);
/* The compiler, as it names itself: "gcc 12.2.0", "Debian Clang 14.0.6". */
const char *version_compiler(void);

#endif
