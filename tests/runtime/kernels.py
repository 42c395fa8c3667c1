"""Kernels in LLVM IR for the tests of the team: their arguments are an address and a number."""

from __future__ import annotations

import numpy as np

from ramba.codegen import native

# adds 1 to element `tile`, after `rounds` rounds of an empty loop
COUNT = """
define void @kernel(ptr %arguments, i64 %tile) {
  %elements = load ptr, ptr %arguments
  %element = getelementptr i64, ptr %elements, i64 %tile
  %rounds_at = getelementptr i64, ptr %arguments, i64 1
  %rounds = load i64, ptr %rounds_at
  br label %loop
loop:
  %i = phi i64 [ 0, %0 ], [ %next, %loop ]
  %next = add i64 %i, 1
  call void asm sideeffect "", ""()
  %more = icmp slt i64 %next, %rounds
  br i1 %more, label %loop, label %out
out:
  %old = load i64, ptr %element
  %new = add i64 %old, 1
  store i64 %new, ptr %element
  ret void
}
"""

# element `tile` of float64 becomes 1 / itself
RECIPROCAL = """
define void @kernel(ptr %arguments, i64 %tile) {
  %elements = load ptr, ptr %arguments
  %element = getelementptr double, ptr %elements, i64 %tile
  %old = load volatile double, ptr %element
  %new = fdiv double 1.0, %old
  store volatile double %new, ptr %element
  ret void
}
"""

LONG = 2_000_000  # rounds: about a millisecond


def counter() -> native.Code:
    """The kernel that counts its calls per tile."""
    return native.build(COUNT, "kernel")


def reciprocal() -> native.Code:
    """The kernel that raises floating-point exceptions."""
    return native.build(RECIPROCAL, "kernel")


def arguments(elements: np.ndarray, rounds: int = 0) -> np.ndarray:
    """The argument block of both kernels."""
    return np.array([elements.ctypes.data, rounds], np.int64)
