#include "data/catalogue/fetch.h"

#include "base/fields.h"
#include "base/interrupt.h"
#include "base/log.h"
#include "data/catalogue/archive.h"
#include "data/catalogue/card.h"
#include "data/catalogue/checksums.h"
#include "data/catalogue/download.h"
#include "data/catalogue/prepare.h"

#include <errno.h>
#include <fnmatch.h>
#include <fts.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct origin {
    const char *url;
    struct string_list files; /* names or patterns */
};

/* A card's "fetch" object. */
struct instructions {
    struct object_list from;  /* struct origin */
    struct object_list write; /* struct prepare_options */
    bool tried;
};

#define AT(member) .offset = offsetof(struct origin, member)
static const struct field origin_fields[] = {
    {"url", FIELD_STRING, AT(url), .required = true,
     .help = "Address of an archive or a file; one that ends in \"/\" is a folder of files."},
    {"files", FIELD_STRINGS, AT(files), .required = true, .help = "Files wanted, or patterns."},
    {0},
};
#undef AT

#define AT(member) .offset = offsetof(struct instructions, member)
static const struct field instruction_fields[] = {
    {"from", FIELD_OBJECTS, AT(from), .fields = origin_fields,
     .element_size = sizeof(struct origin), .required = true, .help = "Where the files are."},
    {"write", FIELD_OBJECTS, AT(write), .fields = prepare_fields,
     .element_size = sizeof(struct prepare_options), .help = "Files made from them."},
    {"tried", FIELD_BOOL, AT(tried), .fallback = "true",
     .help = "Whether the addresses were tried when the card was written."},
    {0},
};
#undef AT

struct fetcher {
    const char *name, *mirror;
    struct instructions instructions;
    const char *folder;     /* the data set's own, at the end */
    const char *stage;      /* the temporary one, */
    const char *originals;  /* and a folder in it, for downloads */
    struct checksums known; /* none: no checksums stand beside the card */
    struct checksums found; /* of the files that are there now */
    struct arena *arena;
};

/* --- getting one original --------------------------------------------------------------------- */

static bool check_url(const char *url, struct error *error) {
    return strncasecmp(url, "https://", strlen("https://")) == 0 ||
           strncasecmp(url, "http://", strlen("http://")) == 0 ||
           error_set(error, "fetch.from: \"%s\": must begin with https:// or http://", url);
}

/* The last part of a URL's path, "%20" as a blank. */
static const char *url_name(const char *url, struct arena *arena) {
    char *path = arena_strdup(arena, url);
    path[strcspn(path, "?#")] = '\0';
    char *name = arena_strdup(arena, path_name(path)), *to = name;
    for (const char *from = name; *from != '\0'; from++) {
        bool is_blank = strncmp(from, "%20", 3) == 0;
        *to++ = is_blank ? ' ' : *from;
        from += is_blank ? 2 : 0;
    }
    *to = '\0';
    return name;
}

/* A file of the mirror or of the folder <name> in it; NULL when it has none. */
static const char *mirrored(const struct fetcher *fetcher, const char *file) {
    const char *path = path_join(fetcher->arena, fetcher->mirror, file);
    if (!file_exists(path))
        path = arena_printf(fetcher->arena, "%s/%s/%s", fetcher->mirror, fetcher->name, file);
    return file_exists(path) ? path : NULL;
}

/* --- taking the wanted files ------------------------------------------------------------------ */

static const char *wanted_by(const struct origin *origin, const char *name) {
    for (size_t i = 0; i < origin->files.count; i++)
        if (fnmatch(origin->files.items[i], name, FNM_PERIOD) == 0)
            return origin->files.items[i];
    return NULL;
}

