"""What a function on a worker sees of an array that lies on workers."""

from __future__ import annotations

import numpy as np

from ramba.layout import Partition
from ramba.runtime.pool import Block


class Part:
    """An array, of which this worker holds a block.

    Attributes
    ----------
    shape, dtype
        Of the whole array.
    start
        The index, in the whole array, of the block's first element.
    """

    def __init__(self, block: Block, dtype: np.dtype, partition: Partition, rank: int) -> None:
        self._block = block
        self._box = partition.block(rank)
        self._partition = partition
        self.shape = partition.shape
        self.dtype = dtype
        self.start = self._box.start
        self.lent = False  # whether the program goes on with the array meanwhile

    def local(self) -> np.ndarray:
        """This worker's block: its memory, not a copy; only to be read, if it was lent."""
        memory = self._block.array(self.dtype, self._box.extent)
        memory.flags.writeable = memory.flags.writeable and not self.lent
        return memory

    def whole(self) -> np.ndarray:
        """The whole array, if it lies on every worker.

        Raises
        ------
        ValueError
            If it does not: a function has no hold of other workers' blocks. Hand it ``redistribute(x, "whole")``.
        """
        if self.local().shape != self.shape:
            raise ValueError(
                f"This worker holds {self.local().shape} of an array of shape {self.shape}: hand the function "
                'redistribute(x, "whole"), and each worker has all of it.'
            )
        return self.local()

    def __repr__(self) -> str:
        return f"<part {self.local().shape} at {self.start} of {self.dtype}{list(self.shape)}>"


__all__ = ["Part"]
