"""Arrays of numbers, nested lists of them, and arrays of ours among them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import hypothesis
import numpy
import pytest
from hypothesis import strategies as st

from tests.agreement import outcome, same_kind_of_error
from tests.subject import ramba


class Made(NamedTuple):
    """An array that is made anew for NumPy and for Ramba."""

    recipe: int

    def by(self, np: Any) -> Any:
        """The array."""
        small = np.arange(6.0).reshape(2, 3)
        large = np.arange(40_000)[:3] * 2
        return [small, small[0], np.arange(4.0)[3], np.arange(3), large, (small * 2).sum()][self.recipe]


def filled(x: Any, np: Any) -> Any:
    """Nested lists with arrays in their places."""
    if isinstance(x, Made):
        return x.by(np)
    return type(x)([filled(item, np) for item in x]) if type(x) in (list, tuple) else x


def _nested(items: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    lists = st.lists(items, max_size=3) | st.tuples(items, st.integers(0, 3)).map(lambda found: [found[0]] * found[1])
    return lists | lists.map(tuple)


SINGLE = st.sampled_from([1, 2.5, True, 1j, 2**70, "ab", None, numpy.float32(1.5), numpy.int8(3), b"xy", range(3)])
DATA = st.recursive(SINGLE | st.integers(0, 5).map(Made), _nested, max_leaves=9)
DTYPES = st.sampled_from([None, "f4", "i8", "c16", "U3", "O", "?", float, numpy.int16, "S2"])
OPTIONS = {
    "array": {
        "dtype": DTYPES,
        "ndmin": st.integers(0, 3),
        "copy": st.sampled_from([True, None, False]),
        "order": st.sampled_from("CFAK"),
        "subok": st.booleans(),
    },
    "asarray": {"dtype": DTYPES, "order": st.sampled_from("CFAK"), "copy": st.sampled_from([True, None, False])},
    "asanyarray": {"dtype": DTYPES},
    "ascontiguousarray": {"dtype": DTYPES},
    "asfortranarray": {"dtype": DTYPES},
    "copy": {"order": st.sampled_from("CFAK")},
}


@pytest.mark.filterwarnings("ignore:Casting complex values")
@pytest.mark.parametrize("name", OPTIONS)
@hypothesis.settings(max_examples=200)
@hypothesis.given(data=st.data())
def test_is_what_numpy_makes(name: str, uncompiled_mode: str, data: st.DataObject) -> None:
    x = data.draw(DATA)
    options = data.draw(st.fixed_dictionaries({}, optional=OPTIONS[name]))
    ours, theirs = (outcome(lambda np=np: _facts(getattr(np, name), filled(x, np), options)) for np in (ramba, numpy))
    assert ours == theirs if isinstance(theirs, tuple) else same_kind_of_error(ours, theirs)


def _facts(make: Callable[..., Any], x: Any, options: dict[str, Any]) -> Any:
    made = numpy.asarray(make(x, **options))
    return made.dtype.str, made.shape, repr(made.tolist()), made.flags.c_contiguous, made.flags.f_contiguous


@pytest.mark.parametrize("size", [3, 40_000])
def test_what_is_shared_and_what_is_not(size: int) -> None:
    a = ramba.arange(size) + 0.0
    assert ramba.asarray(a) is a
    assert ramba.asarray(a, dtype=float) is a
    assert ramba.ascontiguousarray(a) is a
    for copy in (
        ramba.array(a),
        ramba.asarray(a, copy=True),
        ramba.copy(a),
        ramba.asarray(a, dtype="f4"),
        ramba.array([a]),
    ):
        copy[...] = 7
        assert a[1] == 1
    theirs = numpy.arange(size) + 0.0
    for copy in (
        ramba.array(theirs),
        ramba.asarray(theirs),
        ramba.asarray(theirs, dtype=float),
        ramba.ascontiguousarray(theirs),
    ):
        copy[1] = 6
        assert theirs[1] == 1
    shared = ramba.array(theirs, copy=False)
    shared[1] = 6
    assert theirs[1] == 6


@pytest.mark.parametrize(
    "call",
    """arange(0, 1, 0.1)|arange(1e5)[::20_000]|arange(3.0, dtype="f4")|arange(5, 1, -2)|arange(1.0, 2.0, 0.0)
    arange(float("nan"))|arange(0, float("inf"))|arange(3, dtype="U2")|arange(2**70, 2**70 + 2)|arange(1e30, 1e30 + 1)
    arange(10, dtype=complex)
    arange(1e10, 2**2000)|arange(2**2000)|arange(2**2000, dtype=float)|arange(0, 2**2000, 1e9)""".replace(
        "\n", "|"
    ).split("|"),
)
def test_ranges(call: str, uncompiled_mode: str) -> None:
    ours, theirs = (
        outcome(lambda np=np: _facts(lambda x: x, eval(f"np.{call.strip()}", {"np": np}), {})) for np in (ramba, numpy)
    )
    assert ours == theirs if isinstance(theirs, tuple) else same_kind_of_error(ours, theirs)
