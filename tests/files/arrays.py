"""Arrays and indexes for tests of files."""

from __future__ import annotations

from typing import Any

import numpy
from hypothesis import strategies as st

from tests.subject import ramba

DTYPES = ["?", "i1", "u2", "i4", "u8", "f2", "f4", "f8", "c8", "c16", ">i4", ">f8"]

shapes = st.lists(st.sampled_from([0, 1, 2, 3, 5, 8, 13, 30]), max_size=3).map(tuple)


@st.composite
def arrays(draw: st.DrawFn, dtypes: list[str] = DTYPES, least: int = 0) -> numpy.ndarray:
    """An array of small numbers."""
    shape = draw(shapes.filter(lambda shape: len(shape) >= least))
    numbers = numpy.random.default_rng(draw(st.integers(0, 99))).integers(0, 100, shape)
    return numpy.asarray(numbers).astype(draw(st.sampled_from(dtypes)))


@st.composite
def indexes(draw: st.DrawFn, shape: tuple[int, ...]) -> Any:
    """A basic index of an array, none of whose numbers is out of bounds."""
    keys: list[Any] = []
    for extent in shape[: draw(st.integers(0, len(shape)))]:
        if extent and draw(st.booleans()):
            keys.append(draw(st.integers(-extent, extent - 1)))
        else:
            keys.append(draw(st.slices(extent)))
    if draw(st.booleans()):
        keys.insert(draw(st.integers(0, len(keys))), Ellipsis) if len(keys) == 0 else keys.append(Ellipsis)
    if draw(st.booleans()):
        keys.insert(draw(st.integers(0, len(keys))), None)
    return tuple(keys)


def same(found: Any, expected: Any) -> None:
    """Equal shapes, elements, and dtypes but for the order of bytes."""
    expected = numpy.asarray(expected)
    assert found.shape == expected.shape
    assert found.dtype == expected.dtype.newbyteorder("=")
    numpy.testing.assert_array_equal(numpy.asarray(found), expected)


def bytes_read(work: Any) -> int:
    """Bytes of files that were read meanwhile, by whomever."""
    heard: list[Any] = []
    with ramba.events.subscribe(heard.append):
        work()
    return sum(event.nbytes for event in heard if isinstance(event, ramba.events.FileRead))
