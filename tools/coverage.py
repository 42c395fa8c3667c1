"""Writes into docs/numpy-coverage.md who computes what each public function of NumPy's computes of large arrays.

``python -m tools.coverage``. *Native*: a loop or a kernel of Ramba's. *Composed*: a function of Ramba's, made of
others. *By NumPy*: NumPy's function, on the values; of types, shapes and settings that is all there is.
"""

from __future__ import annotations

import dis
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import numpy

import ramba
from ramba.api.random import streams
from ramba.lazyarray import IMPLEMENTED, UFUNC

PAGE = Path(__file__).parent.parent / "docs" / "numpy-coverage.md"
BEGIN, END = (
    "<!-- written by `python -m tools.coverage`: begin -->\n",
    "<!-- written by `python -m tools.coverage`: end -->\n",
)
DOORS = ("", "linalg", "fft", "random")
_RECORDING = {"call", "record", "Map", "Reduce", "ENGINE", "arange1d", "empty_primitive", "full_primitive", "moved"}
_BY_NUMPY = {"call_numpy", "call_library", "look"}


def _names(code: CodeType) -> Iterator[str]:
    """The global names that a function reads, and those of the functions inside it."""
    for instruction in dis.get_instructions(code):
        if instruction.opname in ("LOAD_GLOBAL", "LOAD_NAME", "LOAD_DEREF") and isinstance(instruction.argval, str):
            yield instruction.argval
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)


def _names_of(function: FunctionType, depth: int) -> set[str]:
    """The names that a function reads, and those that helpers read which it calls."""
    names = set(_names(function.__code__))
    for name in tuple(names) if depth else ():
        other = function.__globals__.get(name)
        if isinstance(other, FunctionType) and other.__module__.startswith("ramba.api.") and not hasattr(other, "body"):
            names |= _names_of(other, depth - 1)
    return names


def _body(function: Any) -> FunctionType | None:
    """What a function of ours runs for arrays that are pending."""
    body = None
    while function is not None and not isinstance(body, FunctionType):
        body = getattr(function, "body", None)
        function = body if body is not None else getattr(function, "__wrapped__", None)
    return body


def who(door: str, name: str, np_object: Any) -> str:
    """Who computes a function of NumPy's."""
    if isinstance(np_object, numpy.ufunc):
        return "native" if UFUNC.get(np_object.__name__) is not None else "by NumPy"
    if door == "random":
        return "native" if name in streams.NAMES else "by NumPy"
    body = _body(IMPLEMENTED.get(np_object))
    if body is None:
        return "by NumPy"
    names = _names_of(body, 2)
    if names & _RECORDING:
        return "native"
    return "by NumPy" if names & _BY_NUMPY and len(names) <= 2 else "composed"


def rows() -> Iterator[tuple[str, str]]:
    """Each public function of NumPy's, and who computes it."""
    for door in DOORS:
        module = getattr(numpy, door) if door else numpy
        for name in sorted(module.__all__):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                value = getattr(module, name)
            if callable(value) and not isinstance(value, type) and not name.startswith("_"):
                yield f"{door}.{name}".lstrip("."), who(door, name, value)


def text() -> str:
    """A line for each answer, with its names."""
    found: dict[str, list[str]] = {"native": [], "composed": [], "by NumPy": []}
    for name, answer in rows():
        found[answer].append(name)
    return "\n".join(
        f"**{who[0].upper()}{who[1:]}** ({len(names)}): {', '.join(names)}.\n" for who, names in found.items()
    )


if __name__ == "__main__":
    before, _, rest = PAGE.read_text().partition(BEGIN)
    PAGE.write_text(before + BEGIN + text() + END + rest.partition(END)[2])
    assert ramba.ndarray  # all functions are entered
