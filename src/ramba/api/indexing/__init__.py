"""Indexing routines: index arrays, what is taken, what is inserted, iterating."""

from ramba.api.indexing import index_arrays, inserting, iteration, taking

__all__ = ["index_arrays", "inserting", "iteration", "taking"]
