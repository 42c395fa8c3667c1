"""Random numbers that do not depend on who draws them.

The elements of a result in C order are divided into leaves of a fixed length; each has a stream of its own, NumPy's
Philox with draw and leaf as counter (Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3", 2011), out of which
NumPy's own distributions draw.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from ramba.kernels.group import Group, Waiting
from ramba.kernels.layouts import positions
from ramba.kernels.piece import Piece
from ramba.kernels.registry import Type, kernel
from ramba.kernels.relayout import everywhere
from ramba.kernels.team import Team
from ramba.layout.overlap import Box
from ramba.layout.partition import partition

LEAF = 1 << 16  # elements; another number would give other random numbers
LONG = 256  # elements of a row from which it is copied by itself

Key = tuple[int, int]

_INTO = frozenset(["random", "standard_normal", "standard_exponential"])  # draw into memory that they are given
_TYPED = _INTO | {"integers"}  # draw numbers of a dtype that they are told


@kernel(lambda types, shape, dtype, kind, params: [Type(np.dtype(dtype), shape)])
def random(
    group: Group,
    small: int,
    pieces: Sequence[Piece],
    shape: tuple[int, ...],
    dtype: str,
    kind: str,
    params: tuple[Any, ...],
) -> Waiting[list[Piece]]:
    """A new array of random numbers; see `fill`. No worker needs another.

    The only piece holds the two words of the key and the number of the draw: a plan does not depend on them.

    Types: three words of uint64; any shape, and a dtype that ``Generator`` draws.
    Exchanged: the three words.
    Algorithm: counters in place of states (Salmon et al., 2011): above.
    """
    words = yield from everywhere(group, pieces[0])
    first, second, draw = (int(word) for word in words)
    lying = partition(shape, group.size, small)
    box = lying.block(group.rank)
    out = group.memory(box.extent, np.dtype(dtype))
    fill(out, shape, box, (first, second), draw, kind, params, group.team)
    return [Piece(out, lying)]


def fill(
    out: np.ndarray,
    shape: tuple[int, ...],
    box: Box,
    key: Key,
    draw: int,
    kind: str,
    params: tuple[Any, ...],
    team: Team | None = None,
) -> None:
    """Random numbers for a box of an array of some shape, the same whatever the box.

    Parameters
    ----------
    out : np.ndarray
        Memory of the box, C-contiguous.
    shape : tuple of int
        Of the whole array.
    box : Box
        What is wanted of it.
    key : (int, int)
        Which stream; see `key_of`.
    draw : int
        Which numbers of it: each array that is drawn with one key has another number.
    kind : str
        A method of ``np.random.Generator`` that draws elements one after the other: "random", "integers", "normal".
    params : tuple
        Its arguments before ``size``.
    team : Team, optional
        Threads to share the leaves.
    """
    if out.size == 0:
        return
    starts, width = _rows(box, shape)
    flat = out.reshape(-1)
    leaves = _leaves(starts, width)

    def leaf(n: int) -> None:
        _fill_leaf(flat, starts, width, int(leaves[n]), _stream(key, draw, int(leaves[n])), kind, params)

    if team is None:
        for n in range(len(leaves)):
            leaf(n)
    else:
        team.map(leaf, len(leaves))


def _rows(box: Box, shape: tuple[int, ...]) -> tuple[np.ndarray, int]:
    """Where the consecutive elements of a box begin in the array, and how many they are."""
    inner = len(shape)
    while inner and (inner == len(shape) or box.extent[inner] == shape[inner]):
        inner -= 1
    corner = Box(box.start, (*box.extent[:inner], *(1,) * (len(shape) - inner)))
    return positions(corner, shape).reshape(-1), prod(box.extent[inner:])


def _leaves(starts: np.ndarray, width: int) -> np.ndarray:
    """The leaves that have elements in these rows, in order."""
    first, last = starts // LEAF, (starts + width - 1) // LEAF
    counts = last - first + 1
    offsets = np.repeat(np.cumsum(counts) - counts, counts)
    return np.unique(np.repeat(first, counts) + np.arange(counts.sum()) - offsets)


def _fill_leaf(
    flat: np.ndarray,
    starts: np.ndarray,
    width: int,
    leaf: int,
    stream: np.random.Generator,
    kind: str,
    params: tuple[Any, ...],
) -> None:
    """Draws one leaf up to the last element that is wanted, and puts the elements of all rows where they belong."""
    begin = leaf * LEAF
    low, high = (int(n) for n in np.searchsorted(starts, [begin - width + 1, begin + LEAF]))  # rows with elements of it
    count = min(int(starts[high - 1]) + width - begin, LEAF)
    if high - low == 1 and starts[low] <= begin and kind in _INTO and not params:
        at = low * width + begin - int(starts[low])
        getattr(stream, kind)(dtype=flat.dtype, out=flat[at : at + count])
        return
    options = {"dtype": flat.dtype} if kind in _TYPED else {}
    numbers = getattr(stream, kind)(*params, size=count, **options)
    if width >= LONG or high - low == 1:
        for row in range(low, high):
            start = int(starts[row])
            first, last = max(start, begin), min(start + width, begin + LEAF)
            flat[row * width + first - start : row * width + last - start] = numbers[first - begin : last - begin]
        return
    places = starts[low:high, None] + np.arange(width) - begin
    to = flat[low * width : high * width]
    inside = ((places >= 0) & (places < LEAF)).reshape(-1)
    if inside.all():
        to[...] = numbers[places.reshape(-1)]
    else:
        to[inside] = numbers[places.reshape(-1)[inside]]


def key_of(seed: np.random.SeedSequence) -> Key:
    """The key that belongs to a seed."""
    first, second = seed.generate_state(2, np.uint64).tolist()
    return first, second


def _stream(key: Key, draw: int, leaf: int) -> np.random.Generator:
    # the first word counts within the leaf
    return np.random.Generator(np.random.Philox(key=np.array(key, np.uint64), counter=[0, leaf, draw, 0]))
