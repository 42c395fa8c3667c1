"""A flush of one operation on elements that are there: NumPy's own loop has it done before a plan is found."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from math import prod
from typing import Any, cast

import numpy as np

from ramba import config, events
from ramba.engine.buffer import Buffer
from ramba.engine.choice import Alone
from ramba.graph import Const, Library, Map, Node, Ref, Storage, Stored
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


_OF_PICKS: dict[str, Callable[..., Any]] = {"isnan": np.isnan, "logical_not": np.logical_not, "where": np.where}
_BRANCHING = frozenset({"where"})  # NumPy chooses element by element, and processors guess wrong


def computed(buffer: Buffer, backend: Backend, state: object, alone: Alone) -> bool:
    """Computes a buffer whose value is one operation on stored values, and notes it; False if it is something else."""
    node, settings = buffer.node, config.current()
    if type(node) is Library or (type(node) is Map and node.op in _OF_PICKS and is_few_picked(node)):
        return _picked(buffer, node, backend)
    if type(node) is not Map or settings.kernels != "auto":
        return False
    op = OPS[node.op]
    if buffer.size * max(op.cost, 1.0) > MOST_ALONE * settings.eager_size:
        return False
    if op.nout != 1 or op.views or op.cost > HIGHEST_COST or node.op in _BRANCHING or backend.distributed:
        return False
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
    for begins in events.before_run:
        begins()
    begin = time.perf_counter() if events.run_listeners else 0.0
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


def _picked(buffer: Buffer, node: Library | Map, backend: Backend) -> bool:
    """Computes a buffer of few elements that are picked of stored values, or made of those; False if it is not one."""
    if not is_few_picked(node) or backend.distributed:
        return False
    made = backend.pool.take(max(buffer.size * node.dtype.itemsize, 1))
    made.array(node.dtype, node.shape)[...] = _by_numpy(node)
    if buffer.node is node:
        buffer.settle(Stored(Storage(made), node.dtype, node.shape))
    return True


def _by_numpy(node: Any) -> Any:
    """What NumPy makes of a pick, of what is made of it, or of a reduction."""
    if type(node) is Map:
        return _OF_PICKS[node.op](*[arg.value if isinstance(arg, Const) else _by_numpy(arg.node) for arg in node.args])
    if node.function == "quantile_groups":
        found = _by_numpy(node.args[0].node)
        return np.nanmedian(found, 0) if node.params[3] else np.median(found, 0)
    source, index = (shown(arg.node.storage.block.array(arg.node.dtype, arg.node.shape), arg.view) for arg in node.args)
    found = source[(slice(None),) * node.params[-2 if node.function == "reduce_picked" else 0] + (index,)]
    if node.function == "pick":
        return found
    name, axis, ddof = node.params
    if name == "count":
        return np.count_nonzero(found == found, axis=axis)
    return getattr(np, name)(found, axis=axis, **({"ddof": ddof} if ddof else {}))


def is_few_picked(node: Node) -> bool:
    """Whether a value is made of so few picked, stored elements that NumPy does it sooner than it is planned."""
    if type(node) is Map:
        if node.op not in _OF_PICKS:
            return False
        given: list[Any] = [arg for arg in node.args if type(arg) is Ref]
        return bool(given) and all(x.view == identity(x.node.shape) and is_few_picked(x.node) for x in given)
    if type(node) is not Library or node.function not in ("pick", "reduce_picked", "quantile_groups"):
        return False
    source, index = cast(Sequence[Ref], node.args)
    if node.function == "quantile_groups":
        return type(source.node) is Library and node.params[:3] == (0, 1, (0.5,)) and is_few_picked(source.node)
    axis = node.params[-2 if node.function == "reduce_picked" else 0]
    picked = prod(source.view.shape) // max(source.view.shape[axis], 1) * index.view.shape[0]
    if picked > PICKED * config.current().eager_size:
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