/* Moves or copies a file into the stage. */
static bool place(struct fetcher *fetcher, const char *path, const char *name, bool move,
                  struct error *error) {
    struct arena scratch = {0};
    const char *to = path_join(&scratch, fetcher->stage, name);
    bool placed = !file_exists(to) || error_set(error, "%s: is there twice", name);
    if (placed && move && rename(path, to) != 0)
        placed = error_set(error, "%s: %s", to, strerror(errno));
    if (placed && !move) {
        size_t size;
        const char *content = file_read(path, &scratch, &size, error);
        placed = content != NULL && file_write(to, content, size, error);
    }
    arena_free(&scratch);
    return placed;
}

/* Takes what is wanted from all folders below `from`. */
static bool collect(struct fetcher *fetcher, const struct origin *origin, const char *from,
                    struct error *error) {
    char *const roots[] = {(char *)from, NULL};
    FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    bool good = tree != NULL || error_set(error, "%s: %s", from, strerror(errno));
    for (FTSENT *entry; good && (entry = fts_read(tree)) != NULL;)
        if (entry->fts_info == FTS_F && wanted_by(origin, entry->fts_name) != NULL)
            good = place(fetcher, entry->fts_path, entry->fts_name, true, error);
    if (tree != NULL)
        fts_close(tree);
    return good;
}

/* An archive's members, what a compressed file holds, or the file itself. */
static bool unpack(struct fetcher *fetcher, const struct origin *origin, const char *path,
                   struct error *error) {
    const char *name = path_name(path);
    if (archive_has_members(path)) {
        const char *inside = arena_printf(fetcher->arena, "%s/members", fetcher->originals);
        bool good = file_make_directory(inside, error) && archive_unpack(path, inside, error) &&
                    collect(fetcher, origin, inside, error);
        file_remove_tree(inside);
        return good;
    }
    if (!archive_is_compressed(path))
        return place(fetcher, path, name, false, error);
    char *plain = arena_strdup(fetcher->arena, name);
    *strrchr(plain, '.') = '\0';
    return archive_expand(path, path_join(fetcher->arena, fetcher->stage, plain), error);
}

/* Files that a folder of single files offers: those that have checksums, or else those named. */
static bool take_singles(struct fetcher *fetcher, const struct origin *origin, bool from_mirror,
                         struct error *error) {
    size_t count = fetcher->known.count > 0 ? fetcher->known.count : origin->files.count;
    for (size_t i = 0; i < count; i++) {
        const char *name =
            fetcher->known.count > 0 ? fetcher->known.items[i].name : origin->files.items[i];
        if (wanted_by(origin, name) == NULL)
            continue;
        const char *path = from_mirror ? mirrored(fetcher, name)
                                       : path_join(fetcher->arena, fetcher->originals, name);
        if (path == NULL)
            return error_set(error, "%s: holds neither %s nor %s", fetcher->mirror, name,
                             url_name(origin->url, fetcher->arena));
        if (!from_mirror &&
            !download(arena_printf(fetcher->arena, "%s%s", origin->url, name), path, error))
            return false;
        if (!place(fetcher, path, name, false, error))
            return false;
    }
    return true;
}

static bool take(struct fetcher *fetcher, const struct origin *origin, struct error *error) {
    bool is_folder = origin->url[strlen(origin->url) - 1] == '/';
    if (is_folder)
        return take_singles(fetcher, origin, fetcher->mirror != NULL, error);
    const char *name = url_name(origin->url, fetcher->arena);
    const char *path = path_join(fetcher->arena, fetcher->originals, name);
    if (fetcher->mirror != NULL) {
        path = mirrored(fetcher, name);
        if (path == NULL)
            return take_singles(fetcher, origin, true, error);
    } else if (!download(origin->url, path, error)) {
        return false;
    }
    return unpack(fetcher, origin, path, error);
}

/* --- checking --------------------------------------------------------------------------------- */

static int by_name(const FTSENT **a, const FTSENT **b) {
    return strcmp((*a)->fts_name, (*b)->fts_name);
}

