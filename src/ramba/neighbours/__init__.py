"""Other libraries: what ours are told to them, once they have been imported.

`arrivals` hears that a module has been imported, `table` lists which functions ask for NumPy's own class, `lending`
gives these NumPy's arrays over the memory of ours, `numba_types` tells Numba what our arrays are.
"""

from __future__ import annotations

import importlib
from types import ModuleType

from ramba.neighbours import arrivals
from ramba.neighbours.lending import teach
from ramba.neighbours.table import FUNCTIONS


def attend() -> None:
    """From now on, libraries are taught when they are imported; those that have been, now."""
    arrivals.attend({**dict.fromkeys(FUNCTIONS, _teach), "numba": _register})


def _teach(module: ModuleType) -> None:
    teach(module, FUNCTIONS[module.__name__])


def _register(numba: ModuleType) -> None:
    importlib.import_module("ramba.neighbours.numba_types").register()


__all__ = ["attend"]
