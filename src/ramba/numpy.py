"""NumPy's namespace, exactly: what `import numpy` becomes in a program that `python -m ramba` runs.

Other than `ramba` itself it has no names of Ramba's own, and its version is NumPy's.
"""

from __future__ import annotations

from typing import Any as _Any

import numpy as _numpy

import ramba as _ramba

__all__ = list(_numpy.__all__)
__version__ = _numpy.__version__


def __getattr__(name: str) -> _Any:
    if name == "__path__":  # it would make a package of us
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name)
    getattr(_numpy, name)  # raises what NumPy raises
    value = globals()[name] = getattr(_ramba, name)
    return value


def __dir__() -> list[str]:
    return dir(_numpy)
