"""Input and output: text. NumPy writes what has been computed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np

from ramba import files
from ramba.lazyarray import implements, look

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

_COMPRESSED = (".gz", ".bz2", ".xz")  # endings by which NumPy compresses


@implements(np.array_repr)
def array_repr(
    arr: ArrayLike, max_line_width: int | None = None, precision: int | None = None, suppress_small: bool | None = None
) -> str:
    """The text that `repr` shows."""
    return look(np.array_repr, arr, max_line_width, precision, suppress_small)


@implements(np.array_str)
def array_str(
    a: ArrayLike, max_line_width: int | None = None, precision: int | None = None, suppress_small: bool | None = None
) -> str:
    """The text that `print` shows."""
    return look(np.array_str, a, max_line_width, precision, suppress_small)


@implements(np.array2string)
def array2string(a: ArrayLike, *args: object, **kwargs: object) -> str:
    """The elements as text."""
    return look(np.array2string, a, *args, **kwargs)


@implements(np.savetxt, always=True)
def savetxt(fname: object, X: ArrayLike, *args: object, **kwargs: object) -> None:
    """Writes an array to a text file, which appears as a whole if it is one of its own and not compressed."""
    if isinstance(fname, str | os.PathLike) and not os.fspath(fname).endswith(_COMPRESSED):
        path = files.where(fname)
        if not files.is_remote(path) and files.replaceable(path):
            with files.replacing(path) as draft:
                look(np.savetxt, draft, X, *args, **kwargs)
            return
    look(np.savetxt, fname, X, *args, **kwargs)
