"""Loops over slices on workers: one command and one message for each statement, no plan, and NumPy's elements."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ramba import events
from ramba.engine import ENGINE, sliding
from ramba.errors import ArrayLostError
from ramba.runtime.messages import Assign, Define, Describe, Drop
from tests.agreement import assert_agree
from tests.subject import ramba, repeats

pytestmark = pytest.mark.own_modes

SIZE = 90
FIRST = sliding.ENOUGH + 4  # turns after which it is clear that a loop goes on


@pytest.fixture(params=[3, *repeats(2, 7)])
def workers(request: pytest.FixtureRequest) -> Iterator[int]:
    with ramba.config.set(backend="local", workers=request.param, eager_size=100, verify=True):
        ramba.shutdown()
        yield request.param
        ramba.shutdown()


def forwards(np: Any, a: Any, y: Any, j: int) -> None:
    y[:, j] = 0.3 * a[:, j] + 0.7 * y[:, j - 1]


def backwards(np: Any, a: Any, y: Any, j: int) -> None:
    j = SIZE - 1 - j
    y[:, j] = 0.3 * y[:, j] + 0.7 * y[:, j + 1]


def rows(np: Any, a: Any, y: Any, j: int) -> None:
    y[j] = a[j] - y[j - 1]


def scaled(np: Any, a: Any, y: Any, j: int) -> None:
    y[j + 1 :, j] /= a[j, j, ...]


def eliminated(np: Any, a: Any, y: Any, j: int) -> None:
    y[j + 1 :, j + 1 :] -= 0.01 * np.outer(y[j + 1 :, j], y[j, j + 1 :])


def turned(np: Any, a: Any, y: Any, j: int) -> None:
    y[j, : j + 1] = a[: j + 1, j] * 2


def element(np: Any, a: Any, y: Any, j: int) -> None:
    y[j, j] = j


LOOPS = [forwards, backwards, rows, scaled, eliminated, turned, element]


class Said:
    """What the driver says to its workers, and what is planned."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.messages = self.plans = 0
        link = ENGINE.backend.link
        plain: Callable[[bytes], None] = link.command

        def command(message: bytes) -> None:
            self.messages += 1
            plain(message)

        patch.setattr(link, "command", command)

    def __call__(self, event: events.Event) -> None:
        self.plans += isinstance(event, events.Planned)


def arrays(np: Any) -> tuple[Any, Any]:
    rng = numpy.random.default_rng(3)
    a, y = rng.random((2, SIZE, SIZE)) + 1
    if np is numpy:
        return a, y
    made = ramba.asarray(a) * 1, ramba.asarray(y) * 1
    ramba.sync()
    return made


@pytest.mark.parametrize("loop", LOOPS)
def test_a_statement_of_a_loop_is_one_command(loop: Any, workers: int, monkeypatch: pytest.MonkeyPatch) -> None:
    (a, y), (b, z) = arrays(ramba), arrays(numpy)
    last = SIZE - 2
    for j in range(1, FIRST):
        loop(ramba, a, y, j)
    ramba.sync()
    said = Said(monkeypatch)
    asked: list[Any] = []
    waiting: list[Any] = []
    backend = ENGINE.backend
    pack = backend.pack

    def packed() -> None:
        waiting.extend(backend.waiting)
        pack()

    monkeypatch.setattr(backend, "pack", packed)
    with events.subscribe(said), events.subscribe(lambda e: asked.append(e) if isinstance(e, events.Asking) else None):
        for j in range(FIRST, last):
            loop(ramba, a, y, j)
        ENGINE.turn()
        backend.send()
    turns = last - FIRST
    assert said.plans == 0
    assert asked == []
    assert said.messages <= turns
    assert sum(isinstance(command, Assign) for command in waiting) == turns
    assert all(isinstance(command, Assign | Describe | Define | Drop) for command in waiting)
    for j in range(1, last):
        loop(numpy, b, z, j)
    assert_agree(y, z)


