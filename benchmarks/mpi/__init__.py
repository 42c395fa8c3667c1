"""C programs with MPI, to compare with."""
