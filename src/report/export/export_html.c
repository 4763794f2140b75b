/* index.html: one self-contained page. Nothing is loaded from elsewhere: it can be mailed, archived
 * and printed. Its script sorts and filters; all can be read without it. Light and dark follow the
 * reader's system. */
#include "report/export/exporter.h"
#include "report/export/markup.h"
#include "report/export/page_script.h"
#include "report/tables/format.h"

#include <string.h>

static const char style_sheet[] =
    ":root{color-scheme:light dark;--ink:#1f242b;--muted:#5b6572;--line:#dfe3e8;--paper:#fff;"
    "--soft:#f5f7f9;--accent:#0067a0;--warn:#a63d00}"
    "@media(prefers-color-scheme:dark){:root{--ink:#e4e7eb;--muted:#9aa5b1;--line:#323941;"
    "--paper:#15181c;--soft:#1d2126;--accent:#6bbcf0;--warn:#f0a06b}}"
    "*{box-sizing:border-box}[hidden]{display:none!important}"
    /* Light and dark of a plot change places, its hues stay; the same of what names its colours. */
    "@media(prefers-color-scheme:dark){figure svg,.swatch{filter:invert(.92) hue-rotate(180deg)}}"
    "figure svg>g>rect:first-child{fill:none}"
    "main>section{content-visibility:auto;contain-intrinsic-size:auto 60rem}"
    ".filter{display:flex;flex-wrap:wrap;gap:.5rem 1.5rem;margin:1.25rem 0 0;font-size:.88rem}"
    ".filter input,.filter select{font:inherit;color:inherit;background:var(--soft);max-width:100%;"
    "border:1px solid var(--line);border-radius:.4rem;padding:.3rem .5rem;margin-left:.4rem}"
    "caption{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}"
    "th button{all:unset;cursor:pointer}th button:hover{color:var(--ink);text-decoration:underline}"
    "th button:focus-visible{outline:2px solid var(--accent);outline-offset:2px}"
    "th[aria-sort=ascending] button::after{content:' ▴'}"
    "th[aria-sort=descending] button::after{content:' ▾'}"
    "html{-webkit-text-size-adjust:100%}"
    "body{margin:0;background:var(--paper);color:var(--ink);"
    "font:1rem/1.6 system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans',sans-serif}"
    "main{max-width:80rem;margin:0 auto;padding:clamp(1.25rem,2.5vw,3rem)}"
    "h1,h2,h3{line-height:1.25;font-weight:650;letter-spacing:-.01em;overflow-wrap:anywhere}"
    "h1{font-size:clamp(1.6rem,5vw,2.3rem);margin:0}"
    "h2{font-size:1.55rem;margin:0}"
    "h3{font-size:1.08rem;margin:2.75rem 0 .25rem}"
    "a{color:var(--accent)}"
    "p{margin:.25rem 0;max-width:46rem}"
    ".muted,.note,figcaption{color:var(--muted)}"
    ".note{font-size:.88rem}"
    ".eyebrow{font-size:.8rem;letter-spacing:.08em;text-transform:uppercase;color:var(--muted)}"
    ".headline{font-size:1.12rem;line-height:1.5;font-weight:500;max-width:54rem;margin:1.1rem 0;"
    "padding:.2rem 0 .2rem 1rem;border-left:3px solid var(--accent);overflow-wrap:anywhere}"
    ".warnings{border-left:3px solid var(--warn);padding:.1rem 1rem;margin:1.25rem 0;"
    "list-style:none;overflow-wrap:anywhere}"
    "nav ul{list-style:none;padding:0;margin:1.25rem 0 0;display:flex;flex-wrap:wrap;gap:.3rem "
    "1.5rem}"
    "nav a{font-weight:600;text-decoration:none}nav a:hover{text-decoration:underline}"
    "nav a.table{font-weight:400;font-size:.88rem;margin:0 .35rem;display:inline-block}"
    "section{margin-top:3.5rem;padding-top:2.5rem;border-top:1px solid var(--line)}"
    ".findings{margin:1.25rem 0 2rem;padding:1rem 1.25rem 1rem 2.4rem;background:var(--soft);"
    "border-radius:.6rem}"
    ".findings li{margin:.3rem 0;max-width:50rem}"
    ".scroll{overflow-x:auto;margin:.75rem 0 0}"
    ".tall{max-height:44rem;overflow-y:auto}"
    ".tall thead th{position:sticky;top:0;z-index:1;background:var(--paper)}"
    ".scroll:focus-visible,summary:focus-visible{outline:2px solid var(--accent);"
    "outline-offset:2px}"
    "table{border-collapse:collapse;font-size:.8rem;font-variant-numeric:tabular-nums;"
    "line-height:1.4}"
    "th,td{padding:.45rem .38rem;text-align:right;white-space:nowrap;"
    "border-bottom:1px solid var(--line)}"
    "th{font-weight:600}"
    "thead th{color:var(--muted);vertical-align:bottom;border-bottom-width:2px}"
    "thead th:not(.model){white-space:normal}"
    "th.left,td.left{text-align:left}"
    "tbody th{font-weight:500}"
    /* The shadow is the line below, which Chromium does not draw for every sticky cell. */
    "th:first-child,td:first-child{padding-left:.2rem;position:sticky;left:0;"
    "background:var(--paper);box-shadow:inset 0 -1px var(--line)}"
    "tbody tr:hover>*{background:var(--soft)}"
    "tr.baselines>*{border-top:2px solid var(--line)}"
    "td.reason{white-space:normal;min-width:18rem}"
    ".swatch{display:inline-block;width:.7em;height:.7em;border-radius:50%;margin-right:.5em;"
    "box-shadow:0 0 0 1px var(--line)}"
    "section>figure{margin-top:1rem}"
    ".plots{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:1.25rem;"
    "margin-top:2.5rem}"
    "figure{margin:0;min-width:0}"
    "section>figure:not(.wide){max-width:44rem}"
    "figure.wide{grid-column:1/-1}"
    "figure .paper{border:1px solid var(--line);border-radius:.6rem;padding:.6rem;"
    "overflow-x:auto}"
    "figure svg{display:block;width:100%;height:auto}"
    "figure svg text{font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans',sans-serif}"
    "figure h3{margin:0 0 .5rem}"
    "figcaption{font-size:.85rem;margin-top:.5rem}"
    "details{margin:.6rem 0;border:1px solid var(--line);border-radius:.6rem}"
    "summary{cursor:pointer;padding:.6rem 1rem;font-weight:550;overflow-wrap:anywhere}"
    "details>*:not(summary){margin:0 1rem 1rem}"
    "pre{overflow-x:auto;background:var(--soft);border-radius:.4rem;padding:.8rem 1rem;"
    "font:.82rem/1.5 ui-monospace,'SF Mono',Menlo,Consolas,'DejaVu Sans Mono',monospace}"
    "footer{margin-top:4rem;border-top:1px solid var(--line);padding-top:1.25rem;"
    "color:var(--muted);font-size:.88rem}"
    "@media screen and (max-width:48rem){.plots{grid-template-columns:minmax(0,1fr)}"
    "figure.wide svg{min-width:40rem}"
    "th:first-child,td:first-child{min-width:7.4rem;max-width:9.5rem;white-space:normal;overflow-"
    "wrap:anywhere}"
    "th,td{padding:.4rem .55rem}}"
    "@media print{:root{color-scheme:light;--ink:#000;--muted:#444;--line:#bbb;--paper:#fff;"
    "--soft:#fff}main{max-width:none;padding:0}body{font-size:10pt}nav,details,.screen,.filter{"
    "display:"
    "none}figure svg,.swatch{filter:none!important}main>section{content-visibility:visible}"
    "section{border:0;margin:1.5rem 0 "
    "0;padding:0}h2{break-after:avoid}.scroll{overflow:visible;max-height:none}"
    "table{font-size:7.5pt}td{white-space:normal}th,td{padding:.2rem "
    ".35rem}figure,tr{break-inside:avoid}"
    "figure svg,figure.wide "
    "svg{min-width:0}h3,.note,thead{break-after:avoid}.findings{padding-left:1.2rem}}";

