"""The user's own functions on elements of arrays: traced, compiled by Numba, or in Python."""

from ramba.functions import gufuncs, numba_ufuncs  # noqa: F401 - arrays ask them about ufuncs of Numba's
from ramba.functions.blocks import map_blocks
from ramba.functions.filling import Filler, init_array
from ramba.functions.local_array import LocalArray
from ramba.functions.mapping import smap, smap_index, sreduce, sreduce_index
from ramba.functions.reducing import SreduceReducer
from ramba.functions.scanning import scumulative
from ramba.functions.spmd import barrier, rank, size, spmd
from ramba.functions.stencils import Stencil, sstencil, stencil

__all__ = [
    "Filler",
    "LocalArray",
    "SreduceReducer",
    "Stencil",
    "barrier",
    "init_array",
    "map_blocks",
    "rank",
    "scumulative",
    "size",
    "smap",
    "smap_index",
    "sreduce",
    "spmd",
    "sreduce_index",
    "sstencil",
    "stencil",
]
