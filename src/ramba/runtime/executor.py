"""Runs one kernel: compiled where that pays, interpreted by NumPy's own loops else.

A kernel that was never compiled on this machine runs in the interpreter until the work it has done there would have
paid for compiling it (the ski-rental rule: at most twice the cost of the better choice). What counts is elements,
operations and runs, never time: a program behaves the same in every run.
"""

from __future__ import annotations

import builtins
import time
from array import array
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np

from ramba import config, events
from ramba.codegen.compile import cached_kernel, compile_kernel
from ramba.codegen.interpret import interpret
from ramba.codegen.native import Code
from ramba.codegen.shifted import shifted
from ramba.kernels.local import copy
from ramba.limits import EARNED, PER_RUN
from ramba.ops import is_exact
from ramba.plan import KernelSpec, show
from ramba.runtime.launch import Launch, views
from ramba.runtime.pool import Block, Pool
from ramba.runtime.spilling import Spill, parts, reached
from ramba.runtime.team import current, in_numpy_numbers

MOST_KERNELS = 1024


class Executor:
    """The kernels of one worker, and its thread team."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool  # where operands lie
        self.compiled: OrderedDict[KernelSpec, Code] = OrderedDict()
        self.earned: OrderedDict[KernelSpec, float] = OrderedDict()
        self.compiling: set[KernelSpec] = set()
        self.steady = False  # whether the bits of a result must not depend on what ran before

    def run(
        self,
        launch: Launch,
        addresses: list[int],
        blocks: Sequence[Block | None],
        scalars: Sequence[np.generic],
        damaged: set[int] | None = None,
        held: bool = False,
    ) -> int:
        """Runs a kernel over all its tiles; gives the floating-point flags it raised.

        The slots that it writes are `damaged` from its beginning on: an interrupt while it is compiled harms nothing.
        Operands that may be in files are read first, if they are not `held` in memory.
        """
        if self.pool.spill is not None and not held:
            return self.spilled(self.pool.spill, launch, addresses, blocks, scalars, damaged)
        if launch.moves and self.moved(launch, blocks, damaged):
            return 0
        code = self.code(launch)
        if damaged is not None:
            damaged.update(launch.writes)
        start = time.perf_counter() if events.run_listeners else 0.0
        if code is None:
            flags = self.interpret(launch, blocks, scalars)
        else:
            flags = _launched(launch, code, addresses, scalars)
        if events.run_listeners:
            how = "interpreted" if code is None else "compiled"
            events.tell_run(_ran(launch, how, time.perf_counter() - start))
        return flags

    def spilled(
        self,
        spill: Spill,
        launch: Launch,
        addresses: list[int],
        blocks: Sequence[Block | None],
        scalars: Sequence[np.generic],
        damaged: set[int] | None,
    ) -> int:
        """`run`, where operands may be in files: in parts, if they do not fit into memory together."""
        needed = _needed(launch, 0, launch.count, blocks)
        pieces = spill.pieces((low, high) for low, high, _ in needed)
        code = self.code(launch) if pieces > 1 and launch.count > 1 else None
        spill.pressing = bool(damaged)
        if pieces == 1 or launch.count == 1 or (code is not None and code.polls):
            with spill.using(needed):
                return self.run(launch, addresses, blocks, scalars, damaged, held=True)
        start, flags = time.perf_counter() if events.run_listeners else 0.0, 0
        work = [(first, last, _needed(launch, first, last, blocks)) for first, last in parts(launch.count, pieces)]
        for number, (first, last, needed) in enumerate(work):
            ahead = work[number + 1][2] if number + 1 < len(work) else []
            with spill.using(needed, [(low, high) for low, high, _ in ahead]):
                if damaged is not None:
                    damaged.update(launch.writes)
                    spill.pressing = True
                if code is None:
                    flags |= self.interpret(launch, blocks, scalars, first, last)
                else:
                    words = launch.block(addresses, scalars)
                    begin = array("q", (code.address, words.buffer_info()[0], first))
                    flags |= current().run(shifted().address, begin.buffer_info()[0], last - first)
        if events.run_listeners:
            how = "interpreted" if code is None else "compiled"
            events.tell_run(_ran(launch, how, time.perf_counter() - start))
        return flags

    def moved(self, launch: Launch, blocks: Sequence[Block | None], damaged: set[int] | None) -> bool:
        """Copies what a kernel moves, if there is a faster loop for how it lies; gives whether there was."""
        kernel, start = launch.kernel, time.perf_counter() if events.run_listeners else 0.0
        if launch.points < copy.MANY or config.current().kernels != "auto":
            return False
        operands = views(kernel, blocks, ())
        pairs = [(operands[to], operands[source]) for to, source in launch.moves]
        sources = [a for _, a in pairs]
        if not all(copy.is_moved(*pair) for pair in pairs):
            return False
        if any(np.may_share_memory(out, a) for out, _ in pairs for a in sources):  # an assignment in place
            return False
        if damaged is not None:
            damaged.update(launch.writes)
        copy.copy(current(), pairs)
        if events.run_listeners:
            events.tell_run(_ran(launch, "compiled", time.perf_counter() - start))
        return True

    def interpret(
        self,
        launch: Launch,
        blocks: Sequence[Block | None],
        scalars: Sequence[np.generic],
        first: int = 0,
        last: int | None = None,
    ) -> int:
        """Runs all tiles of a kernel, or some, by NumPy's own loops."""
        kernel, flags = launch.kernel, Flags()
        operands = views(kernel, blocks, scalars)

        def tile(number: int) -> None:
            interpret(kernel.spec, operands, kernel.extents, kernel.tiles, first + number)

        with np.errstate(call=flags, all="call"):  # the team's threads get it from here
            current().map(tile, (launch.count if last is None else last) - first)
        return flags.raised

    def code(self, launch: Launch) -> Code | None:
        """The machine code of a kernel, if it is there or has earned its compilation."""
        choice = config.current().kernels
        if not launch.kernel.compiled or choice == "interpreted":
            return None
        if launch.code is None:
            launch.code = self.compiled.get(launch.kernel.spec) or self.earned_code(launch, choice)
        return launch.code

    def earned_code(self, launch: Launch, choice: str) -> Code | None:
        """The machine code of a kernel, if it has earned its compilation by now."""
        spec = launch.kernel.spec
        at_once = choice == "compiled" or (self.steady and not _is_exact(spec))
        if not at_once and not self.has_earned(spec, launch):
            return None
        if spec in self.compiling:  # a log or signal handler, in the middle of it
            return None
        self.compiling.add(spec)
        if events.listeners:
            events.tell(events.Compiling(show(spec)))
        try:
            found = compile_kernel(spec)
        except builtins.MemoryError:
            if choice == "compiled":
                raise
            return None  # the interpreter needs less
        finally:
            self.compiling.discard(spec)
        self.keep(spec, found)
        return found

    def keep(self, spec: KernelSpec, code: Code) -> None:
        """Remembers machine code, and forgets the oldest when there is too much."""
        self.compiled[spec] = code
        if len(self.compiled) > MOST_KERNELS:
            self.compiled.popitem(last=False)

    def has_earned(self, spec: KernelSpec, launch: Launch) -> bool:
        """Whether a kernel is worth compiling now, or is in the disk cache."""
        work = PER_RUN + launch.additions
        if spec not in self.earned:
            found = cached_kernel(spec) if work < EARNED else None
            if found is not None:
                self.keep(spec, found)
                return True
        work += self.earned.pop(spec, 0)
        if work >= EARNED:
            return True
        self.earned[spec] = work
        if len(self.earned) > MOST_KERNELS:
            self.earned.popitem(last=False)
        return False


