/* Completion for shells, made from what --help says: an option's line there is
 * "  -o, --output DIR    results folder", and a word that a command takes has the line
 * "  models         cells and baselines" (or several: "  optimizers, losses"). */
#include "base/arena.h"
#include "base/installed.h"
#include "cli/command.h"
#include "engine/cell.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "Usage: liquidbench completion SHELL\n"
    "\n"
    "Prints a script that lets a shell complete commands, options and topics.\n"
    "\n"
    "Shells:\n"
    "  bash       for ~/.bashrc, or a file in /etc/bash_completion.d\n"
    "  zsh        a file _liquidbench in a folder of $fpath\n"
    "  fish       for ~/.config/fish/completions/liquidbench.fish\n"
    "\n"
    "Options:\n"
    "      --help\n"
    "\n"
    "Examples:\n"
    "  eval \"$(liquidbench completion bash)\"\n"
    "  liquidbench completion fish >~/.config/fish/completions/liquidbench.fish\n";

/* Pieces of a help text; none of them ends with a NUL. */
struct piece {
    const char *text;
    int length;
};

struct help_option {
    char letter; /* 0: none */
    struct piece name, argument, description;
};

static struct piece piece_until(const char *text, const char *stop) {
    return (struct piece){text, (int)strcspn(text, stop)};
}

/* Reads an option's line. */
static bool read_option(const char *line, struct help_option *option) {
    *option = (struct help_option){0};
    const char *dashes = line + strspn(line, " ");
    if (dashes[0] == '-' && isalpha((unsigned char)dashes[1]) &&
        strncmp(dashes + 2, ", ", 2) == 0) {
        option->letter = dashes[1];
        dashes += 4;
    }
    if (dashes == line || strncmp(dashes, "--", 2) != 0)
        return false;
    option->name = piece_until(dashes + 2, " \n");
    const char *rest = option->name.text + option->name.length;
    if (rest[0] == ' ' && isupper((unsigned char)rest[1])) {
        option->argument = piece_until(rest + 1, " \n");
        rest = option->argument.text + option->argument.length;
    }
    option->description = piece_until(rest + strspn(rest, " "), "\n");
    return true;
}

/* The words at the head of a line "  models         cells and baselines"; none in other lines. */
static struct piece read_words(const char *line) {
    if (strncmp(line, "  ", 2) != 0 || !islower((unsigned char)line[2]))
        return (struct piece){0};
    struct piece words = {line + 2, 0};
    const char *end = line + 2;
    for (;;) {
        end += strspn(end, "abcdefghijklmnopqrstuvwxyz_");
        if (strncmp(end, ", ", 2) != 0)
            break;
        end += 2;
    }
    bool is_alone = *end == '\n' && memchr(line, ',', (size_t)(end - line)) != NULL;
    bool is_explained = strncmp(end, "  ", 2) == 0;
    bool takes_argument = *end == ' ' && isupper((unsigned char)end[1]);
    if (is_alone || is_explained || takes_argument)
        words.length = (int)(end - words.text);
    return words;
}

static const char *next_line(const char *line) {
    const char *end = strchr(line, '\n');
    return end != NULL ? end + 1 : line + strlen(line);
}

/* Examples look like lists of words, too; they come last. */
static bool is_over(const char *line) {
    return *line == '\0' || strncmp(line, "Examples:", 9) == 0;
}

static char *words_of(const struct command *command, struct arena *arena) {
    char *words = arena_strdup(arena, "");
    for (const char *line = command->help; !is_over(line); line = next_line(line)) {
        struct piece piece = read_words(line);
        if (piece.length > 0)
            words = arena_printf(arena, "%s%s%.*s", words, words[0] != '\0' ? " " : "",
                                 piece.length, piece.text);
    }
    for (char *comma = words; (comma = strchr(comma, ',')) != NULL;)
        memmove(comma, comma + 1, strlen(comma));
    return words;
}

static char *command_names(struct arena *arena) {
    char *names = arena_strdup(arena, "");
    const struct command *command;
    for (size_t i = 0; (command = command_at(i)) != NULL; i++)
        names = arena_printf(arena, "%s%s%s", names, i > 0 ? " " : "", command->name);
    return names;
}

static const char *cell_names(struct arena *arena) {
    const char *names = "";
    const struct cell_type *type;
    for (size_t i = 0; (type = cell_type_at(i)) != NULL; i++)
        names = arena_printf(arena, "%s%s%s", names, i > 0 ? " " : "", type->name);
    return names;
}

