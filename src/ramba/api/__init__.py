"""What NumPy calls it: a file, or a folder of its parts, for each page of routines in NumPy's reference.

`testing` is imported by `ramba.testing` only: NumPy's own takes as long to import as a sixth of Ramba.
"""

from ramba.api import (
    bitwise,
    creation,
    datatypes,
    fourier,
    functional,
    indexing,
    io,
    linalg,
    logic,
    manipulation,
    math,
    memory,
    polynomials,
    sets,
    sorting,
    statistics,
    stride_tricks,
)

__all__ = [
    "bitwise",
    "creation",
    "datatypes",
    "fourier",
    "functional",
    "indexing",
    "io",
    "linalg",
    "logic",
    "manipulation",
    "math",
    "memory",
    "polynomials",
    "sets",
    "sorting",
    "statistics",
    "stride_tricks",
]
