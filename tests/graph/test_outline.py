"""The quick key of a graph: graphs with one key have one program, and each finds its own values in it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ramba.graph import Const, Empty, Fill, Map, Node, Reduce, Ref, Stored, Update, number, outline, recipe
from ramba.layout import View, identity
from tests.graph.test_numbering import F8, add, ref, stored

SCALARS = [0.0, -0.0, 1.0, 2.0, np.nan, -np.nan, np.inf]
PARTS = [View(0, (4,), (1,)), View(4, (4,), (1,)), View(2, (4,), (1,)), View(7, (4,), (-1,)), View(0, (4,), (2,))]


def key(*roots: Node) -> tuple[object, ...]:
    """The key of a graph."""
    return outline(list(roots)).key


def scaled(a: Node, *values: float) -> Node:
    """A sum of products with scalars."""
    terms = [Map("multiply", 0, (ref(a), Const(np.float64(value), F8)), F8, a.shape) for value in values]
    total: Node = terms[0]
    for term in terms[1:]:
        total = add(ref(total), ref(term))
    return total


def test_values_of_scalars_and_memory_stay_out_of_the_key() -> None:
    assert key(scaled(stored(5), 2.0, 3.0)) == key(scaled(stored(5), 4.0, 5.0))


@pytest.mark.parametrize("values", [(2.0, 2.0), (0.0, 0.0), (np.nan, np.nan)])
def test_which_scalars_are_equal_is_in_the_key(values: tuple[float, float]) -> None:
    assert key(scaled(stored(5), *values)) != key(scaled(stored(5), 2.0, 3.0))


def test_zeros_of_two_signs_are_two_scalars() -> None:
    assert key(scaled(stored(5), 0.0, -0.0)) == key(scaled(stored(5), 2.0, 3.0))


SAME = [(np.dtype(a), np.dtype(b)) for a in "ilqILQ" for b in "ilqILQ" if a < b and np.dtype(a) == np.dtype(b)]


@pytest.mark.parametrize("kinds", SAME)
def test_scalars_of_equal_dtypes_are_equal(kinds: tuple[np.dtype, np.dtype]) -> None:
    """NumPy has two types for one integer of C's; a program that was made where their values agree is no other's."""
    first, second = kinds

    def product(a: int, b: int) -> Node:
        return Map("multiply", 0, (Const(first.type(a), first), Const(second.type(b), second)), first, ())

    assert key(product(2, 2)) != key(product(2, 3))
    assert key(product(2, 3)) == key(product(4, 5))
    for root in (product(2, 2), product(2, 3)):
        found, made = outline([root]), recipe(outline([root]), [root])
        assert made.program == number([root]).program
        assert [int(found.scalars[place]) for place in made.scalars] == [int(x) for x in number([root]).scalars]


def test_what_is_read_where_nothing_was_assigned_is_a_zero() -> None:
    hole = Empty(F8, (5,))
    roots: list[Node] = [add(ref(hole), Const(np.float64(value), F8)) for value in (0.0, 1.0)]
    for root in roots:
        assert recipe(outline([root]), [root]).program == number([root]).program
    assert key(roots[0]) != key(roots[1])


def test_whether_a_value_may_be_written_over_is_in_the_key() -> None:
    a = stored(5)
    before = key(add(ref(a), ref(a)))
    token = a.storage.token
    assert key(add(ref(a), ref(a))) != before
    del token


@st.composite
def graphs(draw: st.DrawFn) -> list[Node]:
    """Graphs of a few nodes over arrays of eight elements, some of them read or assigned in parts."""
    nodes: list[Node] = [
        stored(8),
        stored(8),
        Fill(np.float64(draw(st.sampled_from(SCALARS))), F8, (8,)),
        Empty(F8, (8,)),
    ]
    whole = identity((8,))

    def operand(view: View) -> Ref | Const:
        if draw(st.booleans()):
            return Ref(draw(st.sampled_from(nodes)), view)
        return Const(np.float64(draw(st.sampled_from(SCALARS))), F8)

    for _ in range(draw(st.integers(1, 6))):
        part = draw(st.sampled_from(PARTS))
        if draw(st.booleans()):
            nodes.append(Update(draw(st.sampled_from(nodes)), part, operand(draw(st.sampled_from(PARTS))), F8, (8,)))
        else:
            nodes.append(Map("add", 0, (Ref(draw(st.sampled_from(nodes)), whole), operand(whole)), F8, (8,)))
    total = Reduce("add", Ref(nodes[-1], whole), (0,), F8, ())
    return [total, *draw(st.lists(st.sampled_from(nodes[4:]), max_size=2))]


known: dict[object, object] = {}


@given(graphs())
def test_graphs_of_one_key_have_one_program(roots: list[Node]) -> None:
    found, numbered = outline(roots), number(roots)
    made = recipe(found, roots)
    assert made.program == numbered.program
    assert [id(found.stored[place]) for place in made.stored] == [id(node) for node in numbered.stored]
    bits = [found.scalars[place].tobytes() for place in made.scalars]
    assert bits == [value.tobytes() for value in numbered.scalars]
    assert known.setdefault(found.key, made[:3]) == made[:3]


def test_a_lost_value_is_named() -> None:
    class Lost:
        dtype, shape, reason = F8, (5,), "It is lost."

    lost: Stored = Lost()  # type: ignore[assignment]
    with pytest.raises(Exception, match=r"It is lost\."):
        outline([add(ref(lost), ref(lost))])
