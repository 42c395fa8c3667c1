"""Operations that no table has: what defines them is plain data, which travels, and is checked by whoever reads it."""

from __future__ import annotations

import re
from functools import cached_property, lru_cache
from hashlib import blake2b
from typing import Any, NamedTuple

import numpy as np

from ramba.ops.on_arrays import OnArrays
from ramba.ops.op import Op, Signature
from ramba.ops.registry import OPS

MOST_OPERANDS = 32
MOST_TEXTS = 16
LARGEST = 320  # instructions of one operation: a kernel has no more
DEEPEST = 8  # operations defined by operations, and so on
MOST = 10_000  # operations that one process takes: a definition is never forgotten

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}\Z", re.ASCII)
_FLAGS = frozenset(("divide", "over", "under", "invalid"))


class Definition(NamedTuple):
    """Everything that an operation is. Whoever has it has the operation: it refers to nothing else."""

    kind: str  # a key of `KINDS`
    name: str
    nin: int
    texts: tuple[tuple[str, str], ...]  # signature and text; the formula has no signature
    identity: bool | int | float | None = None  # also of itself: unused lanes of a vector fold it with itself
    associative: bool = False
    raises: str = ""
    cost: float = 1.0
    uses: tuple[Definition, ...] = ()


class Defined(Op):
    """An operation that was made from a definition."""

    def __init__(self, definition: Definition) -> None:
        self.definition = definition
        self.name, self.nin = definition.name, definition.nin
        self.cost = definition.cost
        self.associative = definition.associative or definition.identity is not None

    def __repr__(self) -> str:
        return f"<operation {self.digest}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return define, (self.definition,)

    @cached_property
    def digest(self) -> str:
        """Its name and a hash of its definition: equal definitions are one operation, everywhere."""
        return digest_of(self.definition)

    @cached_property
    def numpy(self) -> OnArrays:
        """What is called like a ufunc of NumPy's."""
        return OnArrays(self)

    def identity(self, dtype: str) -> np.generic | None:
        """The declared value, for a dtype that the operation does not leave."""
        if self.definition.identity is None or self.nin != 2 or self.nout != 1:
            return None
        return _identity(self, dtype)

    def loop(self, *operands: np.dtype) -> Signature | None:
        """What `resolve` gives, or None if there is no such loop."""
        try:
            return self.resolve(operands)
        except (TypeError, ValueError, OverflowError):
            return None


@lru_cache(maxsize=4096)
def _identity(op: Defined, name: str) -> np.generic | None:
    dtype = np.dtype(name)
    if op.loop(dtype, dtype) != ((dtype, dtype), (dtype,)):
        return None
    value = op.definition.identity
    if dtype.kind in "iu" and isinstance(value, float):
        if not value.is_integer():
            limits = np.iinfo(dtype)  # of a minimum or maximum
            value = limits.max if value == np.inf else limits.min if value == -np.inf else None
        else:
            value = int(value)
    try:
        found: np.generic | None = None if value is None else dtype.type(value)
    except OverflowError:
        return None
    return found


KINDS: dict[str, type[Defined]] = {}
"""What a definition may be of; each file of a kind enters it here."""


def digest_of(definition: Definition) -> str:
    """Name and hash of a definition."""
    return f"{definition.name}-{blake2b(repr(definition).encode(), digest_size=16).hexdigest()}"


def define(definition: Definition) -> Defined:
    """The operation of a definition, known to this process from now on. Raises ValueError if it makes no sense."""
    known = OPS.get(digest_of(definition))
    if isinstance(known, Defined):
        return known
    made = check(definition)
    for used in definition.uses:
        define(used)
    if len(OPS) >= MOST:
        raise ValueError(f"A process takes {MOST} operations, and this is one more.")
    OPS[made.digest] = made
    return made


def check(definition: Definition, depth: int = 0) -> Defined:
    """The operation of a definition, if that makes sense; nothing is remembered."""
    kind, name, nin, texts, identity, _, raises, cost, uses = definition
    if kind not in KINDS:
        raise ValueError(f"{kind[:40]!r} is no kind of operation; there are {', '.join(KINDS)}.")
    if not _NAME.match(name):
        raise ValueError(f"{name[:70]!r} is no name for an operation: letters, digits and underscores, at most 64.")
    if not 1 <= nin <= MOST_OPERANDS:
        raise ValueError(f"{name} has {nin} operands, but may have 1 to {MOST_OPERANDS}.")
    if not 1 <= len(texts) <= MOST_TEXTS or len(uses) > MOST_TEXTS:
        raise ValueError(
            f"{name} has {len(texts)} texts and {len(uses)} operations, but may have {MOST_TEXTS} of each."
        )
    if depth >= DEEPEST:
        raise ValueError(f"Operations are defined by others at most {DEEPEST} levels deep.")
    if not set(raises.split()) <= _FLAGS:
        raise ValueError(f"{raises[:40]!r} are no floating-point flags: choose of {' '.join(sorted(_FLAGS))}.")
    if not 0 <= cost <= 1e6:
        raise ValueError(f"The cost of {name} is {cost} additions, but must be between 0 and a million.")
    if identity is not None and nin != 2:
        raise ValueError(f"{name} has an identity, but not two operands.")
    for used in uses:
        check(used, depth + 1)
    return KINDS[kind](definition)


def definitions(digests: list[str]) -> tuple[Definition, ...]:
    """The definitions of those operations that have one."""
    found = [OPS.get(digest) for digest in digests]
    return tuple(op.definition for op in found if isinstance(op, Defined))


__all__ = ["KINDS", "LARGEST", "Defined", "Definition", "check", "define", "definitions", "digest_of"]