/* ---- Text ---- */

static void put_element(FILE *out, const char *name, const char *attributes, const char *text) {
    fprintf(out, "<%s%s>", name, attributes);
    xml_text(out, text);
    fprintf(out, "</%s>\n", name);
}

static void put_swatch(FILE *out, const char *colour) {
    if (colour != NULL)
        fprintf(out, "<span class=\"swatch\" style=\"background:%s\"></span>", colour);
}

/* ---- Tables ---- */

static void put_heading_row(FILE *out, const struct report_table *table) {
    fputs("<thead><tr>", out);
    for (size_t c = 0; c < table->column_count; c++) {
        fprintf(out, "<th scope=\"col\"%s>",
                table->columns[c].left             ? " class=\"left\""
                : table->columns[c].swatch != NULL ? " class=\"model\""
                                                   : "");
        put_swatch(out, table->columns[c].swatch);
        xml_text(out, table->columns[c].title);
        fputs("</th>", out);
    }
    fputs("</tr></thead>\n", out);
}

static void put_row(FILE *out, const struct report_table *table, size_t r) {
    const struct report_cell *row = table->cells + r * table->column_count;
    bool line = r == table->baseline_row && r > 0;
    fputs(line ? "<tr class=\"baselines\">" : "<tr>", out);
    for (size_t c = 0; c < table->column_count; c++) {
        const char *element = c == 0 ? "th scope=\"row\"" : "td";
        fprintf(out, "<%s%s>", element,
                !table->columns[c].left                 ? ""
                : c > 1 && c + 1 == table->column_count ? " class=\"left reason\""
                : row[c].swatch != NULL                 ? " class=\"left model\""
                                                        : " class=\"left\"");
        put_swatch(out, row[c].swatch);
        fputs(row[c].best ? "<strong>" : "", out);
        xml_text(out, row[c].text);
        fputs(row[c].best ? "</strong>" : "", out);
        fputs(c == 0 ? "</th>" : "</td>", out);
    }
    fputs("</tr>\n", out);
}

