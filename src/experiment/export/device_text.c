#include "experiment/export/device_text.h"

#include <stddef.h>
#include <string.h>

static const struct {
    const char *name, *text;
} files[] = {
#include "experiment/export/device_text.inc"
};

const char *device_text(const char *name) {
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        if (strcmp(files[i].name, name) == 0)
            return files[i].text;
    return NULL;
}