/* Checksums of the files in the stage. */
static bool sum_up(struct fetcher *fetcher, struct error *error) {
    char *const roots[] = {(char *)fetcher->stage, NULL};
    struct checksums *found = &fetcher->found;
    struct checksum *items = NULL;
    FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
    bool good = tree != NULL || error_set(error, "%s: %s", fetcher->stage, strerror(errno));
    for (FTSENT *entry; good && (entry = fts_read(tree)) != NULL;) {
        if (entry->fts_info != FTS_F)
            continue;
        items = mem_grow(items, found->count, sizeof *items);
        struct checksum *sum = &items[found->count++];
        sum->name = arena_strdup(fetcher->arena, entry->fts_name);
        good = file_sha256(entry->fts_path, sum->sha256, error);
    }
    found->items = ARENA_NEW(fetcher->arena, struct checksum, found->count);
    if (found->count > 0)
        memcpy(found->items, items, found->count * sizeof *items);
    free(items);
    if (tree != NULL)
        fts_close(tree);
    return good;
}

static bool has_match(const struct checksums *found, const char *pattern) {
    for (size_t i = 0; i < found->count; i++)
        if (fnmatch(pattern, found->items[i].name, FNM_PERIOD) == 0)
            return true;
    return false;
}

static bool check(struct fetcher *fetcher, struct error *error) {
    const struct origin *origins = fetcher->instructions.from.items;
    for (size_t i = 0; i < fetcher->instructions.from.count; i++)
        for (size_t k = 0; k < origins[i].files.count; k++)
            if (!has_match(&fetcher->found, origins[i].files.items[k]))
                return error_set(error, "%s: holds no %s", origins[i].url,
                                 origins[i].files.items[k]);
    if (fetcher->known.count == 0)
        return true;
    if (fetcher->known.count != fetcher->found.count)
        return error_set(error, "has %zu files, but there are checksums for %zu",
                         fetcher->found.count, fetcher->known.count);
    return checksums_verify(&fetcher->known, fetcher->stage, error);
}

/* --- the whole -------------------------------------------------------------------------------- */

static bool check_plain_name(const char *name, const char *key, struct error *error) {
    return (path_stays_inside(name) && strchr(name, '/') == NULL) ||
           error_set(error, "%s: \"%s\": must be the name of a file, without folders", key, name);
}

/* A card may come from anywhere: what it says must not lead out of the data set's folder. */
static bool check_instructions(const struct fetcher *fetcher, const cJSON *path,
                               struct error *error) {
    const struct origin *origins = fetcher->instructions.from.items;
    const struct prepare_options *steps = fetcher->instructions.write.items;
    bool good = cJSON_IsString(path) && path->valuestring[0] != '\0';
    if (!good)
        error_set(error, "dataset.path: must be a folder");
    for (size_t i = 0; good && i < fetcher->instructions.from.count; i++) {
        const struct origin *origin = &origins[i];
        good = check_url(origin->url, error);
        if (good && origin->url[strlen(origin->url) - 1] != '/')
            good = check_plain_name(url_name(origin->url, fetcher->arena), "fetch.from", error);
        for (size_t k = 0; good && k < origin->files.count; k++)
            good = check_plain_name(origin->files.items[k], "fetch.from.files", error);
    }
    for (size_t i = 0; good && i < fetcher->instructions.write.count; i++) {
        good = check_plain_name(steps[i].file, "fetch.write.file", error);
        for (size_t k = 0; good && k < steps[i].from.count; k++)
            good = check_plain_name(steps[i].from.items[k], "fetch.write.from", error);
    }
    return good;
}

static bool read_card(struct fetcher *fetcher, cJSON **card, struct error *error) {
    struct arena *arena = fetcher->arena;
    *card = card_load(fetcher->name, error);
    if (*card == NULL)
        return false;
    const cJSON *object = cJSON_GetObjectItemCaseSensitive(*card, "fetch");
    const cJSON *dataset = cJSON_GetObjectItemCaseSensitive(*card, "dataset");
    const cJSON *path = cJSON_GetObjectItemCaseSensitive(dataset, "path");
    if (object == NULL)
        return error_set(error, "is %s; there is nothing to fetch",
                         cJSON_IsString(path) ? "shipped" : "generated");
    struct field_target target = {instruction_fields, &fetcher->instructions};
    const char *file = card_path(fetcher->name, arena);
    if (!fields_read(&target, 1, object, "fetch", arena, error) ||
        !check_instructions(fetcher, path, error))
        return error_prefix(error, "%s", file);
    fetcher->folder = arena_strdup(arena, path->valuestring);
    const char *sums =
        arena_printf(arena, "%.*s.sha256", (int)(strlen(file) - strlen(".json")), file);
    return !file_exists(sums) || checksums_read(sums, arena, &fetcher->known, error);
}

