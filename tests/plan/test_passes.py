"""The planner's passes, one by one: a program as a text in, a text out."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from textwrap import dedent

import pytest

from ramba import config
from ramba.graph import StoredEntry
from ramba.layout import partition
from ramba.plan import (
    PASSES,
    Access,
    Allocate,
    AllReduce,
    Call,
    Combine,
    Copy,
    Draft,
    Kernel,
    Merge,
    Plan,
    Receive,
    Send,
    Sharing,
    Source,
    Step,
    drafted,
    plan,
    show_draft,
    verify,
    worker_plan,
)
from ramba.plan.verify import PlanError
from tests.plan.texts import program

SUM = """
    v0 = stored() -> f8[100, 20]
    v1 = stored() -> f8[100, 20]
    v2 = map add(v0, v1) -> f8[100, 20]
    v3 = reduce add(v2) -> f8[] over [0, 1]
    roots: v3
"""
NEIGHBOURS = """
    v0 = stored() -> f8[1000]
    v1 = map exp(v0) -> f8[1000]
    v2 = map add(v1[0; [998]; [1]], v1[2; [998]; [1]]) -> f8[998]
    roots: v2
"""
HELD = """
    v0 = stored() -> f8[1000]
    v1 = map exp(v0) -> f8[1000]
    v2 = map multiply(v1, v1) -> f8[1000]
    v3 = map add(v2, v0) -> f8[1000]
    roots: v1, v3
"""
IN_PLACE = """
    v0 = stored() -> f8[1000] (may be written over)
    v1 = map add(v0[1; [999]; [1]], v0[1; [999]; [1]]) -> f8[999]
    v2 = update(v0, v1) -> f8[1000] at [1; [999]; [1]]
    roots: v2
"""
SORTED = """
    v0 = stored() -> f8[1000]
    v1 = map negative(v0) -> f8[1000]
    v2 = map add(v1, v0) -> f8[1000]
    roots: v2
"""


BESIDE = """
    v0 = stored() -> f8[1000] (may be written over)
    v1 = map add(v0[0; [400]; [1]], v0[0; [400]; [1]]) -> f8[400]
    v2 = update(v0, v1) -> f8[1000] at [0; [400]; [1]]
    v3 = map add(v0[500; [400]; [1]], v0[500; [400]; [1]]) -> f8[400]
    v4 = update(v2, v3) -> f8[1000] at [500; [400]; [1]]
    v5 = reduce add(v0[900; [100]; [1]]) -> f8[] over [0]
    roots: v4, v5
"""
CALLED = """
    v0 = stored() -> f8[1000]
    v1 = library sort(v0) -> f8[1000]
    roots: v1
"""
SCALAR_ASSIGNED = """
    v0 = stored() -> f8[4]
    v1 = stored() -> f8[4]
    v2 = stored() -> f8[4]
    v3 = reduce add(v0) -> f8[] over [0]
    v4 = map add(v0, v1) -> f8[4]
    v5 = map add(v4, v2) -> f8[4]
    v6 = update(v5, c3) -> f8[4] at [0; [2]; [2]]
    v7 = map add(v5, v0) -> f8[4]
    roots: v3, v6, v7
"""
FLAT = """
    v0 = stored() -> f8[24]
    v1 = map add(v0[0; [4, 6]; [1, 4]], v0[0; [4, 6]; [1, 4]]) -> f8[4, 6]
    v2 = map add(v1[0; [24]; [1]], v0) -> f8[24]
    v3 = stored() -> f8[24]
    v4 = map add(v2, v3) -> f8[24]
    v5 = map add(v4[0; [4]; [1]], v4[8; [4]; [1]]) -> f8[4]
    roots: v1, v5