/* Text within single quotes of a shell; `special` are further letters to put a backslash before. */
static void print_quoted(struct piece piece, const char *special) {
    for (int i = 0; i < piece.length; i++) {
        if (piece.text[i] == '\'')
            fputs("'\\''", stdout);
        else if (strchr(special, piece.text[i]) != NULL)
            printf("\\%c", piece.text[i]);
        else
            putchar(piece.text[i]);
    }
}

/* --- bash ------------------------------------------------------------------------------------- */

static void print_bash(struct arena *arena) {
    const char *names = command_names(arena);
    printf("_liquidbench() {\n"
           "    local current=${COMP_WORDS[COMP_CWORD]} options= words=\n"
           "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
           "        options='--help --version' words='%s help'\n"
           "    else\n"
           "        case ${COMP_WORDS[1]} in\n"
           "        help) words='%s' ;;\n",
           names, names);
    const struct command *command;
    for (size_t i = 0; (command = command_at(i)) != NULL; i++) {
        printf("        %s) options='", command->name);
        struct help_option option;
        const char *space = "";
        for (const char *line = command->help; *line != '\0'; line = next_line(line)) {
            if (read_option(line, &option)) {
                printf("%s--%.*s", space, option.name.length, option.name.text);
                space = " ";
            }
        }
        printf("' words='%s' ;;\n", words_of(command, arena));
    }
    /* A topic is chosen once; behind it are data sets, or files. */
    fputs("        esac\n"
          "        if [ \"$COMP_CWORD\" -gt 2 ]; then\n"
          "            words=\n"
          "            case ${COMP_WORDS[1]}-${COMP_WORDS[2]} in\n"
          "            data-describe | data-fetch) words=$(\"${COMP_WORDS[0]}\" data list "
          "2>/dev/null | cut "
          "-d ' ' -f 1) ;;\n"
          "            data-generate) words=$(\"${COMP_WORDS[0]}\" data list 2>/dev/null | sed -n "
          "'s/ *generated .*//p') ;;\n"
          "            esac\n"
          "        fi\n"
          "    fi\n",
          stdout);
    printf("    if [ \"$COMP_CWORD\" -gt 1 ]; then\n"
           "        [ \"${COMP_WORDS[1]}\" = run ] && words='%s'\n"
           "        case ${COMP_WORDS[COMP_CWORD - 1]} in\n"
           "        --cell) words='%s' ;;\n"
           "        -o | --output) words= ;;\n"
           "        esac\n"
           "    fi\n",
           installed_configs(arena), cell_names(arena));
    fputs("    case $current in\n"
          "    -*) words=$options ;;\n"
          "    esac\n"
          "    COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
          "}\n"
          "complete -o default -F _liquidbench liquidbench\n",
          stdout);
}

/* --- zsh -------------------------------------------------------------------------------------- */

static void print_zsh_option(const struct help_option *option) {
    printf(" \\\n            '");
    if (option->letter != 0)
        printf("(-%c --%.*s)'{-%c,--%.*s}'", option->letter, option->name.length, option->name.text,
               option->letter, option->name.length, option->name.text);
    else
        printf("*--%.*s", option->name.length, option->name.text);
    putchar('[');
    print_quoted(option->description, "[]:");
    putchar(']');
    if (option->argument.length > 0) {
        putchar(':');
        print_quoted(option->argument, "[]:");
        fputs(":_files", stdout);
    }
    putchar('\'');
}

