"""What is computed when, and who keeps which memory: nodes and buffers, without arrays of the user's."""

from __future__ import annotations

import numpy as np
import pytest

from ramba.engine import ENGINE
from ramba.engine.buffer import Buffer
from ramba.graph import Const, Fill, Map, Ref, Stored, Update
from ramba.layout import View, identity

F8 = np.dtype("f8")


@pytest.fixture(autouse=True)
def nothing_pending() -> None:
    ENGINE.sync()


def made(values: np.ndarray) -> Buffer:
    return ENGINE.stored(np.ascontiguousarray(values))


def doubled(buffer: Buffer) -> Buffer:
    reading = Ref(buffer.node, identity(buffer.shape))
    return ENGINE.record(Map("add", 0, (reading, reading), F8, buffer.shape), "test")


def test_nothing_is_computed_before_somebody_looks() -> None:
    result = doubled(made(np.arange(30_000.0)))
    assert result.hold is None
    np.testing.assert_array_equal(ENGINE.memory(result), np.arange(30_000.0) * 2)
    assert result.hold is not None


def test_what_nobody_holds_is_not_stored() -> None:
    inner = doubled(made(np.arange(30_000.0)))
    outer = doubled(inner)
    del inner
    ENGINE.flush()
    assert isinstance(outer.node, Stored)
    assert float(ENGINE.memory(outer)[5]) == 20.0


def test_a_reader_keeps_the_value_of_its_time() -> None:
    buffer = made(np.zeros(30_000))
    before = doubled(buffer)
    view = View(0, (10_000,), (1,))
    one = Const(np.float64(1), F8)
    ENGINE.assign(buffer, Update(buffer.node, view, one, F8, buffer.shape), "test")
    ENGINE.flush()
    assert float(ENGINE.memory(before).sum()) == 0.0
    assert float(ENGINE.memory(buffer).sum()) == 10_000.0


def test_sole_memory_is_written_over_and_shared_memory_is_not() -> None:
    buffer = made(np.zeros(30_000))
    address = ENGINE.memory(buffer).ctypes.data
    other = ENGINE.share(buffer)
    one = Const(np.float64(1), F8)
    ENGINE.assign(buffer, Update(buffer.node, View(0, (9,), (1,)), one, F8, buffer.shape), "test")
    ENGINE.flush()
    assert float(ENGINE.memory(other).sum()) == 0.0
    assert ENGINE.memory(other).ctypes.data == address


def test_a_call_is_run_at_once_and_reads_views() -> None:
    buffer = doubled(made(np.arange(30_000.0)))
    mask = made(np.arange(15_000) % 5_000 == 0)
    even = ENGINE.operand(Ref(buffer.node, View(0, (15_000,), (2,))))
    chosen = ENGINE.operand(Ref(mask.node, identity(mask.shape)))
    (found,) = ENGINE.call("compress", [even, chosen], (), 1)
    np.testing.assert_array_equal(ENGINE.memory(found), [0.0, 20_000.0, 40_000.0])


def test_recipes_need_no_memory() -> None:
    buffer = ENGINE.record(Fill(np.float64(3), F8, (30_000,)), "fill")
    ENGINE.flush()
    assert buffer.hold is None
    assert float(ENGINE.memory(buffer)[-1]) == 3.0
