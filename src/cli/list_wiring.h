/* `liquidbench list wiring`, the one topic of `list` that reads a config and draws. */
#ifndef CLI_LIST_WIRING_H
#define CLI_LIST_WIRING_H

/* argv[0] is "wiring". Returns the exit code. */
int list_wiring(int argc, char **argv);

#endif
