"""Who hands commands on to whom: a tree with four branches everywhere, the driver at its root."""

from __future__ import annotations

BRANCHES = 4  # four messages of the same sender cost less than one more hop


def children(rank: int, size: int) -> list[int]:
    """The workers that hear from this member; the driver's number is `size`."""
    position = 0 if rank == size else rank + 1
    first = BRANCHES * position  # rank of the first child: its position less one
    return list(range(min(first, size), min(first + BRANCHES, size)))


def parent(rank: int, size: int) -> int:
    """The member that this worker hears from."""
    return size if rank < BRANCHES else rank // BRANCHES - 1
