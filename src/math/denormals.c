#include "math/denormals.h"

#if defined(__SSE2__)
#include <immintrin.h>
#endif

void denormals_are_zero(void) {
#if defined(__SSE2__)
    const unsigned results = 0x8000, operands = 0x0040; /* FTZ and DAZ */
    _mm_setcsr(_mm_getcsr() | results | operands);
#elif defined(__aarch64__)
    const unsigned long flush = 1UL << 24; /* FZ, both */
    unsigned long control;
    __asm__ volatile("mrs %0, fpcr" : "=r"(control));
    __asm__ volatile("msr fpcr, %0" : : "r"(control | flush));
#endif
}
