"""Graphs as numbered programs: nodes in, a text out."""

from __future__ import annotations

import numpy as np

from ramba.graph import Const, Fill, Map, Node, Reduce, Ref, Storage, Stored, Update, number
from ramba.layout import View, identity
from ramba.plan import Draft, show_draft

F8 = np.dtype("f8")


def stored(*shape: int) -> Stored:
    """A value in memory."""
    return Stored(Storage(None), F8, shape)


def ref(node: Node, view: View | None = None) -> Ref:
    """A value, read as a whole or through a view."""
    return Ref(node, identity(node.shape) if view is None else view)


def add(a: Ref, b: Ref | Const) -> Map:
    """A sum."""
    return Map("add", 0, (a, b), F8, a.view.shape)


def text(*roots: Node) -> list[str]:
    """A program, line by line."""
    return show_draft(Draft(number(list(roots)).program, False, None)).split("\n")


def test_equal_values_get_one_number() -> None:
    a = stored(5)
    first, second = add(ref(a), ref(a)), add(ref(a), ref(a))
    assert text(add(ref(first), ref(second)))[1:] == [
        "v1 = map add(v0, v0) -> f8[5]",
        "v2 = map add(v1, v1) -> f8[5]",
        "roots: v2",
    ]


def test_scalars_stay_out_of_the_program() -> None:
    a = stored(5)
    programs = {number([add(ref(a), Const(np.float64(value), F8))]).program for value in (1.0, 2.0)}
    assert len(programs) == 1


def test_a_read_of_what_was_assigned_reads_the_assigned_value() -> None:
    a, b = stored(9), stored(4)
    part = View(1, (4,), (1,))
    changed = Update(a, part, ref(b), F8, (9,))
    assert "v3 = map add(v1, v1) -> f8[4]" in text(add(ref(changed, part), ref(changed, part)))


def test_a_read_beside_what_was_assigned_reads_the_older_value() -> None:
    a, b = stored(9), stored(4)
    changed = Update(a, View(5, (4,), (1,)), ref(b), F8, (9,))
    beside = View(0, (4,), (1,))
    assert any("[0; [4]; [1]]" in line and "map" in line for line in text(add(ref(changed, beside), ref(b))))


def test_what_was_moved_within_an_array_is_read_where_it_lies() -> None:
    a, first, second = stored(8), View(0, (4,), (1,)), View(4, (4,), (1,))
    moved = Update(a, first, ref(a, second), F8, (8,))
    assert "v2 = map add(v1[0; [4]; [1]], v1[0; [4]; [1]]) -> f8[4]" in text(add(ref(moved, first), ref(moved, first)))


def test_a_filled_array_is_a_scalar_where_it_is_read() -> None:
    filled = Fill(np.float64(2), F8, (5,))
    assert "v2 = map add(v1, c0) -> f8[5]" in text(add(ref(stored(5)), ref(filled)))


def test_deep_graphs_need_no_recursion() -> None:
    node: Node = stored(3)
    for _ in range(20_000):
        node = add(ref(node), ref(node))
    total = Reduce("add", ref(node), (0,), F8, ())
    assert len(number([total]).program.entries) == 20_002
