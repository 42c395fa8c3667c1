"""Loops in scalar functions of users: each time around they look whether they are still wanted.

A loop may never end, and a tile that never ends would never see Ctrl-C. So before each branch that goes back, the
function loads a word that says whether the job is cancelled, and leaves with a zero if it is; what it gives is thrown
away then, as all results of the job are.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

STOP = "ptr %ramba.stop"
"""The operand that such a function has besides its own: where to look. Names of users have no dots."""

_TARGET = re.compile(r"label %(\w+)")
_COMES_FROM = re.compile(r", %(\w+) \]")


def goes_back(lines: Sequence[str]) -> bool:
    """Whether a branch leads to a block that stands before it, or to its own."""
    return bool(_going_back(lines))


def _going_back(lines: Sequence[str]) -> set[str]:
    """The blocks that end with such a branch. Every loop has one, wherever its blocks stand."""
    placed: set[str] = set()
    found: set[str] = set()
    label = ""
    for line in map(str.strip, lines):
        if line.endswith(":"):
            label = line[:-1]
            placed.add(label)
        elif line.startswith("br ") and placed & set(_TARGET.findall(line)):
            found.add(label)
    return found


def leaves_when_told(lines: Sequence[str], kind: str) -> list[str]:
    """A function's body that looks before it goes back, and gives a zero of an LLVM type if it has to leave."""
    back = _going_back(lines)
    made: list[str] = []
    label = ""
    for line in lines:
        if line.endswith(":"):
            label = line[:-1]
        elif line.startswith("br ") and label in back:
            made += [
                f"%{label}.told = load atomic i32, {STOP} monotonic, align 4",
                f"%{label}.leaves = icmp ne i32 %{label}.told, 0",
                f"br i1 %{label}.leaves, label %ramba.left, label %{label}.on",
                f"{label}.on:",
            ]
        elif " = phi " in line:  # who came from such a block comes from its second half now
            line = _COMES_FROM.sub(lambda m: f", %{m[1]}.on ]" if m[1] in back else m[0], line)
        made.append(line)
    return [*made, "ramba.left:", f"ret {kind} {'0.0' if kind in ('float', 'double') else '0'}"]


__all__ = ["STOP", "goes_back", "leaves_when_told"]