static void print_zsh(struct arena *arena) {
    fputs("#compdef liquidbench\n"
          "_liquidbench() {\n"
          "    local -a commands\n"
          "    commands=(\n",
          stdout);
    const struct command *command;
    for (size_t i = 0; (command = command_at(i)) != NULL; i++) {
        printf("        '%s:", command->name);
        print_quoted(piece_until(command->summary, ""), ":");
        fputs("'\n", stdout);
    }
    fputs("        'help:the help of a command'\n"
          "    )\n"
          "    if (( CURRENT == 2 )); then\n"
          "        _describe command commands\n"
          "        return\n"
          "    fi\n"
          "    shift words\n"
          "    (( CURRENT-- ))\n"
          "    case $words[1] in\n"
          "    help) _describe command commands ;;\n",
          stdout);
    for (size_t i = 0; (command = command_at(i)) != NULL; i++) {
        const char *words = words_of(command, arena);
        printf("    %s)\n        _arguments", command->name);
        struct help_option option;
        for (const char *line = command->help; *line != '\0'; line = next_line(line))
            if (read_option(line, &option))
                print_zsh_option(&option);
        if (words[0] != '\0')
            printf(" \\\n            '1:topic:(%s)'", words);
        if (strcmp(command->name, "data") == 0)
            fputs(" \\\n            '*:data set or file:{ compadd -- "
                  "${(f)\"$(liquidbench data list 2>/dev/null | cut -d \" \" -f 1)\"}; _files }'",
                  stdout);
        else if (strcmp(command->name, "run") == 0)
            printf(" \\\n            '*:config or file:{ compadd -- %s; _files }'",
                   installed_configs(arena));
        else
            fputs(" \\\n            '*:file:_files'", stdout);
        fputs("\n        ;;\n", stdout);
    }
    fputs("    esac\n"
          "}\n"
          "if [ \"$funcstack[1]\" = _liquidbench ]; then\n"
          "    _liquidbench \"$@\"\n"
          "else\n"
          "    compdef _liquidbench liquidbench\n"
          "fi\n",
          stdout);
}

/* --- fish ------------------------------------------------------------------------------------- */

/* In fish, a backslash escapes within single quotes. */
static void print_fish_text(struct piece piece) {
    putchar('\'');
    for (int i = 0; i < piece.length; i++)
        printf(strchr("'\\", piece.text[i]) != NULL ? "\\%c" : "%c", piece.text[i]);
    putchar('\'');
}

static void print_fish(struct arena *arena) {
    const struct command *command;
    for (size_t i = 0; (command = command_at(i)) != NULL; i++) {
        printf("complete -c liquidbench -n __fish_use_subcommand -f -a %s -d ", command->name);
        print_fish_text(piece_until(command->summary, ""));
        putchar('\n');
    }
    printf(
        "complete -c liquidbench -n __fish_use_subcommand -f -a help -d 'the help of a command'\n"
        "complete -c liquidbench -n '__fish_seen_subcommand_from help' -f -a '%s'\n",
        command_names(arena));
    for (size_t i = 0; (command = command_at(i)) != NULL; i++) {
        struct help_option option;
        for (const char *line = command->help; *line != '\0'; line = next_line(line)) {
            if (!read_option(line, &option))
                continue;
            printf("complete -c liquidbench -n '__fish_seen_subcommand_from %s'", command->name);
            if (option.letter != 0)
                printf(" -s %c", option.letter);
            printf(" -l %.*s%s -d ", option.name.length, option.name.text,
                   option.argument.length > 0 ? " -r" : "");
            print_fish_text(option.description);
            putchar('\n');
        }
        const char *words = words_of(command, arena);
        if (words[0] != '\0')
            printf("complete -c liquidbench -n '__fish_seen_subcommand_from %s; and not "
                   "__fish_seen_subcommand_from %s' -f -a '%s'\n",
                   command->name, words, words);
    }
    printf("complete -c liquidbench -n '__fish_seen_subcommand_from run' -a '%s'\n",
           installed_configs(arena));
    printf("complete -c liquidbench -n '__fish_seen_subcommand_from bench' -l cell -xa '%s'\n",
           cell_names(arena));
    fputs("complete -c liquidbench -n '__fish_seen_subcommand_from data; and "
          "__fish_seen_subcommand_from describe fetch' -a "
          "'(liquidbench data list 2>/dev/null | cut -d \" \" -f 1)'\n",
          stdout);
}

/* --- the command ------------------------------------------------------------------------------ */

static int completion(int argc, char **argv) {
    static const struct option options[] = {{"help", no_argument, NULL, OPTION_HELP}, {0}};
    static const struct {
        const char *name;
        void (*print)(struct arena *arena);
    } shells[] = {{"bash", print_bash}, {"zsh", print_zsh}, {"fish", print_fish}};
    int option = option_next(&command_completion, argc, argv, ":h", options);
    if (option != OPTIONS_END)
        return option_exit(option);
    for (size_t i = 0; argc - optind == 1 && i < sizeof shells / sizeof shells[0]; i++) {
        if (strcmp(argv[optind], shells[i].name) == 0) {
            struct arena arena = {0};
            shells[i].print(&arena);
            arena_free(&arena);
            return EXIT_SUCCESS;
        }
    }
    return usage_error(&command_completion, "name one shell: bash, zsh or fish");
}

const struct command command_completion = {
    .name = "completion",
    .summary = "complete commands and options in bash, zsh or fish",
    .help = help,
    .run = completion,
};
