#include "experiment/trial/provenance.h"

#include "base/version.h"
#include "engine/cell.h"
#include "math/matmul.h"

#include <gsl/gsl_version.h>
#ifdef HAS_LIBXSMM
#include <libxsmm.h>
#endif
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

/* "model name : AMD EPYC ..." on x86, after "cpu family : 25" and "model : 17", which tell generations apart
 * where a virtual machine hides the rest of the name; other architectures call it otherwise or not at all. */
void cpu_model(char *model, size_t size) {
    snprintf(model, size, "unknown");
    FILE *file = fopen("/proc/cpuinfo", "r");
    char line[256];
    int family = -1, number = -1;
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        sscanf(line, "cpu family : %d", &family);
        sscanf(line, "model : %d", &number);
        const char *colon = strchr(line, ':');
        if (colon == NULL ||
            (strncmp(line, "model name", 10) != 0 && strncmp(line, "Model", 5) != 0))
            continue;
        line[strcspn(line, "\n")] = '\0';
        const char *name = colon + 1 + strspn(colon + 1, " ");
        if (family >= 0 && number >= 0)
            snprintf(model, size, "%s (family %d, model %d)", name, family, number);
        else
            snprintf(model, size, "%s", name);
        break;
    }
    if (file != NULL)
        fclose(file);
}

static void add_libraries(cJSON *json) {
    cJSON *libraries = cJSON_AddObjectToObject(json, "libraries");
    cJSON_AddStringToObject(libraries, "gsl", gsl_version);
    cJSON_AddStringToObject(libraries, "cjson", cJSON_Version());
    cJSON_AddStringToObject(libraries, "openblas", matmul_openblas());
#ifdef HAS_LIBXSMM
    cJSON_AddStringToObject(libraries, "libxsmm", LIBXSMM_VERSION);
#endif
}

static void add_data(cJSON *json, const struct dataset *dataset) {
    cJSON *data = cJSON_AddArrayToObject(json, "data");
    for (size_t i = 0; i < dataset->file_count; i++) {
        cJSON *file = cJSON_CreateObject();
        cJSON_AddStringToObject(file, "path", dataset->files[i].path);
        cJSON_AddStringToObject(file, "sha256", dataset->files[i].sha256);
        cJSON_AddItemToArray(data, file);
    }
    cJSON_AddStringToObject(json, "data_sha256", dataset->sha256);
}

cJSON *provenance(const struct dataset *dataset) {
    char cpu[128], system[256];
    cpu_model(cpu, sizeof cpu);
    struct utsname name;
    if (uname(&name) == 0)
        snprintf(system, sizeof system, "%s %s %s", name.sysname, name.release, name.machine);
    else
        snprintf(system, sizeof system, "unknown");

    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "version", version_number());
    cJSON_AddStringToObject(json, "commit", version_commit());
    cJSON_AddStringToObject(json, "compiler", version_compiler());
    cJSON_AddStringToObject(json, "isa", cell_isa());
    cJSON_AddStringToObject(json, "cpu", cpu);
    cJSON_AddStringToObject(json, "system", system);
    add_libraries(json);
    add_data(json, dataset);
    return json;
}
