"""Calls of functions of Python on all workers: of arrays, each sees its own part."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ramba.engine import ENGINE
from ramba.engine.guests import without_guests
from ramba.engine.lost import loss
from ramba.graph import Stored
from ramba.lazyarray.calls import reading
from ramba.lazyarray.core import Array, dtype_of, ndarray


def everywhere(function: Callable[..., Any], *args: object, **named: object) -> list[Any]:
    """What a function gives on each worker, by rank; in one process, on that alone.

    On workers, an array among the arguments, or in what they hold, is a `Part` there: its elements stay where they are.
    """
    return _called(function, args, named, True)


def read_everywhere(function: Callable[..., Any], *args: object) -> list[Any]:
    """The same for a function that writes to no array."""
    return _called(function, args, {}, False)


def _called(function: Callable[..., Any], args: tuple[Any, ...], named: dict[str, Any], writes: bool) -> list[Any]:
    if not ENGINE.distributed:
        return [function(*args, **named)]
    with ENGINE.lock:
        inputs: list[Any] = []

        def refer(value: object) -> int | None:
            if not isinstance(value, Array):
                return None
            inputs.append(block_of(value))
            return len(inputs) - 1

        with without_guests(ENGINE):
            return ENGINE.backend.everywhere(function, args, named, refer, inputs, writes)


def block_of(a: ndarray) -> Any:
    """Where an array lies, computed if need be: memory, or a `Sharded`. For who holds the engine's lock."""
    buffer, _ = ENGINE.operand(reading(a, dtype_of(a)))
    if buffer.hold is None:
        ENGINE.flush([buffer])
    node = buffer.node
    if not isinstance(node, Stored):
        raise loss(node)
    return ENGINE.backend.hold(node)


__all__ = ["block_of", "everywhere", "read_everywhere"]
