"""The short ways of arrays in C, if they were compiled when Ramba was installed; without them all is as it is in Python.

``RAMBA_NATIVE=off`` leaves them out.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ramba.lazyarray import _native

    NATIVE: Any = _native
else:
    NATIVE = None
    if os.environ.get("RAMBA_NATIVE", "on").lower() not in ("0", "off", "false", "no"):
        try:
            from ramba.lazyarray import _native as NATIVE
        except ImportError:  # no compiler was there, or another Python compiled it
            NATIVE = None
