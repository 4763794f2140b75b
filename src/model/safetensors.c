#include "model/safetensors.h"

#include "base/file.h"
#include "base/little_endian.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LENGTH_BYTES = 8, MAX_HEADER = 100 << 20 };

static uint64_t read_length(const unsigned char *bytes) {
    uint64_t length = 0;
    for (int i = LENGTH_BYTES; i-- > 0;)
        length = length << 8 | bytes[i];
    return length;
}

/* Reads "shape" and counts the numbers; false when it is not a shape of at most four dimensions. */
static bool read_shape(const cJSON *shape, struct tensor *tensor) {
    tensor->size = 1;
    if (!cJSON_IsArray(shape) || cJSON_GetArraySize(shape) > 4)
        return false;
    for (const cJSON *extent = shape->child; extent != NULL; extent = extent->next) {
        if (!cJSON_IsNumber(extent) || extent->valuedouble < 0 || extent->valuedouble > INT32_MAX)
            return false;
        tensor->shape[tensor->dimensions++] = extent->valueint;
        if (extent->valueint != 0 && tensor->size > SIZE_MAX / 8 / (size_t)extent->valueint)
            return false;
        tensor->size *= (size_t)extent->valueint;
    }
    return true;
}

/* Converts the tensor's bytes, little-endian F32 or F64, to reals. */
static bool read_values(const cJSON *entry, const unsigned char *data, size_t data_size,
                        struct tensor *tensor, struct arena *arena, struct error *error) {
    const char *type = json_string(entry, "dtype", "");
    size_t width = strcmp(type, "F32") == 0 ? 4 : strcmp(type, "F64") == 0 ? 8 : 0;
    const cJSON *offsets = cJSON_GetObjectItemCaseSensitive(entry, "data_offsets");
    if (width == 0)
        return error_set(error, "has type \"%s\"; only F32 and F64 are read", type);
    if (!read_shape(cJSON_GetObjectItemCaseSensitive(entry, "shape"), tensor))
        return error_set(error, "has no usable shape");
    if (!cJSON_IsArray(offsets) || cJSON_GetArraySize(offsets) != 2)
        return error_set(error, "has no data_offsets");
    double begin = cJSON_GetArrayItem(offsets, 0)->valuedouble;
    double end = cJSON_GetArrayItem(offsets, 1)->valuedouble;
    if (!(begin >= 0 && end >= begin && end <= (double)data_size) ||
        (size_t)(end - begin) != tensor->size * width)
        return error_set(error, "lies outside the file or has another size than its shape");

    const unsigned char *bytes = data + (size_t)begin;
    real *values = ARENA_NEW(arena, real, tensor->size);
    for (size_t i = 0; i < tensor->size; i++) {
        float single;
        double twice;
        if (width == 4) {
            little_endian_copy(&single, bytes + 4 * i, sizeof single);
            values[i] = (real)single;
        } else {
            little_endian_copy(&twice, bytes + 8 * i, sizeof twice);
            values[i] = (real)twice;
        }
    }
    tensor->values = values;
    return true;
}

static bool read_header(const cJSON *header, const unsigned char *data, size_t data_size,
                        struct tensor_file *file, struct error *error) {
    if (!cJSON_IsObject(header))
        return error_set(error, "its header is not a JSON object");
    file->tensors = ARENA_NEW(&file->arena, struct tensor, cJSON_GetArraySize(header));
    for (const cJSON *entry = header->child; entry != NULL; entry = entry->next) {
        if (strcmp(entry->string, "__metadata__") == 0) {
            cJSON_Delete(file->metadata); /* of a file that gives it twice */
            file->metadata = cJSON_Duplicate(entry, 1);
            continue;
        }
        struct tensor *tensor = &file->tensors[file->count++];
        tensor->name = arena_strdup(&file->arena, entry->string);
        if (!read_values(entry, data, data_size, tensor, &file->arena, error))
            return error_prefix(error, "tensor \"%s\"", entry->string);
    }
    return true;
}

bool safetensors_read(const char *path, struct tensor_file *file, struct error *error) {
    *file = (struct tensor_file){0};
    struct arena content = {0};
    size_t size = 0;
    unsigned char *bytes = (unsigned char *)file_read(path, &content, &size, error);
    bool read = false;
    cJSON *header = NULL;
    if (bytes == NULL) {
        arena_free(&content);
        return false;
    }
    uint64_t length = size >= LENGTH_BYTES ? read_length(bytes) : UINT64_MAX;
    if (length > MAX_HEADER || length > size - LENGTH_BYTES) {
        error_set(error, "it does not begin with a safetensors header");
    } else {
        header = cJSON_ParseWithLength((const char *)bytes + LENGTH_BYTES, (size_t)length);
        size_t begin = LENGTH_BYTES + (size_t)length;
        read = read_header(header, bytes + begin, size - begin, file, error);
    }
    if (!read) {
        error_prefix(error, "%s: not a usable safetensors file", path);
        tensor_file_free(file);
    }
    cJSON_Delete(header);
    arena_free(&content);
    return read;
}

const struct tensor *tensor_find(const struct tensor_file *file, const char *name) {
    for (size_t i = 0; i < file->count; i++)
        if (strcmp(file->tensors[i].name, name) == 0)
            return &file->tensors[i];
    return NULL;
}

void tensor_file_free(struct tensor_file *file) {
    cJSON_Delete(file->metadata);
    arena_free(&file->arena);
    *file = (struct tensor_file){0};
}

static char *header_text(const struct tensor *tensors, size_t count, const cJSON *metadata) {
    cJSON *header = cJSON_CreateObject();
    if (metadata != NULL)
        cJSON_AddItemToObject(header, "__metadata__", cJSON_Duplicate(metadata, 1));
    double offset = 0;
    for (size_t i = 0; i < count; i++) {
        cJSON *entry = cJSON_AddObjectToObject(header, tensors[i].name);
        double end = offset + 4.0 * (double)tensors[i].size;
        cJSON_AddStringToObject(entry, "dtype", "F32");
        cJSON_AddItemToObject(entry, "shape",
                              cJSON_CreateIntArray(tensors[i].shape, tensors[i].dimensions));
        cJSON_AddItemToObject(entry, "data_offsets",
                              cJSON_CreateDoubleArray((const double[]){offset, end}, 2));
        offset = end;
    }
    char *text = cJSON_PrintUnformatted(header);
    cJSON_Delete(header);
    return text;
}

bool safetensors_write(const char *path, const struct tensor *tensors, size_t count,
                       const cJSON *metadata, struct error *error) {
    char *header = header_text(tensors, count, metadata);
    if (header == NULL)
        return error_set(error, "%s: out of memory while writing", path);
    size_t length = strlen(header), padded = (length + 7) / 8 * 8; /* data begins aligned */
    size_t size = LENGTH_BYTES + padded;
    for (size_t i = 0; i < count; i++)
        size += sizeof(float) * tensors[i].size;

    struct arena arena = {0};
    char *content = arena_alloc(&arena, size);
    for (int i = 0; i < LENGTH_BYTES; i++)
        content[i] = (char)((uint64_t)padded >> 8 * i & 0xff);
    memset(content + LENGTH_BYTES, ' ', padded);
    memcpy(content + LENGTH_BYTES, header, length);
    char *place = content + LENGTH_BYTES + padded;
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < tensors[i].size; j++, place += sizeof(float)) {
            float value = (float)tensors[i].values[j];
            little_endian_copy(place, &value, sizeof value);
        }
    bool written = file_write(path, content, size, error);
    cJSON_free(header);
    arena_free(&arena);
    return written;
}
