"""Floating-point flags of kernels, as NumPy would have reported them."""

from __future__ import annotations

import sys
from collections import deque
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

MOST_LINES = 3  # in the note of an exception


class Calls:
    """Which line asked for which operation: remembered only under an errstate that raises, to say it then."""

    def __init__(self) -> None:
        self.wanted = False
        self.made: deque[tuple[object, str]] = deque(maxlen=1024)

    def begin(self) -> None:
        """Another errstate holds."""
        self.wanted = "raise" in np.geterr().values()
        self.made.clear()

    def add(self, operation: object, first: bool) -> None:
        """An operation is recorded, the first one since all was computed or a later one."""
        if first:
            self.made.clear()
        frame = sys._getframe(1)
        while frame.f_back is not None and str(frame.f_globals.get("__name__", "")).partition(".")[0] == _OURS:
            frame = frame.f_back
        self.made.append((operation, f"{frame.f_code.co_filename}, line {frame.f_lineno}"))

    def note(self, name: str) -> str:
        """Where the operation of this name was asked for; where all were, if there is none."""
        named = [line for operation, line in self.made if operation == name]
        lines = list(dict.fromkeys(reversed(named or [line for _, line in self.made])))
        more = " (and earlier lines)" if len(lines) > MOST_LINES else ""
        return f"Asked for in {'; '.join(lines[:MOST_LINES])}{more}." if lines else ""


_OURS = __name__.partition(".")[0]
CALLS = Calls()


def report(raised: Iterable[tuple[int, str]]) -> None:
    """Warns, raises or calls as np.errstate says, for each flag and the operation that can have raised it."""
    settings: dict[str, Any] = dict(np.geterr())
    told = set()
    for bit, name in raised:
        setting, words = _KINDS[bit]
        if settings[setting] == "ignore" or (words, name) in told:
            continue
        told.add((words, name))
        try:
            _tell(settings[setting], f"{words} encountered in {name}", words, bit)
        except FloatingPointError as problem:
            if note := CALLS.note(name):
                problem.add_note(note)
            raise


def _tell(setting: str, message: str, words: str, code: int) -> None:
    match setting:
        case "warn":
            warn(message, RuntimeWarning)
        case "raise":
            raise FloatingPointError(message)
        case "print":
            print(f"Warning: {message}")  # noqa: T201 - what np.errstate was told to do
        case "call":
            call: Any = np.geterrcall()
            if call is not None:
                call(words, code)
        case "log":
            log: Any = np.geterrcall()
            if log is not None:
                log.write(f"Warning: {message}\n")