@pytest.mark.parametrize("loop", LOOPS)
def test_processes_are_told_once_for_each_statement(loop: Any) -> None:
    pytest.importorskip("zmq")
    with ramba.config.set(backend="processes", workers=2, eager_size=100):
        ramba.shutdown()
        try:
            (a, y), (b, z) = arrays(ramba), arrays(numpy)
            for j in range(1, SIZE - 2):
                loop(numpy, b, z, j)
            for j in range(1, FIRST):
                loop(ramba, a, y, j)
            ramba.sync()
            before, seen = ENGINE.backend.link.sent, list[Any]()
            with events.subscribe(seen.append):
                for j in range(FIRST, SIZE - 2):
                    loop(ramba, a, y, j)
                ENGINE.turn()
            assert ENGINE.backend.link.sent - before <= SIZE - 2 - FIRST
            assert not [event for event in seen if isinstance(event, events.Planned | events.Asking)]
            assert_agree(y, z)
        finally:
            ramba.shutdown()


def test_an_element_is_fetched_alone_and_by_one_question(workers: int) -> None:
    (a, _), (b, _) = arrays(ramba), arrays(numpy)
    seen = list[Any]()
    with events.subscribe(seen.append):
        assert a[70, 3] == b[70, 3]
        row = numpy.asarray(a[5])
    assert sum(isinstance(event, events.Asking) for event in seen) == 2
    assert not [event for event in seen if isinstance(event, events.Planned)]
    assert_agree(row, b[5])


def test_workers_that_hold_nothing_of_a_slice_are_left_alone(workers: int) -> None:
    a, y = arrays(ramba)
    for j in range(1, FIRST):
        rows(ramba, a, y, j)
    ramba.sync()
    post = ENGINE.backend.link.post
    before = post.messages
    for j in range(FIRST, SIZE):
        rows(ramba, a, y, j)
    ENGINE.turn()
    ENGINE.backend.send()
    # a row that another worker needs crosses each border between slabs once
    grid = y._buffer.node.storage.block.partition.grid
    assert grid[1] > 1 or post.messages - before <= grid[0] - 1


def test_what_comes_back_to_the_same_places_is_planned_once(workers: int) -> None:
    a, y = arrays(ramba)
    kinds: list[Any] = []

    def turn() -> None:
        for j in range(1, 4):
            y[:, j] = 0.5 * a[:, j]
        ramba.sync()

    for _ in range(FIRST):
        turn()
    with events.subscribe(kinds.append):
        turn()
    assert [e.cached for e in kinds if isinstance(e, events.Planned)] == []
    assert sum(isinstance(e, events.Flushed) for e in kinds) == 1


def test_a_loop_that_always_has_to_wait_is_left_alone(workers: int) -> None:
    (a, y), (b, z) = arrays(ramba), arrays(numpy)
    seen = list[Any]()
    kept = []
    with events.subscribe(seen.append):
        for j in range(1, SIZE):
            kept.append(a[j] * 2)  # somebody holds something pending in every turn
            y[:, j] = 0.5 * y[:, j - 1]
    assert sum(isinstance(event, events.Flushed) for event in seen) <= sliding.PATIENCE
    for j in range(1, SIZE):
        z[:, j] = 0.5 * z[:, j - 1]
    assert_agree(y, z)
    assert_agree(kept[-1], b[SIZE - 1] * 2)


def test_long_expressions_are_planned(workers: int) -> None:
    (_, y), (_, z) = arrays(ramba), arrays(numpy)
    for j in range(1, FIRST):
        for x in (y, z):
            value = x[:, j - 1]
            for _ in range(300):
                value = value * 0.5 + 1
            x[:, j] = value
    assert_agree(y, z)


