"""How arrays look in a notebook: a table of facts, and a picture of the partition coloured by worker.

Only what is known is shown: nothing is computed or fetched.
"""

from __future__ import annotations

import numpy as np

from ramba.lazyarray.core import define, ndarray
from ramba.lazyarray.info import at_hand, info
from ramba.lazyarray.partition_picture import escaped


def _repr_html_(self: ndarray) -> str | None:
    """The array for notebooks: shape, dtype, bytes, what is pending, and a picture of its partition.

    One value is shown as the text that it is.
    """
    return f"<div>{info(self)._repr_html_()}{_preview(self)}</div>" if self.ndim else None


def _preview(a: ndarray) -> str:
    """The first and last values, if they are at hand."""
    memory = at_hand(a)
    if memory is None or memory.dtype.hasobject:
        return ""
    text = np.array2string(memory, threshold=24, edgeitems=3 if memory.ndim == 1 else 2, max_line_width=75)
    return f"<pre>{escaped(text)}</pre>"


define("_repr_html_", _repr_html_)
