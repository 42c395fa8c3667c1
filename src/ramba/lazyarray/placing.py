"""Where arrays lie on workers: how a user asks for it, and what he reads of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from ramba.engine import ENGINE
from ramba.engine.keeper import KEEPER
from ramba.graph import Placed, Ref
from ramba.layout import Box, Partition
from ramba.layout.distribution import slices, wanted
from ramba.lazyarray.convert import asarray
from ramba.lazyarray.core import Array, define, is_compiled, ndarray, on_buffer, reads_in_place, ref
from ramba.lazyarray.info import info

MOST_LINES = 8  # workers that are named one by one


class Distribution(NamedTuple):
    """Where the blocks of an array lie; prints as its dtype and shape, with the cuts, and what each worker holds."""

    dtype: np.dtype
    shape: tuple[int, ...]
    partition: Partition | None  # of the array, or of that of which it is a view; None where there are no workers
    blocks: tuple[tuple[int, Box], ...]  # worker and part, of this array; empty if there are too many, or no parts

    @property
    def replicated(self) -> bool:
        """Whether every worker has all of it."""
        return self.partition is not None and self.partition.replicated

    def __repr__(self) -> str:
        if self.partition is None:
            return f"{self.dtype}{list(self.shape)} in this process"
        if self.partition.replicated:
            return f"{self.dtype}{list(self.shape)} whole on every worker"
        whole = self.partition.shape == self.shape
        cuts = [
            f"{extent} @ {parts}" if parts > 1 else str(extent)
            for extent, parts in zip(self.partition.shape, self.partition.grid, strict=True)
        ]
        head = f"{self.dtype}[{', '.join(cuts)}]"
        lines = [head if whole else f"{self.dtype}{list(self.shape)} of {head}"]
        lines += [f"  worker {rank}: {slices(box)}" for rank, box in self.blocks[:MOST_LINES]]
        if len(self.blocks) > MOST_LINES:
            lines.append(f"  ... and {len(self.blocks) - MOST_LINES} more")
        return "\n".join(lines)


def distribution_of(x: ndarray) -> Distribution:
    """Where the blocks of an array lie, or will lie once it is computed. Nothing is computed.

    Returns
    -------
    Distribution
        A named tuple: dtype, shape, the partition, and each worker's blocks. It may be given as ``distribution=``.

    Examples
    --------
    >>> import ramba as np
    >>> np.zeros((2000, 3000)).distribution
    float64[2000, 3000] in this process
    """
    facts = info(x)
    return Distribution(facts.dtype, facts.shape, facts.partition, facts.blocks)


def redistribute(x: Any, distribution: Any) -> ndarray:
    """The same elements, lying on the workers as wanted. Where there are no workers, the array itself.

    Parameters
    ----------
    x : array_like
    distribution : int, sequence, str, array or Distribution
        The axis to cut; for each dimension a number of blocks, None (as it comes) or where the blocks begin and end;
        ``"whole"``: all of it on every worker; an array, to lie as it does; or integers of shape
        ``(workers, 2, dimensions)``: first and last index of each worker's block.

    Returns
    -------
    ndarray
        A new array, computed when somebody looks at it.

    Raises
    ------
    ValueError
        If an array of this shape, or so few workers, cannot have it.
    TypeError
        If it is no distribution.

    Examples
    --------
    >>> import ramba as np
    >>> a = np.arange(6.0).reshape(2, 3)
    >>> (np.redistribute(a, 1) == a).all()
    True
    """
    x = asarray(x)
    lies = partition_of(distribution, x.shape)
    if lies is None or not ENGINE.distributed or not is_compiled(x.dtype):
        return x
    with ENGINE.lock:
        reading = ref(x)
        assert isinstance(reading, Ref)
        made = on_buffer(ENGINE.record(Placed(reading, lies, x.dtype, x.shape), "redistribute"))
        if reads_in_place(x):
            ENGINE.flush()
    return made


def partition_of(distribution: Any, shape: tuple[int, ...]) -> Partition | None:
    """The partition that a distribution asks for; None if it is the usual one. Raises as `redistribute` does."""
    if isinstance(distribution, Array) and not (distribution.ndim == 3 and distribution.dtype.kind in "iu"):
        distribution = distribution_of(distribution)
    elif isinstance(distribution, Array):
        distribution = np.asarray(distribution)
    if isinstance(distribution, Distribution):
        if distribution.partition is None or distribution.partition.shape != distribution.shape:
            return None  # a view lies as its base does
        distribution = distribution.partition
    return wanted(distribution, shape, _workers())


def _workers() -> int:
    """How many workers there are, or would be if they were needed."""
    if not ENGINE.distributed:
        return 0
    return int(getattr(KEEPER.backend, "size", 0))


def _cut(made: Any, dimensions: Any) -> Any:
    """An array with some of its dimensions cut."""
    if dimensions is None:
        return made
    cut = {range(made.ndim)[axis] for axis in np.atleast_1d(np.asarray(dimensions, int))}
    return redistribute(made, [None if d in cut else 1 for d in range(made.ndim)])


def _kept(made: Any, dimensions: Any) -> Any:
    """An array with some of its dimensions not cut."""
    if dimensions is None:
        return made
    kept = {range(made.ndim)[axis] for axis in np.atleast_1d(dimensions)}
    return _cut(made, [d for d in range(made.ndim) if d not in kept])


PLACING: Mapping[str, Callable[[Any, Any], Any]] = {
    "distribution": redistribute,
    "dist_dims": _cut,
    "dims_do_not_distribute": _kept,
    "local_border": lambda made, width: made,  # no array has margins
}
"""What functions that make arrays take besides NumPy's arguments: where the array is to lie."""

define("distribution", property(distribution_of, doc=distribution_of.__doc__))

__all__ = ["PLACING", "Distribution", "distribution_of", "partition_of", "redistribute"]
