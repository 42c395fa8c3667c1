"""An interrupt of an import may leave the interpreter's import lock taken: other threads import all the same."""

from __future__ import annotations

import subprocess
import sys

TAKEN = """
import _imp, numpy, ramba
_imp.acquire_lock()  # what an interrupt at the wrong moment leaves behind
_imp.acquire_lock()
with ramba.config.set(kernels="compiled", cache="off"):
    assert int((ramba.arange(400_000) * 2).sum()) == 159999600000
assert not _imp.lock_held()
"""


def test_a_lock_that_an_interrupt_left_taken_is_freed() -> None:
    done = subprocess.run([sys.executable, "-c", TAKEN], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
