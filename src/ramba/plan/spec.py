"""What one kernel computes: hashable, and free of shapes, strides, addresses and scalar values.

A spec is the key of the compile cache. It describes a loop nest (outer loops, then one inner loop), the operands that
the nest reads and writes, and a program of elementwise instructions in single-assignment form.

Values are numbered: value ``i`` is what operand ``i`` reads, value ``len(operands) + j`` is the result of instruction
``j``. (Operands that only receive data have a number too; no instruction may use it.)
"""

from __future__ import annotations

from typing import NamedTuple

CACHE_LINE = 64  # bytes


class Operand(NamedTuple):
    """Something a kernel reads from or writes to, once per point of its loop nest."""

    role: str  # "load", "index" (the value is the address itself, in elements), "scalar", "store" or "fold"
    dtype: str  # NumPy's type string without byte order: "f8", "i4", "b1", "c16"
    inner: str  # how it moves along the inner loop: "unit", "zero" or "strided"; "zero" for scalars, "unit" for folds;
    # "stream" is "unit", written around the caches: rows begin at cache lines


class Instruction(NamedTuple):
    """One elementwise operation. Its arguments already have the dtypes of the ufunc's loop: casts are explicit."""

    op: str  # digest of an operation, see `ramba.ops`
    dtype: str  # of the result
    args: tuple[int, ...]  # numbers of values
    result: int = 0  # which result, for ufuncs that have two


class Store(NamedTuple):
    """Writes a value to memory, once per point."""

    operand: int
    value: int


class Fold(NamedTuple):
    """Combines a value over the folded loops with a binary ufunc, into one partial result per tile."""

    op: str  # a binary ufunc that has an identity for the dtype: add, multiply, minimum, logical_or, ...
    operand: int
    value: int


class KernelSpec(NamedTuple):
    """One fused loop nest: kept outer loops, then folded outer loops, then the inner loop."""

    kept: int  # outer loops whose index survives (all of them in a purely elementwise kernel)
    folded: int  # outer loops that are reduced away
    fold_inner: bool  # whether the inner loop is reduced away
    operands: tuple[Operand, ...]
    program: tuple[Instruction, ...]
    stores: tuple[Store, ...]
    folds: tuple[Fold, ...]


class Tiles(NamedTuple):
    """How a loop nest is cut. A function of the shape alone, so that results do not depend on the number of threads."""

    kept: int  # points of the flattened kept loops in a tile
    folded: int  # points of the flattened folded loops in a tile
    inner: int  # points of the inner loop in a tile


def tile_counts(spec: KernelSpec, extents: tuple[int, ...], tiles: Tiles) -> tuple[int, int, int]:
    """Number of tiles along the kept, folded and inner loops; their product is the number of tiles."""
    kept = folded = 1
    for extent in extents[: spec.kept]:
        kept *= extent
    for extent in extents[spec.kept : spec.kept + spec.folded]:
        folded *= extent
    return -(-kept // tiles.kept), -(-folded // tiles.folded), -(-extents[-1] // tiles.inner)


def show(spec: KernelSpec) -> str:
    """The kernel as a text that people (and golden tests) read."""
    outer = [f"k{i}" for i in range(spec.kept)] + [f"r{i}" for i in range(spec.folded)]
    loops = [*outer, "r" if spec.fold_inner else "j"]
    lines = [f"for {', '.join(loops)}:"]
    for number, operand in enumerate(spec.operands):
        if operand.role in ("load", "index", "scalar"):
            lines.append(f"    v{number} = {operand.role} {operand.dtype} {operand.inner}")
    for number, step in enumerate(spec.program, len(spec.operands)):
        which = f".{step.result}" if step.result else ""
        lines.append(f"    v{number} = {step.op}{which}({', '.join(f'v{a}' for a in step.args)}) -> {step.dtype}")
    for store in spec.stores:
        operand = spec.operands[store.operand]
        lines.append(f"    store v{store.value} -> out{store.operand} {operand.dtype} {operand.inner}")
    lines += [f"    fold {f.op} v{f.value} -> out{f.operand} {spec.operands[f.operand].dtype}" for f in spec.folds]
    return "\n".join(lines)