/* The table alone, in a box that scrolls when the screen is narrow. */
static void put_grid(FILE *out, const struct report_table *table) {
    enum { MAX_ROWS = 30 }; /* beyond, the table scrolls below its headings */
    fprintf(out, "<div class=\"scroll%s\" role=\"region\" tabindex=\"0\" aria-label=\"",
            table->row_count > MAX_ROWS ? " tall" : "");
    xml_text(out, table->title);
    fputs("\"><table><caption>", out);
    xml_text(out, table->title);
    fputs("</caption>\n", out);
    put_heading_row(out, table);
    fputs("<tbody>\n", out);
    for (size_t r = 0; r < table->row_count; r++)
        put_row(out, table, r);
    fputs("</tbody></table></div>\n", out);
}

static void put_note(FILE *out, const struct report_table *table) {
    if (table->note[0] == '\0')
        return;
    fputs("<p class=\"note\">", out);
    xml_text(out, table->note);
    fputs(".</p>\n", out);
}

static void put_folded_table(FILE *out, const struct report_table *table) {
    fputs("<details><summary>", out);
    xml_text(out, table->title);
    fprintf(out, " (%zu rows)</summary>\n", table->row_count);
    put_note(out, table);
    put_grid(out, table);
    fputs("</details>\n", out);
}

static void put_folded_text(FILE *out, const char *title, const char *name, const char *text) {
    if (text[0] == '\0')
        return;
    fputs("<details><summary>", out);
    xml_text(out, title);
    xml_text(out, name);
    fputs("</summary>\n<pre>", out);
    xml_text(out, text);
    fputs("</pre></details>\n", out);
}

/* ---- Plots ---- */

/* The ids of gnuplot's SVG are the same in every picture; in one page they must differ. Returns how
 * much of the text is a place after which the prefix belongs, or 0. */
static size_t reference_length(const char *text) {
    static const char *const places[] = {" id=\"", " id='", "href=\"#", "href='#", "url(#"};
    for (size_t p = 0; p < sizeof places / sizeof places[0]; p++)
        if (strncmp(text, places[p], strlen(places[p])) == 0)
            return strlen(places[p]);
    return 0;
}

static void put_svg(FILE *out, const struct picture *picture, const char *prefix) {
    const char *rest = strstr(picture->svg, "<svg");
    while (rest != NULL && *rest != '\0') {
        size_t length = reference_length(rest);
        if (length == 0) {
            fputc(*rest++, out);
            continue;
        }
        fprintf(out, "%.*s%s-", (int)length, rest, prefix);
        rest += length;
    }
}

static void put_figure(FILE *out, const struct section *section, const struct picture *picture,
                       bool titled) {
    char prefix[256];
    snprintf(prefix, sizeof prefix, "%s-%s", section->anchor, picture->name);
    fprintf(out, "<figure%s>", picture->wide ? " class=\"wide\"" : "");
    if (titled)
        put_element(out, "h3", "", picture->title);
    fputs("<div class=\"paper\" tabindex=\"0\">", out);
    put_svg(out, picture, prefix);
    fputs("</div>", out);
    put_element(out, "figcaption", "", picture->description);
    fputs("</figure>\n", out);
}

/* Those that are beside no table are together. */
static void put_pictures(FILE *out, const struct section *section) {
    bool any = false;
    for (size_t p = 0; p < section->picture_count; p++) {
        if (section->pictures[p].table != NULL)
            continue;
        fputs(any ? "" : "<div class=\"plots\">\n", out);
        any = true;
        put_figure(out, section, &section->pictures[p], true);
    }
    fputs(any ? "</div>\n" : "", out);
}

/* ---- Tables with their pictures ---- */

