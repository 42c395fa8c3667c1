"""Casts between dtypes, as NumPy does them on x86 when a number does not fit."""

from __future__ import annotations

from ramba.codegen.emit_vector import ELEMENT, Lanes, Value, item_size, part_dtype


def cast(lanes: Lanes, x: Value, dtype: str) -> Value:
    """The values of ``x`` as elements of ``dtype``."""
    if x.dtype == dtype:
        return x
    if dtype == "b1":
        return _truth(lanes, x)
    if dtype[0] == "c":
        part = part_dtype(dtype)
        zero = lanes.opaque(lanes.constant(part, 0))
        imaginary = Value(part_dtype(x.dtype), x.parts[1:]) if x.dtype[0] == "c" else zero
        return Value(dtype, (*cast(lanes, _real(x), part).parts, *cast(lanes, imaginary, part).parts))
    x = _real(x)
    if x.dtype[0] == "f" and dtype[0] in "iu":
        return _to_integer(lanes, x, dtype)
    if ELEMENT[x.dtype] == ELEMENT[dtype]:
        return Value(dtype, x.parts)
    return _convert(lanes, _conversion(x.dtype, dtype), x, dtype)


def _real(x: Value) -> Value:
    return Value(part_dtype(x.dtype), x.parts[:1])


def _truth(lanes: Lanes, x: Value) -> Value:
    part = part_dtype(x.dtype)
    truths = [lanes.compare("!=", Value(part, (value,)), lanes.constant(part, 0)) for value in x.parts]
    return truths[0] if len(truths) == 1 else lanes.arithmetic("|", *truths)


def _conversion(source: str, dtype: str) -> str:
    """LLVM's name of the conversion, where every value has a meaning."""
    if source[0] == "f":
        return "fptrunc" if item_size(dtype) < item_size(source) else "fpext"
    signed = source[0] == "i"
    if dtype[0] == "f":
        return "sitofp" if signed else "uitofp"
    if source != "b1" and item_size(dtype) < item_size(source):
        return "trunc"
    return "sext" if signed else "zext"


def _convert(lanes: Lanes, conversion: str, x: Value, dtype: str) -> Value:
    return Value(dtype, (lanes.text.let(f"{conversion} {lanes.type(x.dtype)} {x.parts[0]} to {lanes.type(dtype)}"),))


def _to_integer(lanes: Lanes, x: Value, dtype: str) -> Value:
    """Truncates; what does not fit becomes what the C compiler's instruction makes of it, as in NumPy."""
    if dtype in ("u4", "u8"):
        bits = 8 * item_size(dtype)
        signed = "i" + dtype[1:]
        limit = lanes.constant(x.dtype, 2.0 ** (bits - 1))
        large = lanes.compare(">=", x, limit)
        low = _signed(lanes, lanes.select(large, lanes.arithmetic("-", x, limit), x), signed)
        high = lanes.select(large, lanes.constant(signed, -(1 << bits - 1)), lanes.constant(signed, 0))
        return Value(dtype, lanes.arithmetic("^", low, high).parts)
    whole = _signed(lanes, x, "i8" if dtype == "i8" else "i4")
    if ELEMENT[whole.dtype] == ELEMENT[dtype]:
        return Value(dtype, whole.parts)
    return _convert(lanes, "trunc", whole, dtype)


def _signed(lanes: Lanes, x: Value, dtype: str) -> Value:
    whole = _convert(lanes, "fptosi", x, dtype)
    # LLVM calls the result for large numbers poison: frozen, it is whatever the instruction gives
    return Value(dtype, (lanes.text.let(f"freeze {lanes.type(dtype)} {whole.parts[0]}"),))
