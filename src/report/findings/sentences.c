#include "report/findings/sentences.h"

#include "base/text_stream.h"

#include <stdarg.h>

__attribute__((format(printf, 2, 0))) static const char *print(struct arena *arena,
                                                               const char *format, va_list args) {
    struct text_stream text;
    vfprintf(text_stream_open(&text), format, args);
    return text_stream_close(&text, arena);
}

void say(struct sentences *sentences, const char *format, ...) {
    va_list args;
    va_start(args, format);
    sentences->items[sentences->count++] = print(sentences->arena, format, args);
    va_end(args);
}

static const char *join(struct arena *arena, const char *first, const char *separator,
                        const char *second) {
    return first == NULL ? second : arena_printf(arena, "%s%s%s", first, separator, second);
}

void open_with(struct sentences *sentences, const char *format, ...) {
    va_list args;
    va_start(args, format);
    sentences->headline =
        join(sentences->arena, sentences->headline, " ", print(sentences->arena, format, args));
    va_end(args);
}

void open_with_clause(struct sentences *sentences, const char *format, ...) {
    va_list args;
    va_start(args, format);
    sentences->clauses =
        join(sentences->arena, sentences->clauses, "; ", print(sentences->arena, format, args));
    va_end(args);
}

struct findings sentences_end(const struct sentences *sentences) {
    struct arena *arena = sentences->arena;
    const char *headline = sentences->headline;
    if (sentences->clauses != NULL)
        headline = join(arena, headline, " ", arena_printf(arena, "%s.", sentences->clauses));
    return (struct findings){
        .headline = headline == NULL ? "" : headline,
        .items = sentences->items,
        .count = sentences->count,
    };
}

struct summary test_summary(const struct dataset_results *dataset,
                            const struct model_results *model) {
    return scores_at(dataset, model, dataset->test, 0)->summary;
}

const char *seeds_text(struct arena *arena, size_t count) {
    return arena_printf(arena, "%zu seed%s", count, count == 1 ? "" : "s");
}

const char *list_names(struct arena *arena, const struct model_results *const *models,
                       size_t count) {
    enum { MAX_NAMED = 6 };
    const char *list = "";
    size_t named = count > MAX_NAMED ? MAX_NAMED - 1 : count;
    for (size_t i = 0; i < named; i++)
        list = arena_printf(arena, "%s%s%s", list,
                            i == 0                             ? ""
                            : i + 1 == count && named == count ? " and "
                                                               : ", ",
                            models[i]->name);
    return named == count ? list : arena_printf(arena, "%s and %zu others", list, count - named);
}
