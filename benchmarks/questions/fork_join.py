"""How long does the hot thread team take to run tiles that do nothing?"""

from __future__ import annotations

import ctypes

from benchmarks.ask import Answer, at_most
from benchmarks.measure import alternate, cores
from ramba.codegen import native
from ramba.runtime.team import Team

_EMPTY = """
define void @empty(ptr %arguments, i64 %tile) {
  ret void
}
"""


def answers() -> list[Answer]:
    """One tile for each thread; one tile in all, which needs no team, is the baseline."""
    threads = max(2, cores())
    team, code = Team(threads), native.build(_EMPTY, "empty")
    block = ctypes.create_string_buffer(64)
    address = ctypes.addressof(block)
    alone, together = alternate(
        lambda: team.run(code.address, address, 1),
        lambda: team.run(code.address, address, threads),
        rounds=15,
        inner=5000,
    )
    team.close()
    return [at_most(f"fork and join of {threads} threads, over none", None, together, together - alone, 5e-6)]
