"""Groups whose members are the ranks of an MPI job: rank 0 runs the program, worker w is rank w + 1."""
