/* The C files of device/ as text, which the Makefile puts into the program: what exported models are
 * made of. They are C99 that needs no library. */
#ifndef EXPERIMENT_EXPORT_DEVICE_TEXT_H
#define EXPERIMENT_EXPORT_DEVICE_TEXT_H

/* "network.c", "cells/lstm.c"; NULL: there is no such file. */
const char *device_text(const char *name);

#endif
