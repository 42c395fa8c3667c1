"""Floating-point flags of kernels, as NumPy would have reported them."""

from __future__ import annotations

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
                _tell(settings[setting], f"{words} encountered in {name}", words, bit)


def _culprit(kernel: Kernel, word: str) -> str | None:
    for step in kernel.spec.program:
        if step.op == "cast":
            if word == "invalid" and step.dtype[0] in "iu":
                return "cast"
            if word in ("over", "under") and step.dtype in ("f4", "c8"):
                return "cast"
        elif step.op in UFUNCS and word in UFUNCS[step.op].raises:
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
