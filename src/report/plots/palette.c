#include "report/plots/palette.h"

#include <math.h>

/* Without black, which draws the truth, and without yellow, which vanishes on white. */
static const unsigned char networks[][3] = {
    {0x00, 0x72, 0xb2}, /* blue */
    {0xd5, 0x5e, 0x00}, /* vermillion */
    {0x00, 0x9e, 0x73}, /* bluish green */
    {0xcc, 0x79, 0xa7}, /* reddish purple */
    {0xe6, 0x9f, 0x00}, /* orange */
    {0x56, 0xb4, 0xe9}, /* sky blue */
};
static const unsigned char baselines[][3] = {
    {0x55, 0x55, 0x55}, {0x99, 0x99, 0x99}, {0x77, 0x77, 0x77}, {0xb4, 0xb4, 0xb4}};

enum {
    NETWORK_COLOURS = sizeof networks / sizeof networks[0],
    BASELINE_COLOURS = sizeof baselines / sizeof baselines[0]
};

/* Round 0 is the palette itself; odd rounds go halfway and further to black, even ones to white. */
static int shade(int channel, size_t round) {
    double towards = round % 2 == 1 ? 0 : 255;
    double kept = round == 0 ? 1 : pow(0.65, (double)((round + 1) / 2));
    return (int)lround(kept * channel + (1 - kept) * towards);
}

const char *palette_colour(struct arena *arena, bool baseline, size_t position) {
    size_t count = baseline ? BASELINE_COLOURS : NETWORK_COLOURS, round = position / count;
    const unsigned char *colour =
        baseline ? baselines[position % count] : networks[position % count];
    return arena_printf(arena, "#%02x%02x%02x", shade(colour[0], round), shade(colour[1], round),
                        shade(colour[2], round));
}
