"""How a hand-written kernel is called."""

from __future__ import annotations

from array import array

import numpy as np

from ramba.codegen.native import Code
from ramba.kernels.team import Team


def run(team: Team, code: Code, tiles: int, *arguments: np.ndarray | int) -> None:
    """Runs machine code for so many tiles; of arrays it gets the addresses."""
    words = array("q", [0, *(a if isinstance(a, int) else address(a) for a in arguments)])
    first = words.buffer_info()[0] + words.itemsize
    if code.polls:
        team.run_watched(code.address, first, tiles)
    else:
        team.run(code.address, first, tiles)


def address(a: np.ndarray) -> int:
    """Where the first element lies."""
    start: int = a.__array_interface__["data"][0]
    return start