def _is_exact(spec: KernelSpec) -> bool:
    """Whether a kernel's machine code gives the very bits of the interpreter."""
    dtypes = [operand.dtype for operand in spec.operands] + [step.dtype for step in spec.program]
    return all(is_exact(step.op, dtypes[step.args[0]]) for step in spec.program if step.args)


def _needed(launch: Launch, first: int, last: int, blocks: Sequence[Block | None]) -> list[tuple[int, int, bool]]:
    """From which address to which one some tiles reach, and whether they write there."""
    found = []
    for slot, low, high, writes in reached(launch.kernel, first, last):
        block = blocks[slot]
        assert block is not None
        found.append((block.address + low, block.address + (block.nbytes if high is None else high), writes))
    return found


ShortWay: TypeAlias = Callable[[Any, Any, Any, list[int], Sequence[np.generic], int, int], int]
_short_way: list[ShortWay] = []


def run_short_ones_by(way: ShortWay) -> None:
    """Has kernels of little work run by another function; see `native/launch.h`."""
    _short_way[:] = [way]


def _ran(launch: Launch, how: str, seconds: float) -> events.Ran:
    """What listeners are told of a run."""
    return events.Ran(launch.text, how, launch.count, seconds, launch.nbytes)


def _launched(launch: Launch, code: Code, addresses: list[int], scalars: Sequence[np.generic]) -> int:
    """Runs a kernel's machine code: on this thread, if it would be over before another one is awake."""
    if code.polls:
        words = launch.block(addresses, scalars)
        words.insert(0, 0)
        return current().run_watched(code.address, words.buffer_info()[0] + words.itemsize, launch.count)
    if launch.short:
        for way in _short_way:
            raised = way(
                launch.template, launch.patches, launch.scalars, addresses, scalars, code.address, launch.count
            )
            return raised and in_numpy_numbers(raised)
    words = launch.block(addresses, scalars)
    return current().run(code.address, words.buffer_info()[0], launch.count, launch.short)


class Flags:
    """Collects the floating-point flags that NumPy reports."""

    def __init__(self) -> None:
        self.raised = 0

    def __call__(self, kind: str, flag: int) -> None:
        self.raised |= flag
