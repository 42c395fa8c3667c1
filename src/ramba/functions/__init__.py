"""The user's own functions on elements of arrays: traced, compiled by Numba, or in Python."""

from ramba.functions import numba_ufuncs  # noqa: F401 - arrays ask it about ufuncs of Numba's
from ramba.functions.filling import Filler, init_array
from ramba.functions.mapping import smap, smap_index, sreduce, sreduce_index
from ramba.functions.reducing import SreduceReducer
from ramba.functions.scanning import scumulative
from ramba.functions.stencils import Stencil, sstencil, stencil

__all__ = [
    "Filler",
    "SreduceReducer",
    "Stencil",
    "init_array",
    "scumulative",
    "smap",
    "smap_index",
    "sreduce",
    "sreduce_index",
    "sstencil",
    "stencil",
]