"""


def after(name: str, text: str) -> Draft:
    """What is known after a pass."""
    last = [step.name for step in PASSES].index(name)
    return drafted(program(text), False, None, PASSES[: last + 1])


def facts(draft: Draft) -> str:
    """What the passes added to a program."""
    return show_draft(draft).split("roots: ")[1].split("\n", 1)[1]


@pytest.mark.parametrize("text", [SUM, NEIGHBOURS, HELD, IN_PLACE, SORTED, BESIDE])
def test_programs_are_read_as_they_are_written(text: str) -> None:
    wanted = dedent(text).strip()
    assert show_draft(Draft(program(text), False, None)) == wanted


def test_a_value_that_is_only_folded_is_not_stored() -> None:
    assert facts(after("choose", SUM)) == "stored: v3; computed again: nothing"


def test_a_costly_value_read_at_two_places_is_computed_again_where_that_is_cheaper() -> None:
    stored = after("choose", NEIGHBOURS).chosen.stored
    assert 2 in stored
    text = facts(after("split", NEIGHBOURS))
    assert "statement map v2 reads v0, computes v1, v2" in text or "statement map v2 reads v1, computes v2" in text


def test_what_the_program_holds_is_stored() -> None:
    assert after("choose", HELD).chosen.stored == {1, 3}


def test_statements_over_one_domain_become_one_kernel() -> None:
    (group,) = after("fuse", HELD).fused.groups
    assert {statement.entry for statement in group.statements} == {1, 3}


def test_an_update_goes_over_memory_that_nobody_else_holds() -> None:
    placed = after("fuse", IN_PLACE).fused
    assert placed.over == {2: 0}
    assert len(placed.groups) == 1


def test_what_reads_at_a_shifted_place_is_never_written_in_the_same_loop() -> None:
    shifted = IN_PLACE.replace("v0[1; [999]; [1]]", "v0[0; [999]; [1]]")
    placed = after("fuse", shifted).fused
    assert not placed.over or len(placed.groups) == 2


def test_an_update_goes_over_memory_of_which_others_read_other_parts_later() -> None:
    placed = after("fuse", BESIDE).fused
    assert placed.over == {2: 0, 4: 2}
    beneath = after("fuse", BESIDE.replace("v0[500; [400]; [1]]", "v0[400; [400]; [1]]")).fused
    assert beneath.over == {2: 0}  # its own statement reads, at a shifted place, what the older one left there


@pytest.mark.parametrize("text", [SUM, NEIGHBOURS, HELD, IN_PLACE, SORTED, BESIDE])
def test_plans_hold_what_verify_asks(text: str) -> None:
    written = program(text)
    verify(plan(written), written)


def test_verify_sees_what_is_freed_too_early_and_what_is_never_given() -> None:
    written = program(HELD)
    good = plan(written)
    for n, step in enumerate(good.steps):
        kind = type(step).__name__
        if kind == "Allocate":
            with pytest.raises(PlanError, match="no memory"):
                verify(good._replace(steps=good.steps[:n] + good.steps[n + 1 :]), written)
    with pytest.raises(PlanError):
        verify(good._replace(results=(99,)), written)


def test_verify_sees_a_loop_that_leaves_its_memory() -> None:
    written = program(SORTED)
    good = plan(written)
    for n, step in enumerate(good.steps):
        if type(step).__name__ == "Kernel":
            beyond = step._replace(extents=(1001,))  # type: ignore[call-arg]
            with pytest.raises(PlanError, match="leaves slot"):
                verify(good._replace(steps=(*good.steps[:n], beyond, *good.steps[n + 1 :])), written)


def shared_plans(text: str) -> Iterator[tuple[Plan, list[int]]]:
    """The plan of each of three workers, and the elements of the inputs that lie there."""
    written = program(text)
    inputs = [partition(entry.shape, 3, 4) for entry in written.entries if isinstance(entry, StoredEntry)]
    for rank in range(3):
        made = worker_plan(written, False, Sharing(3, 4, tuple(inputs)), rank)
        yield made, [prod(part.block(rank).extent) for part in inputs]


def broken(step: Step) -> Step | None:
    """The step as it must not be, as it touches more than there is; None for those that touch nothing."""
    match step:
        case Kernel():
            moved = [a._replace(offset=a.offset + 5000) if isinstance(a, Access) else a for a in step.accesses]
            return step._replace(accesses=tuple(moved))
        case Call(inputs=(Source() as first, *rest)):
            seen = first.view._replace(offset=5000)
            return step._replace(inputs=(first._replace(size=5000, view=seen), *rest))
        case Copy():
            return step._replace(source_view=step.source_view._replace(offset=5000))
        case Merge():
            return step._replace(view=step.view._replace(offset=5000))
        case Combine():
            return step._replace(blocks=step.blocks + 5000)
        case AllReduce():
            return step._replace(shape=(5000,))
        case Send(messages=(message, *rest)):
            first, *others = message.pieces
            beyond = first._replace(view=first.view._replace(offset=5000))
            return step._replace(messages=(message._replace(pieces=(beyond, *others)), *rest))
    return None


@pytest.mark.parametrize(
    ("text", "kinds"),
    [  # with three workers
        (SUM, {Kernel, AllReduce}),
        (NEIGHBOURS, {Kernel, Send}),
        (IN_PLACE.replace("v0[1;", "v0[0;", 1), {Kernel, Send}),
        (CALLED, {Call}),
    ],
    ids=["a sum", "neighbours", "a shifted update", "a call"],
)
def test_verify_sees_every_step_of_workers_that_leaves_its_memory(text: str, kinds: set[type]) -> None:
    seen = set()
    for good, sizes in shared_plans(text):
        verify(good, None, sizes)
        for n, step in enumerate(good.steps):
            bad = broken(step)
            if bad is not None:
                seen.add(type(step))
                with pytest.raises(PlanError, match="leaves slot"):
                    verify(good._replace(steps=(*good.steps[:n], bad, *good.steps[n + 1 :])), None, sizes)
            elif type(step) in (Allocate, Receive):
                with pytest.raises(PlanError, match="no memory"):
                    verify(good._replace(steps=good.steps[:n] + good.steps[n + 1 :]), None, sizes)
    assert seen >= kinds, seen


def test_passes_print_what_they_leave(capsys: pytest.CaptureFixture[str]) -> None:
    with config.set(show_plan="after-fuse"):
        plan(program(SUM))
    shown = capsys.readouterr().out
    assert shown.startswith("after fuse:\nv0 = stored() -> f8[100, 20]\n")
    assert "group 0 over [100, 20]: reduce v3 reads v0, v1, computes v2" in shown


def test_an_assigned_scalar_is_not_taken_for_the_entry_of_its_number() -> None:
    draft = after("choose", SCALAR_ASSIGNED)  # entry 3 is a fold: a kernel that read it would have to come later
    assert draft.chosen.stored == {3, 6, 7}


def test_what_is_held_is_read_where_no_view_shows_what_it_is_made_of() -> None:
    assert after("choose", FLAT).chosen.cheap == {1}  # parts of its rows could be computed again
    assert after("split", FLAT).chosen.cheap == frozenset()  # but entry 4 is stored, which needs all of it, flat


@pytest.mark.parametrize(("rows", "width", "together"), [(40_000, 3, 625), (100_000, 10, 200), (4000, 127, 16)])
def test_narrow_rows_are_folded_side_by_side(rows: int, width: int, together: int) -> None:
    written = program(f"""
        v0 = stored() -> f8[{rows}, {width}]
        v1 = reduce add(v0) -> f8[{width}] over [0]
        roots: v1
    """)
    made = plan(written)
    (kernel,) = (step for step in made.steps if isinstance(step, Kernel))
    (combine,) = (step for step in made.steps if isinstance(step, Combine))
    assert kernel.extents == (rows // together, together * width)
    assert not kernel.spec.fold_inner
    assert combine.size == width
    assert combine.blocks % together == 0
    verify(made, written)


def test_narrow_rows_that_are_left_over_are_folded_for_themselves() -> None:
    written = program("""
        v0 = stored() -> f8[99991, 10]
        v1 = reduce add(v0) -> f8[10] over [0]
        roots: v1
    """)
    made = plan(written)
    kernels = [step for step in made.steps if isinstance(step, Kernel)]
    (combine,) = (step for step in made.steps if isinstance(step, Combine))
    first, last = (kernel.accesses[kernel.spec.folds[0].operand] for kernel in kernels)
    assert isinstance(first, Access)
    assert isinstance(last, Access)
    assert kernels[0].extents == (490, 2040)
    assert sum(prod(kernel.extents) for kernel in kernels) == 999_910
    assert (first.offset, last.offset) == (0, (combine.blocks - 1) * 10)
    verify(made, written)
