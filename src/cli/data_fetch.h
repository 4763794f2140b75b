/* `liquidbench data fetch`. */
#ifndef CLI_DATA_FETCH_H
#define CLI_DATA_FETCH_H

/* argv[0] is "fetch". Returns the exit code. */
int data_fetch(int argc, char **argv);

#endif
