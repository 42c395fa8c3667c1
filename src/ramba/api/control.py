"""Ramba's own functions: when work is done, and what would be done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ramba import events
from ramba.engine import ENGINE
from ramba.engine import explain as explain_buffers
from ramba.lazyarray import ndarray


def sync() -> None:
    """Compute everything that is pending, and wait for it.

    Programs need it only to measure time or to bound memory: looking at a value computes what it needs.

    Examples
    --------
    >>> import ramba as np
    >>> a = np.arange(5) ** 2
    >>> np.sync()
    >>> a
    array([ 0,  1,  4,  9, 16])
    """
    ENGINE.sync()


def explain(*arrays: ndarray) -> str:
    """What computing the arrays would do, as text: graph, kernels, bytes, peak memory. Nothing is run.

    Examples
    --------
    >>> import ramba as np
    >>> print(np.explain(np.arange(3)))
    Nothing is pending: the values are in memory.
    """
    return explain_buffers([array._buffer for array in arrays if array._np is None])


class KernelCount:
    """How many kernels ran."""

    def __init__(self) -> None:
        self.kernels: list[str] = []  # their names, in the order they ran

    def __len__(self) -> int:
        return len(self.kernels)

    def __int__(self) -> int:
        return len(self.kernels)

    def __eq__(self, other: Any) -> bool:
        return len(self.kernels) == other

    def __hash__(self) -> int:
        return id(self)

    def __repr__(self) -> str:
        return f"<{len(self.kernels)} kernels>"


@contextmanager
def kernels_run() -> Iterator[KernelCount]:
    """Count the kernels that run in a ``with`` block.

    Examples
    --------
    >>> import ramba as np
    >>> with np.kernels_run() as count:
    ...     a = np.ones(100_000) * 2 + 1
    >>> count == 0
    True
    """
    count = KernelCount()

    def listen(event: events.Event) -> None:
        if isinstance(event, events.Ran):
            count.kernels.append(event.kernel)

    with events.subscribe(listen):
        yield count
