"""Picks that go on waiting while all else is computed: they raise no flags, so no errstate is theirs."""

from __future__ import annotations

import weakref
from collections.abc import Iterable
from typing import Protocol

from ramba.engine.buffer import Buffer
from ramba.graph import Library, Ref, Stored, reachable

MOST = 16  # pending buffers that are looked through


class Recorder(Protocol):
    """Who has buffers that are pending."""

    pending: list[weakref.ref[Buffer]]
    postponed: list[weakref.ref[Buffer]]

    def flush(self, demanded: Iterable[Buffer] = (), given: Buffer | None = None, depth: int = 2) -> None:
        """Computes what is pending."""


def flush_all_but_picks(engine: Recorder) -> None:
    """Computes what is pending, except picks that nothing pending reads: they pick of what is computed then."""
    if not engine.pending:
        return
    kept = _apart(engine.pending)
    left = {id(buffer) for buffer, _ in kept}
    if kept:
        engine.pending = [r for r in engine.pending if id(r()) not in left]
        engine.postponed = engine.postponed + [weakref.ref(buffer) for buffer, _ in kept]  # what they read stays
    try:
        engine.flush(depth=3)
    finally:
        if kept:
            engine.postponed = [r for r in engine.postponed if id(r()) not in left]
        for buffer, owner in kept:
            if buffer.hold is None and type(buffer.node) is Library:
                buffer.node = _of_computed(buffer.node, owner)
                engine.pending.append(weakref.ref(buffer))


def _apart(pending: list[weakref.ref[Buffer]]) -> list[tuple[Buffer, Buffer | None]]:
    """Picks, and the buffers of what they pick: a pick of what no buffer has would be computed twice."""
    buffers = [b for r in pending if (b := r()) is not None and b.hold is None]
    picks = [b for b in buffers if type(b.node) is Library and b.node.function == "pick"]
    if not picks or len(buffers) > MOST:
        return []
    read = {id(node) for b in buffers for node in reachable(b.node) if node is not b.node}
    owners = {id(b.node): b for b in buffers}
    found: list[tuple[Buffer, Buffer | None]] = []
    for pick in picks:
        assert isinstance(pick.node, Library)
        source, index = (arg.node for arg in pick.node.args)
        owner = owners.get(id(source))
        known = type(source) is Stored or owner is not None
        if id(pick.node) not in read and known and type(index) is Stored:
            found.append((pick, owner))
    return found


def _of_computed(node: Library, owner: Buffer | None) -> Library:
    """A pick of what its source has become."""
    if owner is None or type(owner.node) is not Stored:
        return node
    source, *rest = node.args
    return node._replace(args=(Ref(owner.node, source.view), *rest))


__all__ = ["flush_all_but_picks"]
