"""Which strips of arrays the workers keep when they are sent them: the driver's part of `strips`.

Thin strips are kept at once, if they would be messages of their own anyway; others when they are asked for once more,
so that no array which is read once costs memory or another message. How much is kept is bounded.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, MutableMapping, Sequence
from math import prod
from typing import NamedTuple

import numpy as np

from ramba.plan import Exchange, Moved, Plan, most_received
from ramba.runtime.sharded import Sharded

THIN = 8  # strips that are this part of an array's block at most
SHARE = 8  # strips that are not thin may take this part of free memory
MOST = 8  # ways to read one array whose strips are kept
MOST_PLANS = 512  # that are looked through once
_LARGE = 64 << 20  # bytes a plan takes from which free memory is looked at


class _Kept(NamedTuple):
    """What there is to know of one exchange of a plan."""

    round: int
    slot: int
    kind: int  # equal for those that exchange the same strips
    nbytes: int  # that a worker is sent, at most
    thin: bool  # whether that is little beside a block of the array
    alone: bool  # whether the messages hold nothing of another array


class KeptStrips:
    """The numbers of strips that workers keep, by array and what is exchanged."""

    def __init__(self, numbers: Iterator[int], arrays: MutableMapping[int, Sharded]) -> None:
        self.numbers = numbers
        self.arrays = arrays
        self.kinds: dict[Moved, int] = {}
        self.plans: dict[int, list[_Kept]] = {}
        self._counted = itertools.count()
        self.free: list[int] = []  # that nobody wants any more: workers are told with the next message

    def kept(
        self, number: int, plan: Plan, inputs: Sequence[Sharded | None], workers: int, spare: Callable[[], int]
    ) -> tuple[tuple[int, int, int], ...]:
        """Round, slot and number of the strips of a plan's inputs that are kept, or will be.

        ``number`` is the plan's; ``spare`` gives the bytes that a worker may take; 0 if nothing may depend on that.
        """
        if plan.peak > _LARGE and self.held() and 0 < spare() < plan.peak:
            self.release()
        known = self.plans.get(number)
        if known is None:
            if len(self.plans) >= MOST_PLANS:
                self.plans.clear()
                self.kinds.clear()
            known = self.plans[number] = [self.look(exchange, workers) for exchange in plan.exchanges]
        found = []
        for exchange in known:
            array = inputs[exchange.slot]
            if array is not None and (name := self.name(exchange, array, spare)):
                found.append((exchange.round, exchange.slot, name))
        return tuple(found)

    def look(self, exchange: Exchange, workers: int) -> _Kept:
        """What there is to know of an exchange."""
        number, slot, dtype, moved = exchange
        kind = self.kinds.get(moved)
        if kind is None:
            kind = self.kinds[moved] = next(self._counted)
        size = most_received(moved, workers)
        lying = next(load.partition for load in moved.loads if load.slot)
        thin = size * THIN * max(lying.blocks, 1) <= prod(lying.shape)
        return _Kept(number, slot, kind, size * np.dtype(dtype).itemsize, thin, moved.alone)

    def name(self, exchange: _Kept, array: Sharded, spare: Callable[[], int]) -> int:
        """The number of strips; 0 if they are not to be kept."""
        key = array.number, exchange.kind  # an array that is computed again gets another number
        known = array.strips.get(key)
        if known is not None and known[0]:
            return known[0]
        if known is None and len(array.strips) >= MOST:
            return 0
        if known is None:
            keep = exchange.thin and exchange.alone
        else:
            keep = exchange.thin or self.held() + exchange.nbytes <= spare() // SHARE
        made = array.strips[key] = (next(self.numbers), exchange.nbytes) if keep else (0, 0)
        return made[0]

    def held(self) -> int:
        """Bytes of strips that a worker keeps at most."""
        return sum(nbytes for array in list(self.arrays.values()) for _, nbytes in array.strips.values())

    def release(self) -> None:
        """None are kept any more."""
        for array in list(self.arrays.values()):
            self.free += [name for name, _ in array.strips.values() if name]
            array.strips = {}


__all__ = ["KeptStrips"]
