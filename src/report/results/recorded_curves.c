#include "report/results/recorded_curves.h"

#include "base/json.h"

#include <math.h>
#include <string.h>

/* Where a curve is: lists x and y of an object, or members of the objects of a list. */
static const struct curve_place {
    const char *name, *outer, *inner, *object, *x, *y; /* x NULL: 0, 1, 2, ... */
} places[CURVE_KINDS] = {
    [CURVE_STREAM_FROZEN] = {"stream.frozen", "stream", "frozen", "curve", "row", "error"},
    [CURVE_STREAM_ONLINE] = {"stream.online", "stream", "online", "curve", "row", "error"},
    [CURVE_CHANGE_FROZEN] = {"since_change.frozen", "stream", "frozen", "since_change", "rows",
                             "error"},
    [CURVE_CHANGE_ONLINE] = {"since_change.online", "stream", "online", "since_change", "rows",
                             "error"},
    [CURVE_LADDER] = {"ladder", "ladder", NULL, "rungs", "value", "score"},
    [CURVE_GRADIENT_TRAINED] = {"gradient.trained", "gradient_lag", NULL, NULL, NULL, "norm"},
    [CURVE_GRADIENT_FRESH] = {"gradient.fresh", "gradient_lag", NULL, "fresh", NULL, "norm"},
};

const char *curve_name(enum curve_kind kind) {
    return places[kind].name;
}

static const cJSON *enter(const cJSON *object, const char *key) {
    return key == NULL ? object : cJSON_GetObjectItemCaseSensitive(object, key);
}

static double number_of(const cJSON *item) {
    return cJSON_IsNumber(item) && isfinite(item->valuedouble) ? item->valuedouble : NAN;
}

/* The numbers of a list, or of the member `key` of each of its objects. */
static double *read_list(const cJSON *list, const char *key, size_t count, struct arena *arena) {
    double *values = ARENA_NEW(arena, double, count + 1);
    const cJSON *item = cJSON_IsArray(list) ? list->child : NULL;
    for (size_t i = 0; i < count; i++, item = item == NULL ? NULL : item->next)
        values[i] = number_of(key == NULL ? item : cJSON_GetObjectItemCaseSensitive(item, key));
    return values;
}

static struct recorded_curve read_place(const struct curve_place *place, const cJSON *record,
                                        struct arena *arena) {
    const cJSON *object = enter(enter(enter(record, place->outer), place->inner), place->object);
    bool of_objects = cJSON_IsArray(object);
    const cJSON *y = of_objects ? object : enter(object, place->y);
    struct recorded_curve curve = {.count = cJSON_IsArray(y) ? (size_t)cJSON_GetArraySize(y) : 0};
    curve.y = read_list(y, of_objects ? place->y : NULL, curve.count, arena);
    if (place->x != NULL) {
        const cJSON *x = of_objects ? object : enter(object, place->x);
        curve.x = read_list(x, of_objects ? place->x : NULL, curve.count, arena);
        return curve;
    }
    curve.x = ARENA_NEW(arena, double, curve.count + 1);
    for (size_t i = 0; i < curve.count; i++)
        curve.x[i] = (double)i;
    return curve;
}

void curves_read(const cJSON *record, struct recorded_curve *curves,
                 struct recorded_details *details, struct arena *arena) {
    for (size_t k = 0; k < CURVE_KINDS; k++)
        curves[k] = read_place(&places[k], record, arena);
    const cJSON *stream = enter(record, "stream"), *ladder = enter(record, "ladder");
    const cJSON *visits = enter(stream, "visits"), *visit;
    size_t count = cJSON_IsArray(visits) ? (size_t)cJSON_GetArraySize(visits) : 0;
    *details = (struct recorded_details){
        .visits = ARENA_NEW(arena, struct stream_visit, count + 1),
        .learning_rate = number_of(enter(enter(stream, "online"), "learning_rate")),
        .forgetting_factor = number_of(enter(enter(stream, "online"), "forgetting_factor")),
        .vary = arena_strdup(arena, json_string(ladder, "vary", "")),
        .solved = number_of(enter(ladder, "solved")),
        .state_bytes = number_of(enter(ladder, "state_bytes")),
    };
    if (count > 0)
        cJSON_ArrayForEach(visit, visits) {
            details->visits[details->visit_count++] = (struct stream_visit){
                arena_strdup(arena, json_string(visit, "regime", "")),
                number_of(enter(visit, "row")),
            };
        }
}
