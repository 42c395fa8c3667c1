"""Whether two runs of a program gave the same: texts with numbers in them, and files.

Numbers agree within a relative and an absolute tolerance, or if they differ by one unit in the last digit that was
printed. Whole numbers, and everything that is no number, must be the same; how much space is between does not matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import isclose, isnan
from pathlib import Path
from typing import NamedTuple

import numpy as np

_NUMBER = re.compile(r"(?<![\w.])[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?(?![\w.])|\bnan\b|\binf\b")
_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]+\b")
MOST_SHOWN = 3


class Tolerance(NamedTuple):
    """How far numbers may be apart."""

    relative: float = 1e-6
    absolute: float = 1e-12


class Verdict(NamedTuple):
    """What a comparison found."""

    said: str  # what was compared, and how it came out
    differences: tuple[str, ...] = ()


def texts(a: str, b: str, within: Tolerance) -> Verdict:
    """Compares what two runs printed, line by line."""
    first, second = a.splitlines(), b.splitlines()
    found, numbers = [], 0
    for number, (one, other) in enumerate(zip(first, second, strict=False), 1):
        numbers += len(_NUMBER.findall(one))
        if not _alike(one, other, within):
            found.append(f"line {number}: NumPy {one.strip()!r}, Ramba {other.strip()!r}")
    if len(first) != len(second):
        found.append(f"NumPy {len(first)} lines, Ramba {len(second)}")
    if a == b:
        return Verdict(f"the same, {len(first)} lines")
    if not found:
        return Verdict(f"the same, {len(first)} lines with {numbers} numbers, within the tolerance")
    return Verdict(f"DIFFERENT in {len(found)} of {max(len(first), len(second))} lines", tuple(found))


def _alike(a: str, b: str, within: Tolerance) -> bool:
    if a == b:
        return True
    a, b = _ADDRESS.sub("0x", a), _ADDRESS.sub("0x", b)
    if "".join(_NUMBER.sub("#", a).split()) != "".join(_NUMBER.sub("#", b).split()):
        return False
    pairs = zip(_NUMBER.findall(a), _NUMBER.findall(b), strict=True)
    return all(one == other or _near(one, other, within) for one, other in pairs)


def _near(a: str, b: str, within: Tolerance) -> bool:
    x, y = float(a), float(b)
    if x == y or (isnan(x) and isnan(y)):
        return True
    digit = max(_last_digit(a), _last_digit(b))
    if digit is None or 1.0 in (_last_digit(a), _last_digit(b)):
        return False
    return isclose(x, y, rel_tol=within.relative, abs_tol=max(within.absolute, 1.01 * digit))


def _last_digit(text: str) -> float:
    """What one unit in the last printed digit is worth; 1 for a whole number."""
    mantissa, _, exponent = text.lower().partition("e")
    _, _, decimals = mantissa.partition(".")
    if not exponent and "." not in mantissa:
        return 1.0
    return float(f"1e{int(exponent or 0) - len(decimals)}")


def files(a: Path, b: Path, within: Tolerance) -> Iterator[tuple[str, Verdict]]:
    """Compares what two runs left in their folders, file by file."""
    names = {str(path.relative_to(folder)) for folder in (a, b) for path in folder.rglob("*") if path.is_file()}
    for name in sorted(names):
        missing = [who for who, folder in (("NumPy", a), ("Ramba", b)) if not (folder / name).is_file()]
        if missing:
            yield name, Verdict("DIFFERENT", (f"not written with {missing[0]}",))
        else:
            yield name, _file(a / name, b / name, within)


def _file(a: Path, b: Path, within: Tolerance) -> Verdict:
    first, second = a.read_bytes(), b.read_bytes()
    if first == second:
        return Verdict("the same")
    if a.suffix in (".npy", ".npz"):
        return _arrays(a, b, within)
    try:
        return texts(first.decode(), second.decode(), within)
    except UnicodeDecodeError:
        return Verdict("DIFFERENT", (f"{len(first)} and {len(second)} bytes that are no text",))


def _arrays(a: Path, b: Path, within: Tolerance) -> Verdict:
    """Compares files of NumPy's."""
    first, second = (_loaded(path) for path in (a, b))
    if first.keys() != second.keys():
        return Verdict("DIFFERENT", ("other names of arrays",))
    for name, one in first.items():
        other = second[name]
        if (one.dtype, one.shape) != (other.dtype, other.shape):
            said = f"{name}: NumPy {one.dtype}{list(one.shape)}, Ramba {other.dtype}{list(other.shape)}"
            return Verdict("DIFFERENT", (said,))
        exact = one.dtype.kind not in "fc"
        if not (
            np.array_equal(one, other) if exact else np.allclose(one, other, within.relative, within.absolute, True)
        ):
            return Verdict("DIFFERENT", (f"{name}: {int((one != other).sum())} of {one.size} elements",))
    return Verdict("the same, within the tolerance")


def _loaded(path: Path) -> dict[str, np.ndarray]:
    content = np.load(path, allow_pickle=False)
    if isinstance(content, np.ndarray):
        return {path.name: content}
    with content:
        return {name: content[name] for name in content.files}


__all__ = ["MOST_SHOWN", "Tolerance", "Verdict", "files", "texts"]
