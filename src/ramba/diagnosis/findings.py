"""What was noted, judged: which lines lost time, by what, and what to write instead."""

from __future__ import annotations

import ast
import functools
import linecache
import re
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import NamedTuple

from ramba.diagnosis.listening import Line
from ramba.diagnosis.places import Place
from ramba.diagnosis.reasons import kernels_differ, programs_differ
from ramba.diagnosis.sampling import LINE

LEAST = 0.01  # share of the program's seconds that is worth a word
MANY_LOOKS, MANY_KERNELS, MANY_PLANS, MANY_ELEMENTS = 10, 3, 5, 1000
LARGE = 1_000_000  # bytes
PER_ELEMENT = 1e-6  # seconds that Python takes at most to pass on one element
PER_SECOND = 1e9  # bytes that workers are taken to send: what they did is known, how long it took is not

_LOOKS = {
    "_bool": "by bool(), if or while", "_by_value.<locals>.function": "by float(), int() or as an index",
    "_str": "by printing", "_repr": "by printing", "_format": "by printing", "getitem": "at elements",
    "_array": "by numpy.asarray()", "item": "by item()", "_iter": "by going through it", "sync": "by np.sync()",
}  # fmt: skip
_BUILTINS = {
    "sum": "np.sum(x)", "max": "np.max(x)", "min": "np.min(x)", "any": "np.any(x)", "all": "np.all(x)",
    "sorted": "np.sort(x)", "list": "x.tolist()", "tuple": "x.tolist()", "set": "np.unique(x)",
    "enumerate": "np.arange(len(x)) beside x", "zip": "whole arrays", "map": "the function of whole arrays",
}  # fmt: skip


class Finding(NamedTuple):
    """Something that took time and need not have."""

    seconds: float
    file: str
    line: int
    what: str
    instead: str


class Evidence(NamedTuple):
    """All that is known of a line."""

    at: LINE
    told: Line
    seconds: Mapping[LINE, float]  # of all lines, as they were seen


Judge = Callable[[Evidence], Iterator[tuple[float, str, str]]]  # seconds, what, instead


def looks(known: Evidence) -> Iterator[tuple[float, str, str]]:
    """A value is looked at again and again: each time all that is pending is run."""
    told = known.told
    if told.looks >= MANY_LOOKS:
        by = _LOOKS.get(told.by.most_common(1)[0][0], "")
        lost = told.looks * told.quickest if told.waits else told.look_seconds - told.kernel_seconds
        yield (
            lost,
            f"about {told.looks:,} looks {by}".rstrip() + ": each runs what is pending",
            "keep it an array; look after the loop, or every tenth turn",
        )


def elements(known: Evidence) -> Iterator[tuple[float, str, str]]:
    """A loop over single elements."""
    told = known.told
    if told.accesses:
        yield (
            told.access_seconds,
            f"about {told.accesses:,} elements read or written one by one",
            "whole arrays, slices or np.where; where each needs the one before, loop over x.tolist()",
        )


def iterations(known: Evidence) -> Iterator[tuple[float, str, str]]:
    """A built-in function of Python's, or a loop, goes through an array."""
    told = known.told
    if told.elements >= MANY_ELEMENTS:
        place, count = told.iterated.most_common(1)[0]
        called = _called(place)
        if called in _BUILTINS:
            what = f"Python's {called}() over an array, {_times(count)}: {told.elements:,} elements"
            # the line may do other things as well
            yield min(known.seconds.get(known.at, 0.0), told.elements * PER_ELEMENT), what, _BUILTINS[called]
        else:
            seconds = sum(known.seconds.get((place.file, line), 0.0) for line in _loop(place))
            what = f"a loop of Python over {told.elements:,} elements"
            yield seconds, what, "whole arrays; where that cannot be, loop over x.tolist()"


def fallbacks(known: Evidence) -> Iterator[tuple[float, str, str]]:
    """NumPy computes alone what Ramba has no form for; from workers, whole arrays are fetched for it."""
    told = known.told
    if told.fallbacks:
        name, count = told.fallbacks.most_common(1)[0]
        gathered = f", for which {_size(told.gathered)} were gathered" if told.gathered >= LARGE else ""
        what = f"{name} by NumPy alone, {_times(count)} on {_size(told.fallback_bytes)}{gathered}"
        yield known.seconds.get(known.at, 0.0), what, "other functions, or less of the array"
    elif told.gathered >= LARGE:
        what = f"{_size(told.gathered)} fetched from the workers, {_times(told.gathers)}"
        yield told.gather_seconds, what, "let workers reduce it first; look at parts"


def compilations(known: Evidence) -> Iterator[tuple[float, str, str]]:
    """One line needs many kernels."""
    told = known.told
    if told.compiled >= MANY_KERNELS:
        why, instead = kernels_differ(told.kernels)
        yield told.compile_seconds, f"{told.compiled:,} kernels compiled: {why}", instead


def plans(known: Evidence) -> Iterator[tuple[float, str, str]]:
    """What is run differs from turn to turn."""
    told = known.told
    if told.planned >= MANY_PLANS:
        why, instead = programs_differ(told.programs)
        yield told.plan_seconds, f"{told.planned:,} plans, none found again: {why}", instead


def redistributions(known: Evidence) -> Iterator[tuple[float, str, str]]:
    """Workers send each other what others hold."""
    told = known.told
    if told.sent >= LARGE:
        yield (
            told.sent / PER_SECOND,
            f"each worker sent about {_size(told.sent)} to others (taken as 1 GB/s)",
            "arrays that meet should lie alike: turn one once and keep a copy, rather than in every turn",
        )


JUDGES: tuple[Judge, ...] = (looks, elements, iterations, fallbacks, compilations, plans, redistributions)


def judged(lines: Mapping[LINE, Line], seconds: Mapping[LINE, float], total: float) -> list[Finding]:
    """All that took its share of the program's seconds, the worst first."""
    found = [
        Finding(lost, at[0], at[1], what, instead)
        for at, told in lines.items()
        for judge in JUDGES
        for lost, what, instead in judge(Evidence(at, told, seconds))
        if lost >= LEAST * total
    ]
    return sorted(found, reverse=True)


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count:,} times"


def _size(nbytes: int) -> str:
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if nbytes >= factor:
            return f"{nbytes / factor:.1f} {unit}"
    return f"{nbytes} bytes"


def _called(place: Place) -> str:
    """The name of the function that the instruction at a place calls; "" if it calls none."""
    start, end, column, last = next(islice(place.code.co_positions(), place.instruction // 2, None))
    if start is None or start != end or column is None or last is None:
        return ""
    text = linecache.getline(place.file, start).encode()[column:last].decode(errors="replace")
    found = re.match(r"(\w+)\(", text)
    return found[1] if found else ""


@functools.lru_cache(maxsize=64)
def _tree(file: str) -> ast.Module:
    try:
        return ast.parse("".join(linecache.getlines(file)))
    except SyntaxError:
        return ast.Module([], [])


def _loop(place: Place) -> range:
    """The lines of the loop that begins at a place."""
    for node in ast.walk(_tree(place.file)):
        if isinstance(node, ast.For) and node.lineno == place.line:
            return range(node.lineno, (node.end_lineno or node.lineno) + 1)
    return range(place.line, place.line + 1)


__all__ = ["LEAST", "Finding", "judged"]
