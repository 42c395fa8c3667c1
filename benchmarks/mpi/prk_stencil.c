/* PRK's star stencil of radius 2 on n x n float32: rows in slabs, two rows of halo, sent while the inside is computed. */
#include "slabs.h"

enum { R = 2 };
static float *a, *b; /* own rows, and R rows of the neighbours above and below them */
static long rows;    /* own ones */

static float *row(float *x, long i) { return x + (i + R) * n; }

/* b += star(a) for the own rows from `low` to `high`. */
static void star(long low, long high) {
    const float w1 = 0.25f, w2 = 0.125f;
    long top = R - first(rank), bottom = n - R - first(rank); /* the border of the whole array has no star */
    if (low < top) low = top;
    if (high > bottom) high = bottom;
    for (long i = low; i < high; i++) {
        float *restrict out = row(b, i);
        const float *x = row(a, i), *u1 = row(a, i - 1), *u2 = row(a, i - 2), *d1 = row(a, i + 1), *d2 = row(a, i + 2);
        for (long j = R; j < n - R; j++)
            out[j] += w2 * x[j + 2] + w1 * x[j + 1] - w1 * x[j - 1] - w2 * x[j - 2]
                    + w2 * d2[j] + w1 * d1[j] - w1 * u1[j] - w2 * u2[j];
    }
}

static void iterate(void) {
    int above = rank > 0 ? rank - 1 : MPI_PROC_NULL, below = rank < ranks - 1 ? rank + 1 : MPI_PROC_NULL;
    MPI_Request moving[4];
    MPI_Irecv(row(a, -R), R * n, MPI_FLOAT, above, 0, MPI_COMM_WORLD, &moving[0]);
    MPI_Irecv(row(a, rows), R * n, MPI_FLOAT, below, 1, MPI_COMM_WORLD, &moving[1]);
    MPI_Isend(row(a, 0), R * n, MPI_FLOAT, above, 1, MPI_COMM_WORLD, &moving[2]);
    MPI_Isend(row(a, rows - R), R * n, MPI_FLOAT, below, 0, MPI_COMM_WORLD, &moving[3]);
    star(R, rows - R);
    MPI_Waitall(4, moving, MPI_STATUSES_IGNORE);
    star(0, R);
    star(rows - R, rows);
    float *restrict own = row(a, 0);
    for (long k = 0; k < rows * n; k++) own[k] += 1.0f;
}

int main(int argc, char **argv) {
    begin(argc, argv);
    rows = first(rank + 1) - first(rank);
    if (rows < 2 * R) MPI_Abort(MPI_COMM_WORLD, 4);
    a = memory((rows + 2 * R) * n * sizeof *a), b = memory((rows + 2 * R) * n * sizeof *b);
    for (long i = -R; i < rows + R; i++)
        for (long j = 0; j < n; j++) row(a, i)[j] = (float)(first(rank) + i) + (float)j, row(b, i)[j] = 0.0f;
    double seconds = best_time(iterate);
    long wrong = 0;
    for (long i = 0; i < rows; i++)
        for (long j = 0; j < n; j++) {
            long k = first(rank) + i, inside = k >= R && k < n - R && j >= R && j < n - R;
            float expected = inside ? 2.0f * (float)(iterations * repeats) : 0.0f;
            wrong += row(b, i)[j] - expected > 1e-3f * (expected + 1) || expected - row(b, i)[j] > 1e-3f * (expected + 1);
        }
    return report(seconds, wrong);
}
