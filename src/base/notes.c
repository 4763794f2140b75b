#include "base/notes.h"

#include "base/log.h"
#include "base/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void note_add(struct notes *notes, struct arena *arena, const struct note *added) {
    for (size_t i = 0; i < notes->count; i++) {
        struct note *note = &notes->items[i];
        if (strcmp(note->what, added->what) != 0 || (note->where == NULL) != (added->where == NULL))
            continue;
        if (note->where != NULL && strcmp(note->where, added->where) != 0)
            note->others += added->others + 1;
        return;
    }
    notes->items = arena_grow(arena, notes->items, notes->count, sizeof *notes->items);
    notes->items[notes->count++] = (struct note){
        .where = added->where != NULL ? arena_strdup(arena, added->where) : NULL,
        .what = arena_strdup(arena, added->what),
        .others = added->others,
    };
}

void notes_add(struct notes *notes, struct arena *arena, const char *where, const char *format,
               ...) {
    char what[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    utf8_repair(what);
    note_add(notes, arena, &(struct note){.where = where, .what = what});
}

void notes_join(struct notes *notes, struct arena *arena, const struct notes *more) {
    for (size_t i = 0; i < more->count; i++)
        note_add(notes, arena, &more->items[i]);
}

const char *note_text(const struct note *note, struct arena *arena) {
    if (note->where == NULL)
        return note->what;
    if (note->others == 0)
        return arena_printf(arena, "%s: %s", note->where, note->what);
    return arena_printf(arena, "%s (and %zu more file%s): %s", note->where, note->others,
                        note->others == 1 ? "" : "s", note->what);
}

void notes_print(const struct notes *notes) {
    struct arena arena = {0};
    for (size_t i = 0; i < notes->count; i++)
        log_note("%s", note_text(&notes->items[i], &arena));
    arena_free(&arena);
}