static void put_heading(FILE *out, const struct section *section,
                        const struct report_table *table) {
    fprintf(out, "<h3 id=\"%s-%s\">", section->anchor, table->name);
    xml_text(out, table->title);
    fputs("</h3>\n", out);
}

/* A long table is folded; what it says stands open in its pictures. */
static void put_table(FILE *out, const struct section *section, const struct report_table *table) {
    if (!table->details) {
        put_heading(out, section, table);
        put_note(out, table);
    }
    size_t pictures = 0;
    for (size_t p = 0; p < section->picture_count; p++)
        if (section->pictures[p].table != NULL &&
            strcmp(section->pictures[p].table, table->name) == 0)
            put_figure(out, section, &section->pictures[p], pictures++ > 0);
    if (table->details)
        put_folded_table(out, table);
    else
        put_grid(out, table);
}

/* ---- Sections ---- */

/* The data set of an earlier section that has shown the same options of a model of the same name; or NULL. */
static const struct dataset_results *shown_before(const struct contents *contents,
                                                  const struct section *section,
                                                  const struct model_results *model) {
    for (const struct section *other = contents->sections; other < section; other++)
        for (size_t m = 0; other->results != NULL && m < other->results->model_count; m++)
            if (strcmp(other->results->models[m].name, model->name) == 0 &&
                strcmp(other->results->models[m].trials[0]->options, model->trials[0]->options) ==
                    0)
                return other->results;
    return NULL;
}

static void put_options(FILE *out, const struct contents *contents, const struct section *section) {
    const struct dataset_results *elsewhere = NULL;
    for (size_t m = 0; m < section->results->model_count; m++) {
        const struct model_results *model = &section->results->models[m];
        if (strlen(model->trials[0]->options) <= strlen("{}"))
            continue;
        const struct dataset_results *before = shown_before(contents, section, model);
        elsewhere = before != NULL ? before : elsewhere;
        if (before == NULL)
            put_folded_text(out, "Options of ", model->name, model->trials[0]->options);
    }
    if (elsewhere == NULL)
        return;
    fputs("<p class=\"note screen\">Other options of models are as for ", out);
    xml_text(out, elsewhere->title);
    fputs(".</p>\n", out);
}

/* Texts that trials share, such as the config of the experiment, are shown once each. */
struct texts {
    const char *shown[8];
    size_t count;
};

static void put_shared(FILE *out, struct texts *texts, const char *title, const char *text,
                       const struct trial *trial) {
    for (size_t i = 0; i < texts->count; i++)
        if (strcmp(texts->shown[i], text) == 0)
            return;
    if (texts->count == sizeof texts->shown / sizeof texts->shown[0])
        return;
    texts->shown[texts->count++] = text;
    put_folded_text(out, title, texts->count == 1 ? "" : trial->stem, text);
}

static void put_shared_texts(FILE *out, const struct dataset_results *dataset) {
    struct texts configs = {0}, provenances = {0};
    for (size_t m = 0; m < dataset->model_count; m++)
        for (size_t t = 0; t < dataset->models[m].trial_count; t++) {
            const struct trial *trial = dataset->models[m].trials[t];
            put_shared(out, &configs, configs.count == 0 ? "Config" : "Config of ", trial->config,
                       trial);
        }
    for (size_t m = 0; m < dataset->model_count; m++)
        for (size_t t = 0; t < dataset->models[m].trial_count; t++) {
            const struct trial *trial = dataset->models[m].trials[t];
            put_shared(out, &provenances, provenances.count == 0 ? "Provenance" : "Provenance of ",
                       trial->provenance, trial);
        }
}

/* What is among the details at the end; the scores under every perturbation stay with their
 * plots. */
static bool is_folded(const struct report_table *table) {
    return table->details && strcmp(table->name, "noise") != 0;
}

static void put_findings(FILE *out, const struct findings *findings) {
    for (size_t f = 0; f < findings->count; f++) {
        fputs(f == 0 ? "<ul class=\"findings\">\n" : "", out);
        put_element(out, "li", "", findings->items[f]);
        fputs(f + 1 == findings->count ? "</ul>\n" : "", out);
    }
}

static void put_headline(FILE *out, const struct section *section) {
    if (section->findings.headline[0] != '\0')
        put_element(out, "p", " class=\"headline\"", section->findings.headline);
}

/* The page opens with the headline of its only data set, or of what is said of all of them. */
static bool opens_page(const struct contents *contents, const struct section *section) {
    return section == contents->sections &&
           (contents->section_count == 1 || section->results == NULL);
}

