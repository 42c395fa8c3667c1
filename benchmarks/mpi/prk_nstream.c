/* PRK's nstream, a += b + 3 c on n float64: no messages. */
#include "slabs.h"

static double *a, *b, *c;
static long count;

static void iterate(void) {
    double *restrict out = a;
    const double *restrict x = b, *restrict y = c;
    for (long i = 0; i < count; i++) out[i] += x[i] + 3.0 * y[i];
}

int main(int argc, char **argv) {
    begin(argc, argv);
    count = first(rank + 1) - first(rank);
    a = memory(count * sizeof *a), b = memory(count * sizeof *b), c = memory(count * sizeof *c);
    for (long i = 0; i < count; i++) a[i] = 0.0, b[i] = c[i] = 2.0;
    double seconds = best_time(iterate);
    long wrong = 0;
    for (long i = 0; i < count; i++) wrong += a[i] != 8.0 * (double)(iterations * repeats);
    return report(seconds, wrong);
}
