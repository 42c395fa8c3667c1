"""Arrays and ctypes: the names of `numpy.ctypeslib`."""

# Written by `make stubs` with NumPy 2.4.6: not to be edited by hand.

from numpy.ctypeslib import as_array as as_array
from numpy.ctypeslib import as_ctypes as as_ctypes
from numpy.ctypeslib import as_ctypes_type as as_ctypes_type
from numpy.ctypeslib import c_intp as c_intp
from numpy.ctypeslib import load_library as load_library
from numpy.ctypeslib import ndpointer as ndpointer
