/* PRK's transpose, b += a.T and a += 1 on n x n float64: rows in slabs; blocks are transposed as they are packed. */
#include "slabs.h"

enum { TILE = 32 };
static double *a, *b, *out, *in;
static MPI_Request *moving;
static long rows;

static long least(long x, long y) { return x < y ? x : y; }

/* to[j, i] (+)= a[i, low + j], for all own rows i and `count` columns; rows of `to` are `width` apart. */
static void transpose(double *restrict to, long width, long low, long count, int add) {
    for (long i0 = 0; i0 < rows; i0 += TILE)
        for (long j0 = 0; j0 < count; j0 += TILE) {
            long i1 = least(i0 + TILE, rows), j1 = least(j0 + TILE, count);
            for (long j = j0; j < j1; j++)
                for (long i = i0; i < i1; i++)
                    to[j * width + i] = a[i * n + low + j] + (add ? to[j * width + i] : 0.0);
        }
}

static void iterate(void) {
    int k = 0;
    for (int d = 1; d < ranks; d++) { /* the block of rank r lies at rows * first(r) of a buffer */
        int from = (rank + d) % ranks;
        long count = first(from + 1) - first(from);
        MPI_Irecv(in + rows * first(from), rows * count, MPI_DOUBLE, from, 0, MPI_COMM_WORLD, &moving[k++]);
    }
    for (int d = 1; d < ranks; d++) {
        int to = (rank - d + ranks) % ranks;
        long count = first(to + 1) - first(to);
        transpose(out + rows * first(to), rows, first(to), count, 0);
        MPI_Isend(out + rows * first(to), rows * count, MPI_DOUBLE, to, 0, MPI_COMM_WORLD, &moving[k++]);
    }
    transpose(b + first(rank), n, first(rank), rows, 1);
    MPI_Waitall(k, moving, MPI_STATUSES_IGNORE);
    for (int d = 1; d < ranks; d++) {
        int from = (rank + d) % ranks;
        long low = first(from), count = first(from + 1) - low;
        for (long i = 0; i < rows; i++)
            for (long j = 0; j < count; j++) b[i * n + low + j] += in[rows * low + i * count + j];
    }
    for (long k = 0; k < rows * n; k++) a[k] += 1.0;
}

int main(int argc, char **argv) {
    begin(argc, argv);
    rows = first(rank + 1) - first(rank);
    a = memory(rows * n * sizeof *a), b = memory(rows * n * sizeof *b);
    out = memory(rows * n * sizeof *out), in = memory(rows * n * sizeof *in);
    moving = memory(2 * ranks * sizeof *moving);
    for (long k = 0; k < rows * n; k++) a[k] = (double)(first(rank) * n + k), b[k] = out[k] = in[k] = 0.0;
    double seconds = best_time(iterate);
    long wrong = 0, times = iterations * repeats;
    for (long i = 0; i < rows; i++)
        for (long j = 0; j < n; j++) {
            double once = (double)(j * n + first(rank) + i);
            wrong += b[i * n + j] != (double)times * once + (double)(times * (times - 1) / 2);
        }
    return report(seconds, wrong);
}
