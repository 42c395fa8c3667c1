"""The loop that picks the elements under a mask, in machine code and without a branch for each element."""

from __future__ import annotations

from array import array
from functools import cache

import numpy as np

from ramba.codegen.native import Code, build

# arguments: a, mask, out, where each block's picks begin, elements, elements of a block
_TEXT = """
define void @kernel(ptr %args, i64 %tile) nounwind {{
entry:
  %nowhere = alloca {type}
  %a = load ptr, ptr %args
  %p1 = getelementptr i64, ptr %args, i64 1
  %mask = load ptr, ptr %p1
  %p2 = getelementptr i64, ptr %args, i64 2
  %out = load ptr, ptr %p2
  %p3 = getelementptr i64, ptr %args, i64 3
  %starts = load ptr, ptr %p3
  %p4 = getelementptr i64, ptr %args, i64 4
  %count = load i64, ptr %p4
  %p5 = getelementptr i64, ptr %args, i64 5
  %size = load i64, ptr %p5
  %first = mul i64 %tile, %size
  %beyond = add i64 %first, %size
  %short = icmp ult i64 %beyond, %count
  %last = select i1 %short, i64 %beyond, i64 %count
  %sp = getelementptr i64, ptr %starts, i64 %tile
  %start = load i64, ptr %sp
  br label %loop
loop:
  %i = phi i64 [%first, %entry], [%i2, %loop]
  %k = phi i64 [%start, %entry], [%k2, %loop]
  %mp = getelementptr i8, ptr %mask, i64 %i
  %m = load i8, ptr %mp
  %picked = icmp ne i8 %m, 0
  %ap = getelementptr {type}, ptr %a, i64 %i
  %x = load {type}, ptr %ap, align {align}
  %op = getelementptr {type}, ptr %out, i64 %k
  %to = select i1 %picked, ptr %op, ptr %nowhere
  store {type} %x, ptr %to, align {align}
  %one = zext i1 %picked to i64
  %k2 = add i64 %k, %one
  %i2 = add i64 %i, 1
  %more = icmp ult i64 %i2, %last
  br i1 %more, label %loop, label %done
done:
  ret void
}}
"""


@cache
def _code(itemsize: int) -> Code:
    kind = f"i{8 * itemsize}" if itemsize <= 8 else "<2 x i64>"
    return build(_TEXT.format(type=kind, align=min(itemsize, 8)), "kernel")


def arguments(
    a: np.ndarray, mask: np.ndarray, out: np.ndarray, starts: np.ndarray, block: int
) -> tuple[int, array[int]]:
    """Address of the loop and its argument block."""
    words = [a.ctypes.data, mask.ctypes.data, out.ctypes.data, starts.ctypes.data, a.size, block]
    return _code(a.itemsize).address, array("q", words)