@st.composite
def parts(draw: st.DrawFn) -> tuple[Any, ...]:
    """The same statement at a few places: where it writes, and two operands of one shape with it."""
    count, width = draw(st.integers(1, 6)), draw(st.integers(1, 6))
    steps = draw(st.lists(st.sampled_from([1, 2, -1, -2]), min_size=4, max_size=4))
    found = []
    for _ in range(draw(st.integers(2, 5))):
        keys = []
        for _ in range(3):
            key = []
            for extent, step in ((count, steps[0]), (width, steps[1])):
                span = (extent - 1) * abs(step) + 1
                low = draw(st.integers(0, 19 - span)) if span < 19 else 0
                key.append(slice(low, low + span, abs(step)))
                if step < 0:
                    stop = low - 1
                    key[-1] = slice(low + span - 1, None if stop < 0 else stop, step)
            keys.append(tuple(key))
        found.append(tuple(keys))
    return tuple(found)


@given(found=parts(), transposed=st.booleans(), look=st.booleans(), shared=st.booleans())
@pytest.mark.parametrize("count", [3, 7, *repeats(2)])
def test_any_places(count: int, found: Any, *, transposed: bool, look: bool, shared: bool) -> None:
    with (
        pytest.MonkeyPatch.context() as patch,
        ramba.config.set(backend="local", workers=count, eager_size=5, kernels="interpreted", verify=True),
    ):
        patch.setattr(sliding, "ENOUGH", 1)
        ramba.shutdown()
        try:
            results = []
            for np in (numpy, ramba):
                a = np.arange(400.0).reshape(20, 20) * 1
                y = np.arange(400.0, 0, -1).reshape(20, 20) * 1
                small = np.asarray(numpy.arange(6.0))
                kept = []
                for turn, (target, first, second) in enumerate(found):
                    extent = y[target].shape[1]
                    moved = a.T if transposed else a
                    y[target] = moved[first] * turn + y[second] - small[:extent] if extent <= 6 else 0
                    y[target] *= a[turn, turn, ...]
                    if look:
                        kept.append(float(y[target][0, 0]))
                    if shared and turn == 1:
                        kept.append(y.copy())
                results.append([y, *kept])
            for ours, theirs in zip(*reversed(results), strict=True):
                assert_agree(ours, theirs)
        finally:
            ramba.shutdown()


def test_flags_of_a_statement_are_told_under_its_errstate(workers: int) -> None:
    a, y = arrays(ramba)
    a[...] = 0
    with numpy.errstate(divide="ignore"):
        for j in range(1, FIRST + 5):
            y[:, j] = 1 / a[:, j]
        ramba.sync()
    with numpy.errstate(divide="raise"):
        for j in range(FIRST + 5, FIRST + 10):
            with pytest.raises(FloatingPointError, match="divide by zero"):
                y[:, j] = 1 / a[:, j]


def test_older_values_are_kept(workers: int) -> None:
    (_, y), (_, z) = arrays(ramba), arrays(numpy)
    old = {}
    for j in range(1, SIZE - 1):
        y[:, j] = 0.5 * y[:, j - 1]
        if j % 20 == 0:
            old[j] = y.copy(), y[:, j] * 3
    for j in range(1, SIZE - 1):
        z[:, j] = 0.5 * z[:, j - 1]
        if j in old:
            assert_agree(old[j][0], z)
            assert_agree(old[j][1], z[:, j] * 3)
    assert_agree(y, z)


def test_an_array_whose_statement_failed_is_lost(workers: int, monkeypatch: pytest.MonkeyPatch) -> None:
    a, y = arrays(ramba)
    for j in range(1, FIRST):
        forwards(ramba, a, y, j)
    ramba.sync()
    member = ENGINE.backend.link.workers[1]

    def refuse(*_: object) -> None:
        raise RuntimeError("no such plan")

    monkeypatch.setattr(member.assigning, "prepared", refuse)
    for j in range(FIRST, FIRST + 4):
        forwards(ramba, a, y, j)
    with pytest.raises(RuntimeError, match="no such plan"):
        ramba.sync()
    with pytest.raises(ArrayLostError):
        y.sum().item()
    assert_agree(a, arrays(numpy)[0])
