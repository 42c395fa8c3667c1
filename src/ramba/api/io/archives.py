"""Input and output: archives. NumPy writes what has been computed."""

from __future__ import annotations

import numpy as np

from ramba.lazyarray import implements, look


@implements(np.savez)
def savez(file: object, *args: object, **kwds: object) -> None:
    """Writes several arrays to one file."""
    look(np.savez, file, *args, **kwds)


@implements(np.savez_compressed)
def savez_compressed(file: object, *args: object, **kwds: object) -> None:
    """Writes several arrays to one compressed file."""
    look(np.savez_compressed, file, *args, **kwds)
