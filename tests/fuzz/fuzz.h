/* What the fuzzers share. Each feeds one reader with bytes of libFuzzer's making: no input may
 * crash it, and what is refused is refused with a message. `make fuzz` runs them; an input that
 * made one fail goes into tests/fuzz/seeds/<reader>, where every later run begins with it. */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include "data/formats/table.h"

#include <stddef.h>
#include <stdint.h>

/* libFuzzer calls this. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Path of a file in memory that holds the bytes; good until the next call. */
const char *fuzz_file(const uint8_t *data, size_t size);

/* Path of a folder that holds the bytes as the file of that name ("cards/a.json" makes a folder cards,
 * too), and nothing else; good until the next call. */
const char *fuzz_folder(const char *name, const uint8_t *data, size_t size);

/* The bytes as text, up to the first NUL; free() it. */
char *fuzz_text(const uint8_t *data, size_t size);

/* Ends the run unless what `condition` says is so. */
void fuzz_require(bool condition, const char *what);

/* A reader that refuses must say why, and one that accepts must not. */
void fuzz_check_error(bool accepted, const struct error *error);

/* A table that a reader made is as data/table.h says: names and labels are UTF-8, each label is known. */
void fuzz_check_table(const struct table *table);

/* Feeds a reader of tables of numbers, and looks at each number. Returns 0. */
int fuzz_numbers(bool (*read)(const char *path, struct table *table, struct error *error),
                 const uint8_t *data, size_t size);

/* Reads a number that the reader handed out, so that the sanitizers see whether it is there. */
void fuzz_use(double value);

#endif