static void put_section(FILE *out, const struct contents *contents, const struct section *section) {
    fprintf(out, "<section id=\"%s\">\n", section->anchor);
    put_element(out, "h2", "", section->title);
    put_element(out, "p", " class=\"muted\"", section->subtitle);
    if (!opens_page(contents, section))
        put_headline(out, section);
    for (size_t t = 0; t < section->table_count; t++) {
        if (!is_folded(&section->tables[t]))
            put_table(out, section, &section->tables[t]);
        if (t == 0) {
            put_findings(out, &section->findings);
            put_pictures(out, section);
        }
    }
    if (section->results != NULL) {
        fputs("<h3 class=\"screen\">Details</h3>\n", out);
        for (size_t t = 0; t < section->table_count; t++)
            if (is_folded(&section->tables[t]))
                put_table(out, section, &section->tables[t]);
        put_options(out, contents, section);
        put_shared_texts(out, section->results);
    }
    fputs("</section>\n", out);
}

static void put_count(FILE *out, size_t count, const char *thing, const char *before) {
    fprintf(out, "%s%zu %s%s", before, count, thing, count == 1 ? "" : "s");
}

/* Links to the sections, and to their tables where that stays short. */
static void put_navigation(FILE *out, const struct contents *contents) {
    enum { MAX_DETAILED = 4 };
    fputs("<nav aria-label=\"Contents\"><ul>\n", out);
    for (size_t s = 0; s < contents->section_count; s++) {
        const struct section *section = &contents->sections[s];
        fprintf(out, "<li><a href=\"#%s\">", section->anchor);
        xml_text(out, section->title);
        fputs("</a>", out);
        for (size_t t = 0; contents->section_count <= MAX_DETAILED && t < section->table_count;
             t++) {
            const struct report_table *table = &section->tables[t];
            if (table->details)
                continue;
            fprintf(out, " <a class=\"table\" href=\"#%s-%s\">", section->anchor, table->name);
            xml_text(out, table->title);
            fputs("</a>", out);
        }
        fputs("</li>\n", out);
    }
    fputs("</ul></nav>\n", out);
}

/* Shown by the script, which it needs. */
static void put_filter(FILE *out, const struct contents *contents) {
    fputs("<div class=\"filter\" id=\"filter\" hidden><label>Models<input id=\"filter-models\" "
          "type=\"search\" placeholder=\"ltc, cfc\"></label><label>Data set<select "
          "id=\"filter-data\"><option value=\"\">all</option>",
          out);
    for (size_t s = 0; s < contents->section_count; s++) {
        fprintf(out, "<option value=\"%s\">", contents->sections[s].anchor);
        xml_text(out, contents->sections[s].title);
        fputs("</option>", out);
    }
    fputs("</select></label></div>\n", out);
}

static void put_header(FILE *out, const struct contents *contents) {
    const struct results *results = contents->results;
    fputs("<header>\n<p class=\"eyebrow\">liquidbench report</p>\n", out);
    put_element(out, "h1", "", contents->title);
    fputs("<p class=\"muted\">", out);
    put_count(out, results->dataset_count, "data set", "");
    put_count(out, results->model_count, "model", " · ");
    put_count(out, results->trial_count, "trial", " · ");
    if (results->failed_count > 0)
        fprintf(out, ", %zu of which did not finish", results->failed_count);
    fputs("</p>\n", out);
    if (contents->section_count > 0 && opens_page(contents, contents->sections))
        put_headline(out, contents->sections);
    for (size_t n = 0; n < contents->note_count; n++) {
        fputs(n == 0 ? "<ul class=\"warnings\">\n" : "", out);
        put_element(out, "li", "", contents->notes[n]);
        fputs(n + 1 == contents->note_count ? "</ul>\n" : "", out);
    }
    put_navigation(out, contents);
    put_filter(out, contents);
    fputs("</header>\n", out);
}

static void put_footer(FILE *out) {
    fputs("<footer>\n", out);
    fputs(
        "<p>Every number comes from a trial file beside this report, which holds its full config, "
        "seed, data checksum, machine and version.</p>\n</footer>\n",
        out);
}

static void write(const struct contents *contents, FILE *out) {
    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
          "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n<title>",
          out);
    xml_text(out, contents->title);
    fprintf(out, " – liquidbench</title>\n<style>%s</style>\n</head>\n<body>\n<main>\n",
            style_sheet);
    put_header(out, contents);
    for (size_t s = 0; s < contents->section_count; s++)
        put_section(out, contents, &contents->sections[s]);
    put_footer(out);
    fprintf(out, "</main>\n<script>\n%s</script>\n", page_script);
    fputs("</body>\n</html>\n", out);
}

const struct exporter exporter_html = {"index.html", write};
