"""A kernel step made ready to run again and again: its argument block is a template in which addresses are filled in.

The block's layout is the kernels' calling convention: extents, tile sizes, tile counts, then the operands in order.
"""

from __future__ import annotations

from array import array
from math import prod
from typing import Any

import numpy as np

from ramba.plan import Access, Kernel, KernelSpec, tile_counts


class Launch:
    """One kernel step with everything that does not change between runs worked out."""

    __slots__ = ("count", "kernel", "patches", "points", "scalars", "template", "writes")

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel
        counts = tile_counts(kernel.spec, kernel.extents, kernel.tiles)
        words = [*kernel.extents, *kernel.tiles, *counts]
        self.count = prod(counts)
        self.points = prod(kernel.extents)
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

    def block(self, addresses: list[int], scalars: list[tuple[int, int]]) -> array[int]:
        """The argument block for these slots and scalars (each as two words)."""
        words = self.template[:]
        for word, slot, offset in self.patches:
            words[word] = addresses[slot] + offset
        for word, number in self.scalars:
            words[word], words[word + 1] = scalars[number]
        return words


def scalar_words(value: np.generic) -> tuple[int, int]:
    """A scalar's bits as two words: the value, or real and imaginary part."""
    raw = value.tobytes()
    if value.dtype.kind == "c":
        half = len(raw) // 2
        raw = raw[:half].ljust(8, b"\0") + raw[half:].ljust(8, b"\0")
    raw = raw.ljust(16, b"\0")
    return int.from_bytes(raw[:8], "little", signed=True), int.from_bytes(raw[8:], "little", signed=True)


def views(kernel: Kernel, arrays: Any, scalars: list[np.generic]) -> list[Any]:
    """The operands as the interpreter takes them; ``arrays`` are the slots as flat arrays of bytes."""
    result: list[Any] = []
    for operand, access in zip(kernel.spec.operands, kernel.accesses, strict=True):
        if not isinstance(access, Access):
            result.append(scalars[access])
        elif operand.role == "index":
            result.append((access.offset, access.strides))
        else:
            memory = arrays[access.slot]
            dtype = np.dtype(operand.dtype)
            if operand.role == "fold":
                shape = _partial_shape(kernel)
                result.append(np.ndarray(shape, dtype, memory, access.offset * dtype.itemsize))
            else:
                strides = [s * dtype.itemsize for s in access.strides]
                result.append(np.ndarray(kernel.extents, dtype, memory, access.offset * dtype.itemsize, strides))
    return result


def _partial_shape(kernel: Kernel) -> tuple[int, ...]:
    """Shape of the partial results that a folding kernel leaves."""
    spec: KernelSpec = kernel.spec
    _, folded, inner = tile_counts(spec, kernel.extents, kernel.tiles)
    kept = prod(kernel.extents[: spec.kept])
    return (folded * inner, kept) if spec.fold_inner else (folded, kept, kernel.extents[-1])


__all__ = ["Launch", "scalar_words", "views"]
