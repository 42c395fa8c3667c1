"""The loop of a running sum (or of an operation that was defined), in machine code: NumPy's takes three times as long.

Elements are added strictly in order, as NumPy adds them; two blocks can run at once because each first learns, in a
pass that stores nothing, where it would end by itself.
"""

from __future__ import annotations

from array import array
from functools import cache

import numpy as np

from ramba.codegen.compile import emit_target
from ramba.codegen.emit_scalar import with_operation
from ramba.codegen.emit_vector import scalar_constants
from ramba.codegen.native import Code, build
from ramba.ops import OPS, Defined, can_fold, compiles, identity, is_exact

_TYPES = {"f4": "float", "f8": "double", "i1": "i8", "i2": "i16", "i4": "i32", "i8": "i64"}
_TYPES |= {name.replace("i", "u"): kind for name, kind in _TYPES.items() if name[0] == "i"}

# arguments: a, its step in bytes, out, one carry for each block or null, elements, elements of a block, ends or null
_TEXT = """
define void @kernel(ptr %args, i64 %tile) {attributes} {{
entry:
  %p0 = getelementptr i64, ptr %args, i64 0
  %a = load ptr, ptr %p0
  %p1 = getelementptr i64, ptr %args, i64 1
  %step = load i64, ptr %p1
  %p2 = getelementptr i64, ptr %args, i64 2
  %out = load ptr, ptr %p2
  %p3 = getelementptr i64, ptr %args, i64 3
  %carries = load ptr, ptr %p3
  %p4 = getelementptr i64, ptr %args, i64 4
  %count = load i64, ptr %p4
  %p5 = getelementptr i64, ptr %args, i64 5
  %size = load i64, ptr %p5
  %p6 = getelementptr i64, ptr %args, i64 6
  %ends = load ptr, ptr %p6
  %first = mul i64 %tile, %size
  %beyond = add i64 %first, %size
  %short = icmp ult i64 %beyond, %count
  %last = select i1 %short, i64 %beyond, i64 %count
  %look = icmp ne ptr %ends, null
  %offset = mul i64 %first, %step
  %x0p = getelementptr i8, ptr %a, i64 %offset
  %x0 = load {type}, ptr %x0p
  %next = add i64 %first, 1
  br i1 %look, label %looking, label %scanning
looking:
  %i = phi i64 [%next, %entry], [%i2, %lookbody]
  %sum = phi {type} [%x0, %entry], [%sum2, %lookbody]
  %more = icmp ult i64 %i, %last
  br i1 %more, label %lookbody, label %lookend
lookbody:
  %lo = mul i64 %i, %step
  %lp = getelementptr i8, ptr %a, i64 %lo
  %lx = load {type}, ptr %lp
  %sum2 = {look}
  %i2 = add i64 %i, 1
  br label %looking
lookend:
  %ep = getelementptr {type}, ptr %ends, i64 %tile
  store {type} %sum, ptr %ep
  ret void
scanning:
  %begin = icmp eq i64 %tile, 0
  %before = sub i64 %tile, 1
  %where = select i1 %begin, i64 0, i64 %before
  %cp = getelementptr {type}, ptr %carries, i64 %where
  %known = load {type}, ptr %cp
  %carry = select i1 %begin, {type} {zero}, {type} %known
  br label %scan
scan:
  %j = phi i64 [%first, %scanning], [%j2, %body]
  %acc = phi {type} [%x0, %scanning], [%acc2, %body]
  %full = {carried}
  %op = getelementptr {type}, ptr %out, i64 %j
  store {type} %full, ptr %op
  %j2 = add i64 %j, 1
  %go = icmp ult i64 %j2, %last
  br i1 %go, label %body, label %done
body:
  %so = mul i64 %j2, %step
  %sp = getelementptr i8, ptr %a, i64 %so
  %sx = load {type}, ptr %sp
  %acc2 = {added}
  br label %scan
done:
  ret void
}}
"""


def has_loop(op: str, dtype: np.dtype) -> bool:
    """Whether there is a loop for a scan of this dtype."""
    name = dtype.str[1:]
    if name not in _TYPES:
        return False
    # functions of the vector library are faster on vectors: not one element after the other
    defined = isinstance(OPS[op], Defined) and can_fold(op, name) and compiles(op, (name, name))
    return defined and is_exact(op, name)


@cache
def _code(op: str, dtype: str) -> Code:
    kind = _TYPES[dtype]
    if op == "add":
        # -0.0 + x is x for every x
        real = dtype[0] == "f"
        return build(_text(kind, f"{'fadd' if real else 'add'} {kind} {{}}, {{}}", "-0.0" if real else "0"), "kernel")
    (zero,) = scalar_constants(dtype, identity(op, dtype).item())
    text = _text(kind, f"call {kind} @op({kind} {{}}, {kind} {{}})", zero, "#0")
    return build(with_operation(text, op, dtype, emit_target()), "kernel")


def _text(kind: str, add: str, zero: str, attributes: str = "nounwind") -> str:
    """The loop with an instruction that combines two elements."""
    look, carried, added = add.format("%sum", "%lx"), add.format("%carry", "%acc"), add.format("%acc", "%sx")
    return _TEXT.format(type=kind, look=look, carried=carried, added=added, zero=zero, attributes=attributes)


def arguments(
    op: str, a: np.ndarray, out: np.ndarray, carries: np.ndarray, block: int, *, look: bool
) -> tuple[int, array[int]]:
    """Address of the loop and its argument block; ``look`` only fills ``carries`` with the sum of each block."""
    carry = carries.ctypes.data
    words = [a.ctypes.data, a.strides[0], out.ctypes.data, carry, len(out), block, carry if look else 0]
    return _code(op, out.dtype.str[1:]).address, array("q", words)
