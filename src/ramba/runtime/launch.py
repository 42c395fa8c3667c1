"""A kernel step made ready to run again and again: its argument block is a template in which addresses are filled in.

The block's layout is the kernels' calling convention: extents, tile sizes, tile counts, then the operands in order.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from ramba.codegen.native import Code
from ramba.limits import SHORT
from ramba.ops import OPS
from ramba.plan import Access, Kernel, KernelSpec, show, tile_counts, traffic
from ramba.runtime.pool import Block

MOST_WORDS = 512  # of the argument block of a short one


class Launch:
    """One kernel step with everything that does not change between runs worked out."""

    __slots__ = (
        "_nbytes",
        "_text",
        "additions",
        "code",
        "count",
        "kernel",
        "moves",
        "patches",
        "points",
        "scalars",
        "short",
        "template",
        "writes",
    )

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel
        self._text = ""
        self._nbytes = -1
        self.code: Code | None = None  # its machine code, once there is some: a spec takes long to look up
        counts = tile_counts(kernel.spec, kernel.extents, kernel.tiles)
        words = [*kernel.extents, *kernel.tiles, *counts]
        self.count = prod(counts)
        self.points = prod(kernel.extents)
        self.moves = _moves(kernel.spec)
        self.patches: list[tuple[int, int, int]] = []  # word, slot, offset in bytes
        self.scalars: list[tuple[int, int]] = []  # word, number of the scalar
        self.writes: set[int] = set()  # slots
        for operand, access in zip(kernel.spec.operands, kernel.accesses, strict=True):
            if not isinstance(access, Access):
                self.scalars.append((len(words), access))
                words += [0, 0]
            elif operand.role == "index":
                words += [access.offset, *access.strides]
            else:
                size = int(operand.dtype[1:])
                self.patches.append((len(words), access.slot, access.offset * size))
                words.append(0)
                if operand.role != "fold":
                    words += [stride * size for stride in access.strides]
                if operand.role != "load":
                    self.writes.add(access.slot)
        self.template = array("q", words)
        steps = _additions(kernel.spec)
        self.additions = self.points * (steps + len(kernel.spec.stores))  # that take NumPy as long
        self.short = len(words) <= MOST_WORDS and self.points * (steps + len(kernel.spec.operands)) <= SHORT

    @property
    def text(self) -> str:
        """The kernel, for who listens to events; it is written once."""
        self._text = self._text or show(self.kernel.spec)
        return self._text

    @property
    def nbytes(self) -> int:
        """Bytes that a run reads and writes, for who listens to events."""
        if self._nbytes < 0:
            self._nbytes = sum(traffic([self.kernel]))
        return self._nbytes

    def block(self, addresses: list[int], scalars: Sequence[np.generic]) -> array[int]:
        """The argument block for these slots and scalars."""
        words = self.template[:]
        for word, slot, offset in self.patches:
            words[word] = addresses[slot] + offset
        for word, number in self.scalars:
            words[word], words[word + 1] = scalar_words(scalars[number])
        return words


def _additions(spec: KernelSpec) -> float:
    """What a kernel computes for one point, in multiples of what NumPy needs to add one element."""
    ops = [OPS[step.op] for step in spec.program] + [OPS[fold.op] for fold in spec.folds]
    return sum(max(op.cost, op.size) for op in ops)


def _moves(spec: KernelSpec) -> tuple[tuple[int, int], ...]:
    """The operands that a kernel writes and reads, in pairs, if it does nothing but store what it loads; else none."""
    read = {number: number for number, operand in enumerate(spec.operands) if operand.role == "load"}
    for number, step in enumerate(spec.program, len(spec.operands)):
        source = read.get(step.args[0])
        if source is None or step.op != "cast" or step.dtype != spec.operands[source].dtype:
            return ()
        read[number] = source
    pairs = [(to, read.get(value)) for to, value in spec.stores]
    known = [(to, source) for to, source in pairs if source is not None]
    same = all(spec.operands[to].dtype == spec.operands[source].dtype for to, source in known)
    return tuple(known) if same and len(known) == len(pairs) and not spec.folds else ()


_TWO_WORDS = struct.Struct("<qq")


def scalar_words(value: np.generic) -> tuple[int, ...]:
    """A scalar's bits as two words: the value, or real and imaginary part."""
    raw = bytes(value.data)  # a fifth of the time of `tobytes`
    if len(raw) == 8 and value.dtype.kind == "c":
        raw = raw[:4] + b"\0\0\0\0" + raw[4:]
    return _TWO_WORDS.unpack(raw.ljust(16, b"\0"))


def views(kernel: Kernel, blocks: Sequence[Block | None], scalars: Sequence[np.generic]) -> list[Any]:
    """The operands as the interpreter takes them."""
    result: list[Any] = []
    for operand, access in zip(kernel.spec.operands, kernel.accesses, strict=True):
        if not isinstance(access, Access):
            result.append(scalars[access])
        elif operand.role == "index":
            result.append((access.offset, access.strides))
        else:
            block = blocks[access.slot]
            assert block is not None
            dtype = np.dtype(operand.dtype)
            if operand.role == "fold":
                result.append(block.array(dtype, _partial_shape(kernel), access.offset * dtype.itemsize))
            else:
                strides = tuple(s * dtype.itemsize for s in access.strides)
                result.append(block.array(dtype, kernel.extents, access.offset * dtype.itemsize, strides))
    return result


def _partial_shape(kernel: Kernel) -> tuple[int, ...]:
    """Shape of the partial results that a folding kernel leaves."""
    spec: KernelSpec = kernel.spec
    _, folded, inner = tile_counts(spec, kernel.extents, kernel.tiles)
    kept = prod(kernel.extents[: spec.kept])
    return (folded * inner, kept) if spec.fold_inner else (folded, kept, kernel.extents[-1])


__all__ = ["Launch", "scalar_words", "views"]
