"""Who computes: how many elements are NumPy's at once, and what is remembered of operations that were looked at.

The limits are in `ramba.limits`. The same rules in C are `limit`, `is_alone` and `begins_chain` in native/.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import prod
from typing import Any

from ramba import config
from ramba.graph import Library, Map, Node, Reduce, Update, reachable
from ramba.limits import FEW, MOST_ALONE, MOST_NEW, MOST_TIMES
from ramba.runtime.backend import chosen

_known: list[Any] = [None, 1]  # settings, and the most times that the eager size of elements are few under them


def sizes() -> tuple[int, int, bool]:
    """Setting `eager_size`; how many times as many are NumPy's (no more, if there are workers); setting `eager`."""
    settings = config.current()
    if settings is not _known[0]:
        _known[:] = settings, MOST_TIMES if chosen() == "threads" else 1
    return settings.eager_size, _known[1], settings.eager


def few(times: int) -> int:
    """How many elements are so few that NumPy has them done before they are recorded and run; see `most_for`."""
    size, most, _ = sizes()
    return size * min(times, most)


def most_for(cost: float) -> int:
    """How many times the eager size of elements are NumPy's, if one of them takes as long as `cost` additions."""
    return max(1, int(min(FEW / min(cost, 1), MOST_ALONE / cost)))


def is_few(node: Node) -> bool:
    """Whether NumPy would have done an operation, had its operands been there: whether it touches few elements."""
    sizes = [prod(node.view.shape if type(node) is Update else node.shape)]
    if type(node) is Reduce:
        sizes.append(prod(node.arg.view.shape))
    elif type(node) is Library:
        sizes += [prod(arg.view.shape) for arg in node.args]
    return max(sizes) <= FEW * config.current().eager_size


class Alone(dict[str, int]):
    """Operations that gained nothing from being recorded, with how many elements they had the last time.

    Either somebody looked at one before another followed, or its flush needed a new plan, as one before it. NumPy does
    them at once from then on, until the result is the operand of one that is not among them.
    """

    def __init__(self) -> None:
        super().__init__()
        self._new = 0  # plans of few elements that were made of late, over half of those that were found

    def planned(self, new: bool, roots: Iterable[Node]) -> None:
        """Notes that a flush has found its plan, or needed a new one."""
        self._new = min(self._new + 2, 2 * MOST_NEW) if new else max(self._new - 1, 0)
        if self._new < 2 * MOST_NEW or not new:
            return
        for root in roots:
            for node in reachable(root):
                if type(node) is Map and is_few(node):
                    self[node.op] = prod(node.shape)


__all__ = ["Alone", "few", "is_few", "most_for", "sizes"]
