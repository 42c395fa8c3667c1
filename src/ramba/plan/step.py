"""A plan: what will be run, in which order, on which memory. Plain data: it prints, compares and pickles."""

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias

from ramba.layout import View
from ramba.plan.spec import KernelSpec, Tiles


class Access(NamedTuple):
    """Where an operand of a kernel lives: offset and strides in elements, one stride per loop."""

    slot: int  # -1 for an index operand: its value is the element position itself
    offset: int
    strides: tuple[int, ...]


class Kernel(NamedTuple):
    """Runs one fused loop nest."""

    spec: KernelSpec
    extents: tuple[int, ...]
    tiles: Tiles
    accesses: tuple[Access | int, ...]  # one per operand of the spec; a number names a scalar of the flush
    compiled: bool  # False: some operation of it only exists as NumPy's own loop


class Whole(NamedTuple):
    """An operand of a library call: a view of a slot."""

    slot: int
    dtype: str
    view: View


class Call(NamedTuple):
    """Calls a library kernel: output first, then inputs."""

    function: str
    target: int
    dtype: str
    shape: tuple[int, ...]
    inputs: tuple[Whole, ...]
    params: tuple[Any, ...]


class Combine(NamedTuple):
    """Folds the partial results of tiles, pairwise in a fixed tree, into the result."""

    op: str
    source: int
    blocks: int
    target: int
    dtype: str
    size: int  # elements


class Allocate(NamedTuple):
    """Gives a slot memory."""

    slot: int
    dtype: str
    size: int  # elements


class Free(NamedTuple):
    """Gives a slot's memory back."""

    slot: int


Step: TypeAlias = Kernel | Call | Combine | Allocate | Free


class Plan(NamedTuple):
    """The steps of one flush. Slots below ``inputs`` are the stored values of the program, in order."""

    inputs: int
    steps: tuple[Step, ...]
    results: tuple[int, ...]  # the slot of each root
    peak: int  # bytes that the steps hold at most, beyond the inputs

    @property
    def kernels(self) -> int:
        """How many fused kernels the plan runs."""
        return sum(isinstance(step, Kernel) for step in self.steps)
