"""A user's function in Python, called for blocks of arrays: where the blocks are, on threads that an interrupt ends."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable, Sequence
from itertools import product
from math import prod
from typing import Any, NamedTuple

import numpy as np

from ramba.kernels.group import Group, Waiting
from ramba.kernels.layouts import Boxes
from ramba.kernels.piece import Piece
from ramba.kernels.registry import Type, kernel
from ramba.kernels.relayout import move
from ramba.kernels.team import WORTH
from ramba.layout.overlap import Box
from ramba.layout.partition import Partition, bound, partition

MOST = 16  # functions that one process remembers
_ROOM = 4096  # bytes for what a worker says of its results
_WEAK: dict[str, type] = {"bool": bool, "int": int, "float": float, "complex": complex}

FUNCTIONS: OrderedDict[str, Callable[..., Any]] = OrderedDict()
"""Those that are being called, by names that the driver made up."""

FAILURES: OrderedDict[str, BaseException] = OrderedDict()
"""What they raised in this process."""


class Numbers(NamedTuple):
    """A result whose dtype is not decided: of Python's numbers, which adapt to NumPy's."""

    array: np.ndarray
    kinds: tuple[str, ...]  # dtypes, and names of Python's types


class Blocks(NamedTuple):
    """How a function is called for blocks."""

    shape: tuple[int, ...]  # of what is cut: leading axes of all operands; others are whole in each block
    margins: tuple[int, ...]  # elements that operands have beyond it, at either end of each axis
    results: int
    dtypes: tuple[str, ...]  # of the results; empty: those that the function gives
    each: int  # blocks for each thread


def _unknown(types: Sequence[Type], name: str, *how: Any) -> list[Type]:
    return [Type(np.dtype(np.float64), None)] * Blocks(*how).results


@kernel(_unknown, pure=False)
def call_function(group: Group, small: int, pieces: Sequence[Piece], name: str, *how: Any) -> Waiting[list[Piece]]:
    """What a function gives for blocks, put together. It gets start and shape of a block, and the operands' blocks.

    Types: operands of any dtype whose leading axes are cut, with margins; results of the dtypes that it gives,
        with further axes at the end if it gives them.
    Exchanged: of each operand, what a block and its margins need of others; then shapes and dtypes of results.
    Algorithm: blocks of the leading axes are shared out as a new array would be, and cut further for threads.
    """
    wanted = Blocks(*how)
    lying = partition(wanted.shape, group.size, 0)
    operands = []
    for piece in pieces:
        around = tuple(_around(lying.block(rank), wanted, piece.shape) for rank in range(group.size))
        operands.append((yield from move(group, piece.array, piece.partition, Boxes(piece.shape, around))))
    mine = lying.block(group.rank)
    few = sum(operand.size for operand in operands) < WORTH
    cut = _parts(mine, 1 if few else group.team.size * wanted.each)
    made = _called(group, FUNCTIONS[name], name, operands, mine, cut, wanted)
    facts = yield from _agreed(group, made, len(wanted.shape), wanted.results)
    results = []
    for number, (tail, dtype) in enumerate(facts):
        if wanted.dtypes:
            dtype = np.dtype(wanted.dtypes[number])
        out = group.memory((*mine.extent, *tail), dtype)
        for box, several in zip(cut, made, strict=True):
            out[_key(box, mine)] = several[number].array
        grid = (*lying.grid, *(1,) * len(tail)) if lying.grid else ()
        results.append(Piece(out, Partition((*lying.shape, *tail), grid)))
    return results


def _around(box: Box, wanted: Blocks, shape: tuple[int, ...]) -> Box:
    """What a block needs of an operand."""
    inner = shape[len(box.start) :]
    if 0 in box.extent:
        return Box((0,) * len(shape), (0,) * len(shape))
    widened = (extent + 2 * margin for extent, margin in zip(box.extent, wanted.margins, strict=True))
    return Box((*box.start, *(0,) * len(inner)), (*widened, *inner))


def _parts(box: Box, count: int) -> list[Box]:
    """A block as smaller ones, nearly as many as wanted: its longest axes are cut."""
    if 0 in box.extent:
        return []
    cuts = [1] * len(box.extent)
    while prod(cuts) < count:
        longest = max(range(len(cuts)), key=lambda d: box.extent[d] / cuts[d], default=None)
        if longest is None or cuts[longest] >= box.extent[longest]:
            break
        cuts[longest] += 1
    found = []
    for place in product(*map(range, cuts)):
        first = [bound(e, n, p) for e, n, p in zip(box.extent, cuts, place, strict=True)]
        last = [bound(e, n, p + 1) for e, n, p in zip(box.extent, cuts, place, strict=True)]
        start = tuple(s + f for s, f in zip(box.start, first, strict=True))
        found.append(Box(start, tuple(b - a for a, b in zip(first, last, strict=True))))
    return found


def _key(box: Box, outer: Box, margins: Sequence[int] = ()) -> tuple[Any, ...]:
    """Where a smaller block lies in the memory of a block, with margins if it has them."""
    wide = margins or (0,) * len(box.start)
    return tuple(
        slice(s - o, s - o + e + 2 * m) for s, o, e, m in zip(box.start, outer.start, box.extent, wide, strict=True)
    ) + (...,)


def _called(
    group: Group, function: Callable[..., Any], name: str, operands: Sequence[np.ndarray], mine: Box,
    cut: Sequence[Box], wanted: Blocks,
) -> list[tuple[Numbers, ...]]:  # fmt: skip
    """What the function gives for each of the smaller blocks."""
    made: list[Any] = [None] * len(cut)

    def call(number: int) -> None:
        box = cut[number]
        given = [operand[_key(box, mine, wanted.margins)] for operand in operands]
        result = function(box.start, box.extent, *given)
        made[number] = _checked(result, box.extent, wanted.results)

    try:
        group.team.map_apart(call, len(cut))
    except BaseException as problem:
        remember(FAILURES, f"{name} {group.rank}", problem)
        raise
    return made


def _checked(result: Any, extent: tuple[int, ...], count: int) -> tuple[Numbers, ...]:
    """The results of one call, if they are arrays of numbers for the block."""
    several = result if type(result) is tuple else (result,)
    if len(several) != count:
        raise ValueError(f"the function gives {len(several)} results, where {count} are expected")
    made = []
    for each in several:
        array = each.array if isinstance(each, Numbers) else np.asarray(each)
        if array.dtype.kind not in "biufc":
            raise TypeError(f"the function gives elements of dtype {array.dtype}, which are no numbers")
        if array.shape[: len(extent)] != extent:
            raise ValueError(f"the function gives an array of shape {array.shape} for a block of shape {extent}")
        made.append(each if isinstance(each, Numbers) else Numbers(array, (array.dtype.str,)))
    return tuple(made)


def remember(table: OrderedDict[str, Any], name: str, thing: object) -> None:
    """Enters something under a name, and forgets the oldest when there is too much."""
    table[name] = thing
    while len(table) > MOST:
        table.popitem(last=False)


def _agreed(
    group: Group, made: Sequence[tuple[Numbers, ...]], axes: int, results: int
) -> Waiting[list[tuple[tuple[int, ...], np.dtype]]]:
    """Of each result, its axes after those that are cut, and its dtype; all workers say the same."""
    mine: list[Any] = []
    for number in range(results if made else 0):
        found = [several[number] for several in made]
        tails = {each.array.shape[axes:] for each in found}
        kinds = {kind for each in found for kind in each.kinds}
        mine.append([sorted(tails), sorted(kinds)])
    said = json.dumps(mine).encode()
    if len(said) > _ROOM:
        raise ValueError("the blocks that a function gives are of too many shapes and dtypes")
    everybody = yield from group.gather(np.frombuffer(said.ljust(_ROOM), np.uint8))
    heard = [found for row in everybody if (found := json.loads(row.tobytes()))]
    agreed = []
    for number in range(results):
        lengths = {tuple(tail) for found in heard for tail in found[number][0]}
        if len(lengths) > 1:
            raise ValueError(f"a function gives blocks with axes of different lengths: {sorted(lengths)}")
        names = sorted({kind for found in heard for kind in found[number][1]})
        dtypes = [_WEAK[name](0) if name in _WEAK else np.dtype(name) for name in names]
        agreed.append((lengths.pop() if lengths else (), np.result_type(*dtypes) if dtypes else np.dtype(np.float64)))
    return agreed


__all__ = ["FAILURES", "FUNCTIONS", "Blocks", "Numbers", "remember"]
