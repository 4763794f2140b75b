/* Where speed counts: a block is inlined into a loop over blocks, so that compilers know its length;
 * the loop stands apart, so that they do not take it for one over a shorter array; and weights begin
 * where vectors do. */
#if defined(__GNUC__) && !defined(__OPTIMIZE_SIZE__)
#define BLOCK   inline __attribute__((always_inline))
#define APART   __attribute__((noinline))
#define ALIGNED __attribute__((aligned(64)))
#else
#define BLOCK inline
#define APART
#define ALIGNED
#endif

/* clang makes no vectors of a loop that it has unrolled before. */
#ifdef __clang__
#define ROLLED _Pragma("clang loop unroll(disable)")
#else
#define ROLLED
#endif
