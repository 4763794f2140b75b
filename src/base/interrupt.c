#include "base/interrupt.h"

#include <signal.h>
#include <stddef.h>
#include <string.h>

static volatile sig_atomic_t noted;

static void note(int signal_number) {
    noted = signal_number;
}

void interrupt_watch(void) {
    static const int wanted[] = {SIGINT, SIGTERM, SIGHUP};
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        struct sigaction former, action = {.sa_handler = note};
        if (sigaction(wanted[i], NULL, &former) == 0 && former.sa_handler != SIG_IGN)
            sigaction(wanted[i], &action, NULL);
    }
}

int interrupt_signal(void) {
    return noted;
}

bool interrupt_check(struct error *error) {
    return noted == 0 || error_set(error, "stopped: %s", strsignal(noted));
}
