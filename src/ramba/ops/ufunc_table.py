"""Every ufunc of NumPy, one row each. To add one, add a row."""

from __future__ import annotations

import numpy as np

from ramba.ops.ufunc import Ufunc


def _flat(function: str, below: float, value: int) -> str:
    """A library function that is constant below a bound, where the library itself is ten times slower."""
    return f"flat = x < {below}\n{value} if flat else libm.{function}(0 if flat else x)"


_QUOTIENT = """
zero = y == 0
divide_flag(zero)
"""

# INT_MIN // -1 wraps around in NumPy, and would trap
_SIGNED_QUOTIENT = (
    _QUOTIENT
    + """
wraps = (x == lowest) & (y == -1)
d = 1 if zero | wraps else y
q = quotient(x, d)
r = x - q * d
uneven = (r != 0) & ((r ^ d) < 0)
"""
)

_UNSIGNED_QUOTIENT = (
    _QUOTIENT
    + """
d = 1 if zero else y
q = quotient(x, d)
r = x - q * d
"""
)

# npy_divmod of x and s
_FLOAT_DIVMOD = """
m = fmod(x, s)
d = (x - m) / s
uneven = (m != 0) & ((s < 0) ^ (m < 0))
mod = (m + s if uneven else m) if m != 0 else copysign(0, s)
d = d - 1 if uneven else d
down = floor(d)
whole = (down + 1 if d - down > 0.5 else down) if d != 0 else copysign(0, x / s)
"""

_FLOAT_REMAINDER = """
m = fmod(x, y)
fixed = m + y if (y < 0) ^ (m < 0) else m
fixed if m != 0 else copysign(0, y)
"""

# Smith's algorithm; NumPy's comparison of a and b signals
_COMPLEX_DIVIDE = """
a = fabs(y.real)
b = fabs(y.imag)
flat = signals(a >= b)
zero = (a == 0) & (b == 0)
big = y.real if flat else y.imag
small = y.imag if flat else y.real
ratio = small / fence(1 if zero else big)
scale = 1 / fence(1 if zero else big + small * ratio)
p = fence(0 if zero else x.real)
q = fence(0 if zero else x.imag)
re = (p + q * ratio if flat else p * ratio + q) * scale
im = (q - p * ratio if flat else q * ratio - p) * scale
one = fence(a if zero else 1)
complex(x.real / one if zero else re, x.imag / one if zero else im)
"""


def _parts(bits: int, digits: int, bias: int) -> str:
    """The formula of frexp for numbers of so many bits, of which so many are the digits of the mantissa.

    A number below the normal ones is scaled up to be one; of zero, infinity and nan there are no parts.
    """
    whole, top = f"as_u{bits // 8}", 2 * bias + 3
    exponent = f"({whole}({{}}) >> {digits}) & {top}"
    return f"""
small = ({exponent.format("x")}) == 0
normal = fence(x if small else 0) * {float(2 ** (digits + 2))} if small else x
e = {exponent.format("normal")}
plain = (x != 0) & (fabs(x) < inf)
digits = ({whole}(normal) << {bits - digits}) >> {bits - digits}
m = copysign(as_f{bits // 8}(digits | {bias << digits}), x)
k = i4(e) - {bias}
(m if plain else x), ((k - {digits + 2} if small else k) if plain else 0)
"""


_SHIFT = "inside = unsigned(y) < bits_of(x)\n"
_COMPLEX_MULTIPLY = "complex(fma(x.real, y.real, -(x.imag * y.imag)), fma(x.real, y.imag, x.imag * y.real))"
_ALL = "divide over under invalid"


def _compare(name: str, operator: str, sign: str, bools: str, compound: str) -> Ufunc:
    """A comparison, by its sign; of bools and of complex numbers, by a formula of its own."""
    raises = {"c": "invalid"} if "signals" in compound else ""
    return Ufunc(name, 2, code={"b": bools, "iuf": f"x {sign} y", "c": compound}, operator=operator, raises=raises)


def _order(sign: str, strict: str) -> str:
    """Complex numbers in order of their real, then their imaginary parts; with a nan, unordered.

    NumPy compares them by C's operators, which signal: imaginary parts only where these decide.
    """
    return (
        f"odd = isnan(x.imag) | isnan(y.imag)\n"
        f"same = x.real == y.real\n"
        f"later = signals((x.imag if same else 0) {sign} (y.imag if same else 0))\n"
        f"(signals(x.real {strict} y.real) & ~odd) | (same & later)"
    )


