"""Floating-point flags of kernels, as NumPy would have reported them."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterable
from typing import Any

import numpy as np

from ramba.errors import warn

# by NumPy's bit: the setting of np.errstate, NumPy's words
_KINDS = {
    1: ("divide", "divide by zero"),
    2: ("over", "overflow"),
    4: ("under", "underflow"),
    8: ("invalid", "invalid value"),
}


def tells_more() -> bool:
    """Whether programs wait in the call for what floating-point errors do: exceptions, calls, warnings in a list."""
    return not {"ignore", "warn"}.issuperset(np.geterr().values()) or _are_counted()


def _are_counted() -> bool:
    """Whether all warnings are put into a list: by ``catch_warnings(record=True)`` with ``simplefilter("always")``."""
    first = warnings.filters[0] if warnings.filters else ("", None, Warning)
    everything = first[0] == "always" and first[1] is None and first[2] is Warning
    told_to = getattr(getattr(warnings, "_showwarnmsg_impl", None), "__self__", None)
    return everything and isinstance(told_to, list)


def report(raised: Iterable[tuple[int, str]]) -> None:
    """Warns, raises or calls as np.errstate says, for each flag and the operation that can have raised it."""
    settings: dict[str, Any] = dict(np.geterr())
    told = set()
    for bit, name in raised:
        setting, words = _KINDS[bit]
        if settings[setting] == "ignore" or (words, name) in told:
            continue
        told.add((words, name))
        _tell(settings[setting], words, name, bit)


def _tell(setting: str, words: str, name: str, code: int) -> None:
    message = f"{words} encountered in {name}"
    match setting:
        case "warn":
            warn(message, RuntimeWarning)
        case "raise":
            raise FloatingPointError(message)
        case "print":
            print(f"Warning: {message}", file=sys.stderr)  # noqa: T201 - what np.errstate was told to do
        case "call":
            call: Any = np.geterrcall()
            if call is None:
                raise NameError(f"python callback specified for {words} (in  {name}) but no function found.")
            call(words, code)
        case "log":
            log: Any = np.geterrcall()
            if log is None:
                raise NameError(f"log specified for {words} (in {name}) but no object with write method found.")
            log.write(f"Warning: {message}\n")