/* What is there already has to be what would be fetched. */
static bool check_present(struct fetcher *fetcher, struct fetched *fetched, struct error *error) {
    const char *own = path_join(fetcher->arena, fetcher->folder, "SHA256SUMS");
    struct checksums *sums = &fetcher->known;
    fetched->is_verified = sums->count > 0;
    if (!fetched->is_verified && !file_exists(own))
        return error_set(error,
                         "%s is there, but was not fetched by this program; move it away "
                         "to fetch it",
                         fetcher->folder);
    if (!fetched->is_verified && !checksums_read(own, fetcher->arena, sums, error))
        return false;
    fetched->was_there = true;
    fetched->files = sums->count;
    return checksums_verify(sums, fetcher->folder, error) ||
           error_prefix(error, "%s is there, but differs: remove it to fetch it anew",
                        fetcher->folder);
}

static bool make_stage(struct fetcher *fetcher, struct error *error) {
    const double abandoned = 86400;
    const char *above = path_directory(fetcher->arena, fetcher->folder);
    if (!file_make_directory(above, error))
        return false;
    file_remove_temporaries(above, path_name(fetcher->folder), abandoned);
    fetcher->stage = file_make_temporary_folder(fetcher->folder, fetcher->arena, error);
    if (fetcher->stage == NULL)
        return false;
    fetcher->originals = path_join(fetcher->arena, fetcher->stage, ".originals");
    return file_make_directory(fetcher->originals, error);
}

static bool fill_stage(struct fetcher *fetcher, struct error *error) {
    const struct origin *origins = fetcher->instructions.from.items;
    const struct prepare_options *steps = fetcher->instructions.write.items;
    for (size_t i = 0; i < fetcher->instructions.from.count; i++)
        if (!take(fetcher, &origins[i], error) || !interrupt_check(error))
            return false;
    file_remove_tree(fetcher->originals);
    if (!sum_up(fetcher, error) || !check(fetcher, error))
        return false;
    for (size_t i = 0; i < fetcher->instructions.write.count; i++)
        if (!card_prepare(&steps[i], fetcher->stage, error))
            return false;
    const char *sums = path_join(fetcher->arena, fetcher->stage, "SHA256SUMS");
    if (!checksums_write(sums, &fetcher->found, error))
        return false;
    return interrupt_check(error) && (rename(fetcher->stage, fetcher->folder) == 0 ||
                                      error_set(error, "%s: %s", fetcher->folder, strerror(errno)));
}

bool fetch(const char *name, const char *mirror, struct arena *arena, struct fetched *fetched,
           struct error *error) {
    struct fetcher fetcher = {.name = name, .mirror = mirror, .arena = arena};
    cJSON *card = NULL;
    *fetched = (struct fetched){0};
    bool good = read_card(&fetcher, &card, error);
    if (good && file_is_directory(fetcher.folder)) {
        good = check_present(&fetcher, fetched, error);
    } else if (good) {
        if (mirror == NULL && !fetcher.instructions.tried)
            log_info("%s: its address was never tried by those who wrote its card", name);
        good = make_stage(&fetcher, error) && fill_stage(&fetcher, error);
        if (!good && fetcher.stage != NULL)
            file_remove_tree(fetcher.stage);
        fetched->is_verified = fetcher.known.count > 0;
        fetched->files = fetcher.found.count;
    }
    fetched->folder = fetcher.folder;
    cJSON_Delete(card);
    return good || error_prefix(error, "%s", name);
}