# fmt: off
_ROWS = (
    # arithmetic
    Ufunc("add", 2, code={"b": "x | y", "iuf": "x + y", "c": "complex(x.real + y.real, x.imag + y.imag)"},
          operator="add", raises="over invalid"),
    Ufunc("subtract", 2, code={"iuf": "x - y", "c": "complex(x.real - y.real, x.imag - y.imag)"}, operator="sub",
          raises="over invalid"),
    Ufunc("multiply", 2, code={"b": "x & y", "iuf": "x * y", "c": _COMPLEX_MULTIPLY}, operator="mul",
          raises="over under invalid"),
    Ufunc("divide", 2, code={"f": "x / y", "c": _COMPLEX_DIVIDE}, operator="truediv", cost=4, raises=_ALL,
          aliases=("true_divide",)),
    Ufunc("floor_divide", 2, code={
            "u": _UNSIGNED_QUOTIENT + "0 if zero else q",
            "i": _SIGNED_QUOTIENT + "overflow_flag(wraps)\n0 if zero else (q - 1 if uneven else q)",
            "f": "s = fence(1 if y == 0 else y)" + _FLOAT_DIVMOD
                 + "x / fence(y if y == 0 else 1) if y == 0 else whole"},
          operator="floordiv", cost=10, raises={"iu": "divide over", "f": _ALL}),
    Ufunc("remainder", 2, code={
            "u": _UNSIGNED_QUOTIENT + "0 if zero else r",
            "i": _SIGNED_QUOTIENT + "0 if zero else (r + d if uneven else r)",
            "f": _FLOAT_REMAINDER},
          operator="mod", cost=10, raises={"iu": "divide", "f": "invalid"}, aliases=("mod",)),
    Ufunc("divmod", 2, 2, code={
            "u": _UNSIGNED_QUOTIENT + "(0 if zero else q), (0 if zero else r)",
            "i": _SIGNED_QUOTIENT + "overflow_flag(wraps)\n"
                 "(0 if zero else (q - 1 if uneven else q)), (0 if zero else (r + d if uneven else r))",
            "f": "s = y" + _FLOAT_DIVMOD + "(x / y if y == 0 else whole), (m if y == 0 else mod)"}, operator="divmod",
          cost=10, raises={"iu": "divide over", "f": _ALL}),
    Ufunc("fmod", 2, code={
            "u": _UNSIGNED_QUOTIENT + "0 if zero else r",
            "i": _SIGNED_QUOTIENT + "0 if zero else r",
            "f": "fmod(x, y)"}, cost=10, raises={"iu": "divide", "f": "invalid"}),
    Ufunc("power", 2, code={"f": "libm.pow(x, y)"}, operator="pow", cost=20, raises=_ALL, aliases=("pow",)),
    Ufunc("float_power", 2, code={"f8": "libm.pow(x, y)"}, cost=20, raises=_ALL),
    Ufunc("negative", code={"iuf": "-x", "c": "complex(-x.real, -x.imag)"}, operator="neg"),
    Ufunc("positive", code={"iufc": "x"}, operator="pos"),
    Ufunc("absolute", code={"bu": "x", "i": "-x if x < 0 else x", "f": "fabs(x)", "c": "libm.hypot(x.real, x.imag)"},
          operator="abs", raises={"c": "over under invalid"}, aliases=("abs",)),
    Ufunc("fabs", code={"f": "fabs(x)"}),
    Ufunc("sign", code={
            "u": "1 if x != 0 else 0",
            "i": "1 if x > 0 else (-1 if x < 0 else 0)",
            "f": "1 if x > 0 else (-1 if x < 0 else (0 if x == 0 else x))"}),
    Ufunc("conjugate", code={"iuf": "x", "c": "complex(x.real, -x.imag)"}, aliases=("conj",)),
    Ufunc("square", code={"iuf": "x * x", "c": _COMPLEX_MULTIPLY.replace("y", "x")},
          raises={"f": "over under", "c": "over under invalid"}),
    Ufunc("reciprocal", code={"f": "1 / x"}, cost=4, raises={"f": "divide over under", "iu": "divide invalid"}),
    Ufunc("sqrt", code={"f": "sqrt(x)"}, cost=4, raises="invalid"),
    Ufunc("cbrt", code={"f": "libm.cbrt(x)"}, cost=10),
    Ufunc("gcd", 2, cost=40),
    Ufunc("lcm", 2, cost=40),
    # exponentials
    Ufunc("exp", code={"f8": _flat("exp", -745.2, 0), "f4": _flat("exp", -104, 0)}, cost=10, raises="over under"),
    Ufunc("exp2", code={"f8": _flat("exp2", -1076, 0), "f4": _flat("exp2", -151, 0)}, cost=10, raises="over under"),
    Ufunc("expm1", code={"f8": _flat("expm1", -38, -1), "f4": _flat("expm1", -18, -1)}, cost=10, raises="over under"),
    Ufunc("log", code={"f8": "libm.log(x)", "f4": "f4(libm.log(f8(x)))"}, cost=10, raises="divide invalid"),
    Ufunc("log2", code={"f": "libm.log2(x)"}, cost=10, raises="divide invalid"),
    Ufunc("log10", code={"f": "libm.log10(x)"}, cost=10, raises="divide invalid"),
    Ufunc("log1p", code={"f": "libm.log1p(x)"}, cost=10, raises="divide under invalid"),
    Ufunc("logaddexp", 2, cost=30, raises="over under invalid"),
    Ufunc("logaddexp2", 2, cost=30, raises="over under invalid"),
    # trigonometry
    Ufunc("sin", code={"f": "libm.sin(x)"}, cost=10, raises="invalid"),  # the vector one underflows where sin does not
    Ufunc("cos", code={"f": "libm.cos(x)"}, cost=10, raises="under invalid"),
    Ufunc("tan", code={"f": "libm.tan(x)"}, cost=15, raises="under invalid"),
    Ufunc("arcsin", code={"f": "libm.asin(x)"}, cost=15, raises="under invalid", aliases=("asin",)),
    Ufunc("arccos", code={"f": "libm.acos(x)"}, cost=15, raises="invalid", aliases=("acos",)),
    Ufunc("arctan", code={"f": "libm.atan(x)"}, cost=15, raises="under", aliases=("atan",)),
    Ufunc("arctan2", 2, code={"f": "libm.atan2(x, y)"}, cost=20, raises="under", aliases=("atan2",)),
    Ufunc("sinh", code={"f": "libm.sinh(x)"}, cost=15, raises="over under"),
    Ufunc("cosh", code={"f": "libm.cosh(x)"}, cost=15, raises="over"),
    Ufunc("tanh", code={"f": "libm.tanh(x)"}, cost=15, raises="under"),
    Ufunc("arcsinh", code={"f": "libm.asinh(x)"}, cost=15, raises="under", aliases=("asinh",)),
    Ufunc("arccosh", code={"f": "libm.acosh(x)"}, cost=15, raises="invalid", aliases=("acosh",)),
    Ufunc("arctanh", code={"f": "libm.atanh(x)"}, cost=15, raises="divide under invalid", aliases=("atanh",)),
    Ufunc("hypot", 2, code={"f": "libm.hypot(x, y)"}, cost=10, raises="over under"),
    Ufunc("deg2rad", code={"f": "x * (pi / 180)"}, raises="under"),
    Ufunc("radians", code={"f": "x * (pi / 180)"}, raises="under"),
    Ufunc("rad2deg", code={"f": "x * (180 / pi)"}, raises="over under"),
    Ufunc("degrees", code={"f": "x * (180 / pi)"}, raises="over under"),
    # bits
    Ufunc("bitwise_and", 2, code={"biu": "x & y"}, operator="and"),
    Ufunc("bitwise_or", 2, code={"biu": "x | y"}, operator="or"),
    Ufunc("bitwise_xor", 2, code={"biu": "x ^ y"}, operator="xor"),
    Ufunc("invert", code={"biu": "~x"}, operator="invert", aliases=("bitwise_not", "bitwise_invert")),
    Ufunc("left_shift", 2, code={"iu": _SHIFT + "x << (y if inside else 0) if inside else 0"}, operator="lshift",
          aliases=("bitwise_left_shift",)),
    Ufunc("right_shift", 2, code={
            "i": _SHIFT + "x >> (y if inside else bits_of(x) - 1)",
            "u": _SHIFT + "x >> (y if inside else 0) if inside else 0"}, operator="rshift",
          aliases=("bitwise_right_shift",)),
    Ufunc("bitwise_count", code={"u": "u1(popcount(x))", "i": "u1(popcount(-x if x < 0 else x))"}, cost=2),
    # comparisons and logic
    _compare("equal", "eq", "==", "~(x ^ y)", "(x.real == y.real) & (x.imag == y.imag)"),
    _compare("not_equal", "ne", "!=", "x ^ y", "(x.real != y.real) | (x.imag != y.imag)"),
    _compare("less", "lt", "<", "~x & y", _order("<", "<")),
    _compare("less_equal", "le", "<=", "~x | y", _order("<=", "<")),
    _compare("greater", "gt", ">", "x & ~y", _order(">", ">")),
    _compare("greater_equal", "ge", ">=", "x | ~y", _order(">=", ">")),
    Ufunc("logical_and", 2, code={"b": "x & y", "iuf": "(x != 0) & (y != 0)", "c": "b1(x) & b1(y)"}),
    Ufunc("logical_or", 2, code={"b": "x | y", "iuf": "(x != 0) | (y != 0)", "c": "b1(x) | b1(y)"}),
    Ufunc("logical_xor", 2, code={"b": "x ^ y", "iuf": "(x != 0) ^ (y != 0)", "c": "b1(x) ^ b1(y)"}),
    Ufunc("logical_not", code={"b": "~x", "iuf": "x == 0", "c": "~b1(x)"}),
    Ufunc("maximum", 2, code={"b": "x | y", "iu": "x if x > y else y", "f": "x if isnan(x) | (x > y) else y"}),
    Ufunc("minimum", 2, code={"b": "x & y", "iu": "x if x < y else y", "f": "x if isnan(x) | (x < y) else y"}),
    Ufunc("fmax", 2, code={"b": "x | y", "iu": "x if x > y else y", "f": "x if isnan(y) | (x > y) else y"}),
    Ufunc("fmin", 2, code={"b": "x & y", "iu": "x if x < y else y", "f": "x if isnan(y) | (x < y) else y"}),
    # equal zeros keep the sign of x, as NumPy has it for scalar bounds (for arrays of bounds it takes the bound's)
    Ufunc("clip", 3, code={
            "b": "(x | y) & z",
            "iu": "a = y if x < y else x\nz if a > z else a",
            "f": "a = y if isnan(y) | (x < y) else x\na = x if isnan(x) else a\n"
                 "b = z if isnan(z) | (a > z) else a\na if isnan(a) else b"},
          cost=2),
    # parts of floating-point numbers
    Ufunc("isnan", code={"b": "x & ~x", "iu": "x != x", "f": "isnan(x)", "c": "isnan(x.real) | isnan(x.imag)"}),
    Ufunc("isinf", code={
            "b": "x & ~x",
            "iu": "x != x",
            "f": "fabs(x) == inf",
            "c": "(fabs(x.real) == inf) | (fabs(x.imag) == inf)"}),
    Ufunc("isfinite", code={
            "b": "x | ~x",
            "iu": "x == x",
            "f": "fabs(x) < inf",
            "c": "(fabs(x.real) < inf) & (fabs(x.imag) < inf)"}),
    Ufunc("isnat"),
    Ufunc("signbit", code={"f": "signbit(x)"}),
    Ufunc("copysign", 2, code={"f": "copysign(x, y)"}),
    Ufunc("nextafter", 2, cost=4, raises="over under"),
    Ufunc("spacing", cost=4, raises="over under invalid"),
    Ufunc("heaviside", 2, code={"f": "x if isnan(x) else (y if x == 0 else (0 if x < 0 else 1))"}),
    Ufunc("floor", code={"biu": "x", "f": "floor(x)"}),
    Ufunc("ceil", code={"biu": "x", "f": "ceil(x)"}),
    Ufunc("trunc", code={"biu": "x", "f": "trunc(x)"}),
    Ufunc("rint", code={"f": "rint(x)", "c": "complex(rint(x.real), rint(x.imag))"}),
    Ufunc("modf", 1, 2, code={"f": "d = 0 if fabs(x) == inf else x\ncopysign(d - trunc(d), x), trunc(x)"}, cost=2),
    Ufunc("frexp", 1, 2, code={"f8": _parts(64, 52, 1022), "f4": _parts(32, 23, 126)}, cost=4),
    Ufunc("ldexp", 2, cost=4, raises="over under"),
    # products of vectors and matrices: never elementwise
    Ufunc("matmul", 2, operator="matmul", raises="over under invalid"),
    Ufunc("matvec", 2, raises="over under invalid"),
    Ufunc("vecmat", 2, raises="over under invalid"),
    Ufunc("vecdot", 2, raises="over under invalid"),
)

# fmt: on

UFUNCS: dict[str, Ufunc] = {name: row for row in _ROWS for name in (row.name, *row.aliases)}
"""Every ufunc by its names; an alias leads to the row of the name that NumPy prints."""


def find(ufunc: np.ufunc) -> Ufunc | None:
    """The row of a NumPy ufunc, or None if it is not one of NumPy's own."""
    row = UFUNCS.get(ufunc.__name__)
    return row if row is not None and row.numpy is ufunc else None
