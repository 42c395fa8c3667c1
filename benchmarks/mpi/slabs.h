/* What the three programs share: rows dealt out in slabs, arguments, timing and the report. */
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

static int rank, ranks;
static long n, iterations, repeats;

/* The first row (or element) of rank r's part of n. */
static long first(int r) { return n * r / ranks; }

static void begin(int argc, char **argv) {
    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &ranks);
    if (argc != 4) {
        if (rank == 0) fprintf(stderr, "usage: %s SIZE ITERATIONS REPEATS\n", argv[0]);
        MPI_Abort(MPI_COMM_WORLD, 2);
    }
    n = atol(argv[1]), iterations = atol(argv[2]), repeats = atol(argv[3]);
}

/* Aligned memory in huge pages, which Ramba asks for too. */
static void *memory(long bytes) {
    void *p = NULL;
    if (posix_memalign(&p, 1 << 21, bytes > 0 ? bytes : 64)) MPI_Abort(MPI_COMM_WORLD, 3);
    madvise(p, bytes, MADV_HUGEPAGE);
    return p;
}

/* Calls iterate `iterations` times, and all that `repeats` times: the shortest time of the slowest rank. */
static double best_time(void (*iterate)(void)) {
    double best = 1e30;
    for (long r = 0; r < repeats; r++) {
        MPI_Barrier(MPI_COMM_WORLD);
        double seconds = -MPI_Wtime(), slowest;
        for (long i = 0; i < iterations; i++) iterate();
        seconds += MPI_Wtime();
        MPI_Allreduce(&seconds, &slowest, 1, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
        if (slowest < best) best = slowest;
    }
    return best;
}

/* Prints the time if no rank found a wrong element; the program's exit status. */
static int report(double seconds, long wrong) {
    long all = 0;
    MPI_Allreduce(&wrong, &all, 1, MPI_LONG, MPI_SUM, MPI_COMM_WORLD);
    if (rank == 0 && all == 0) printf("%.6f\n", seconds);
    if (rank == 0 && all != 0) fprintf(stderr, "%ld elements are wrong\n", all);
    MPI_Finalize();
    return all != 0;
}
