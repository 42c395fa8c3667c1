"""A kernel from a certain tile on, as LLVM IR: what runs tiles counts from 0."""

from __future__ import annotations

import functools

from ramba.codegen import native

# the arguments are a kernel, its arguments, and the first tile
TEXT = """\
define void @shifted(ptr %words, i64 %tile) {
  %kernel = load ptr, ptr %words
  %place = getelementptr i64, ptr %words, i64 1
  %arguments = load ptr, ptr %place
  %more = getelementptr i64, ptr %words, i64 2
  %first = load i64, ptr %more
  %number = add i64 %first, %tile
  call void %kernel(ptr %arguments, i64 %number)
  ret void
}
"""


@functools.cache
def shifted() -> native.Code:
    """The function."""
    return native.build(TEXT, "shifted")


__all__ = ["shifted"]
