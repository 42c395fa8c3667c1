"""A flush of one operation on elements that are there: NumPy's own loop has it done before a plan is found."""

from __future__ import annotations

import time
from math import prod
from typing import Any, cast

import numpy as np

from ramba import config, events
from ramba.engine.buffer import Buffer
from ramba.engine.choice import Alone
from ramba.graph import Const, Library, Map, Ref, Storage, Stored
from ramba.layout import View, identity
from ramba.limits import HIGHEST_COST, MOST_ALONE, PICKED
from ramba.ops import OPS, Op
from ramba.plan.fp_flags import FLAGS
from ramba.runtime.backend import Backend
from ramba.runtime.executor import Flags
from ramba.runtime.pool import Block

_umath: Any = np._core.umath  # type: ignore[attr-defined]
_floating_point_state = _umath._extobj_contextvar
_flags = Flags()  # of whoever holds the engine's lock
_told = _umath._make_extobj(all="call", call=_flags)


def shown(memory: np.ndarray, view: View) -> np.ndarray:
    """Memory in C order, through a view of it."""
    if 0 in view.shape:
        return np.empty(view.shape, memory.dtype)
    if view == identity(memory.shape):
        return memory
    size = memory.dtype.itemsize
    strides = tuple(s * size for s in view.strides)
    return np.ndarray(view.shape, memory.dtype, memory, view.offset * size, strides)


_BRANCHING = frozenset({"where"})  # NumPy chooses element by element, and processors guess wrong


def computed(buffer: Buffer, backend: Backend, state: object, alone: Alone) -> bool:
    """Computes a buffer whose value is one operation on stored values, and notes it; False if it is something else."""
    node, settings = buffer.node, config.current()
    if type(node) is Library:
        return _picked(buffer, node, backend)
    if type(node) is not Map or settings.kernels != "auto":
        return False
    op = OPS[node.op]
    if buffer.size * max(op.cost, 1.0) > MOST_ALONE * settings.eager_size:
        return False
    if op.nout != 1 or op.views or op.cost > HIGHEST_COST or node.op in _BRANCHING or backend.distributed:
        return False
    begin = time.perf_counter() if events.run_listeners else 0.0
    args: list[Any] = []
    for arg in node.args:
        if type(arg) is Const:
            args.append(arg.value)
            continue
        source, view = cast(Ref, arg)
        block = source.storage.block if isinstance(source, Stored) else None
        if type(block) is not Block:
            return False
        args.append(shown(block.array(source.dtype, source.shape), view))
    alone[node.op] = buffer.size
    made = backend.pool.take(max(buffer.size * node.dtype.itemsize, 1))
    dtype = args[0].dtype.str[1:]
    out = made.array(node.dtype, node.shape)
    if op.flags(dtype, node.dtype.str[1:]):
        flags = _interpret(op, args, out)
        if flags:
            backend.raised += [(state, bit, op.name) for bit, _ in FLAGS if flags & bit]
    else:
        op.interpret(args, node.dtype, out)
    if buffer.node is node:  # else somebody gave it another value meanwhile
        buffer.settle(Stored(Storage(made), node.dtype, node.shape))
    if events.run_listeners:
        _tell(op, node, time.perf_counter() - begin)
    return True


def _picked(buffer: Buffer, node: Library, backend: Backend) -> bool:
    """Computes a buffer of few elements that an index array picks of stored values; False if it is something else."""
    if not is_few_picked(node) or backend.distributed:
        return False
    source, index = (
        shown(arg.node.storage.block.array(arg.node.dtype, arg.node.shape), arg.view)  # type: ignore[union-attr]
        for arg in node.args
    )
    made = backend.pool.take(max(buffer.size * node.dtype.itemsize, 1))
    made.array(node.dtype, node.shape)[...] = source[(slice(None),) * node.params[0] + (index,)]
    if buffer.node is node:
        buffer.settle(Stored(Storage(made), node.dtype, node.shape))
    return True


def is_few_picked(node: Library) -> bool:
    """Whether a call picks so few stored elements that NumPy does it sooner than it is planned."""
    if node.function != "pick" or prod(node.shape) > PICKED * config.current().eager_size:
        return False
    return all(type(arg.node) is Stored and type(arg.node.storage.block) is Block for arg in node.args)


def _tell(op: Op, node: Map, seconds: float) -> None:
    """Tells who listens of a run with one kernel."""
    text = f"for j:\n    v1 = {op.digest}(v0) -> {node.dtype.str[1:]}"
    for event in (events.Began(1), events.Ran(text, "interpreted", 1, seconds), events.Flushed(1, seconds)):
        events.tell_run(event)


def _interpret(op: Op, args: list[Any], out: np.ndarray) -> int:
    """Computes an operation; gives the floating-point flags that it raised."""
    _flags.raised = 0
    token = _floating_point_state.set(_told)  # a fifth of the time of np.errstate
    try:
        op.interpret(args, out.dtype, out)
    finally:
        _floating_point_state.reset(token)
    return _flags.raised


__all__ = ["computed", "is_few_picked", "shown"]
