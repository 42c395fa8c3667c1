"""The user's own functions on elements of arrays: traced, compiled by Numba, or in Python."""

from ramba.functions.mapping import smap, smap_index, sreduce, sreduce_index
from ramba.functions.reducing import SreduceReducer

__all__ = ["SreduceReducer", "smap", "smap_index", "sreduce", "sreduce_index"]
