"""What is ended when the program ends: after its own exit handlers, which may still compute.

Python calls exit handlers in reverse order; this module is imported with Ramba, before workers are started.
"""

from __future__ import annotations

import atexit
from collections.abc import Callable

_last: list[Callable[[], object]] = []


def at_the_end(function: Callable[[], object]) -> None:
    """Calls a function when the program ends."""
    _last.append(function)


def _end() -> None:
    for function in reversed(_last):
        function()


atexit.register(_end)
