"""Floating-point flags of kernels, as NumPy would have reported them."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Iterable
from typing import Any

import numpy as np

from ramba.errors import warn
from ramba.ops import UFUNCS
from ramba.plan import Kernel

# setting of np.errstate, NumPy's bit, word in the ufunc table, NumPy's words
_KINDS = (
    ("divide", 1, "divide", "divide by zero"),
    ("over", 2, "over", "overflow"),
    ("under", 4, "under", "underflow"),
    ("invalid", 8, "invalid", "invalid value"),
)


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


def report(flags: Iterable[tuple[Kernel, int]]) -> None:
    """Warns, raises or calls as np.errstate says, naming an operation that can have raised the flag."""
    settings: dict[str, Any] = dict(np.geterr())
    told = set()
    for kernel, raised in flags:
        for setting, bit, word, words in _KINDS:
            if not raised & bit or settings[setting] == "ignore":
                continue
            name = _culprit(kernel, word)
            if name is not None and (words, name) not in told:
                told.add((words, name))
                try:
                    _tell(settings[setting], f"{words} encountered in {name}", words, bit)
                except FloatingPointError as problem:
                    if note := CALLS.note(name):
                        problem.add_note(note)
                    raise


def _culprit(kernel: Kernel, word: str) -> str | None:
    dtypes = [value.dtype for value in kernel.spec.operands] + [step.dtype for step in kernel.spec.program]
    for step in kernel.spec.program:
        if step.op == "cast":
            if word == "invalid" and step.dtype[0] in "iu":
                return "cast"
            if word in ("over", "under") and step.dtype in ("f4", "c8"):
                return "cast"
        elif step.op in UFUNCS and word in UFUNCS[step.op].flags(dtypes[step.args[0]]):
            return UFUNCS[step.op].numpy.__name__
    for fold in kernel.spec.folds:
        if fold.op in ("add", "multiply"):
            return "reduce"
    return None


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
