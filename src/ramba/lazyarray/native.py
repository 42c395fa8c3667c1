"""The short ways of arrays in C, if they were compiled when Ramba was installed; else all is done in Python.

The setting `native` leaves them out (``RAMBA_NATIVE=off``): it is read once, when Ramba is imported.
"""

from __future__ import annotations

import contextlib
import importlib
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ramba.lazyarray import _native

    NATIVE: Any = _native
else:
    NATIVE = None
    if os.environ.get("RAMBA_NATIVE", "on").lower() not in ("0", "off", "false", "no"):
        with contextlib.suppress(ImportError):  # no compiler was there, or another Python compiled it
            NATIVE = importlib.import_module("ramba.lazyarray._native")
