"""Operations that are scalar functions in LLVM's IR: loops and branches, but neither memory nor calls.

What stands in a text is matched line by line against the few instructions below, each of which reads numbers and makes
one number; the functions that can be called are the C library's functions of numbers. So a text of others can waste
time, but reach nothing. What has no defined result in LLVM gets NumPy's: a division by zero, a shift by too much.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np

from ramba.ops import polls
from ramba.ops.definition import KINDS, Defined, Definition, define
from ramba.ops.op import Machine, Operand, Signature

LONGEST = 64_000  # characters of a function
INLINE = 24  # lines without a branch that are repeated for each lane of a vector

ELEMENT = {f"{kind}{size}": f"i{8 * size}" for kind in "iu" for size in (1, 2, 4, 8)}
ELEMENT |= {"b1": "i1", "f4": "float", "f8": "double"}
"""The LLVM type of an element in a register; of one part of it, if it is complex."""

EXECUTORS: list[Callable[[Ir, Sequence[Any], np.ndarray], None]] = []
"""How such an operation is computed on arrays, if it must be: the compiler, a floor above, enters itself here."""

_WORDS = {
    "N": r"%[A-Za-z_]\w*",
    "V": r"(?:%[A-Za-z_]\w*|-?\d{1,20}|true|false|-?\d{1,20}\.\d{1,20}(?:e[+-]\d{1,3})?|0x[0-9A-F]{16})",
    "T": r"(?:i1|i8|i16|i32|i64|float|double)",
    "I": r"(?:i1|i8|i16|i32|i64)",
    "F": r"(?:float|double)",
    "L": r"%[A-Za-z_]\w*",
}
_INTRINSIC = (
    r"@llvm\.(?:sqrt|fabs|floor|ceil|trunc|rint|nearbyint|round|roundeven|copysign|fma|sin|cos|tan|exp|exp2|log|log2|log10|"
    r"pow|minnum|maxnum|minimum|maximum)\.f(?:32|64)"
)
_OF_INTEGERS = r"@llvm\.(?:smax|smin|umax|umin|ctpop|bswap|bitreverse)\.i(?:8|16|32|64)"
LIBM = (
    "sin cos tan asin acos atan atan2 sinh cosh tanh asinh acosh atanh exp exp2 expm1 log log2 log10 log1p pow hypot "
    "cbrt sqrt floor ceil trunc rint round fabs copysign fmax fmin fmod erf erfc tgamma lgamma"
).split()
"""Functions of the C library that an operation may call, each also for single precision."""
_C_LIBRARY = rf"@(?:{'|'.join(LIBM)})f?"
_LINES = (
    r"<N> = (?:fadd|fsub|fmul|fdiv|frem) <F> <V>, <V>",
    r"(?P<quotient><N>) = (?P<division>[su](?:div|rem)) (?P<of>i(?:8|16|32|64)) (?P<a><V>), (?P<b><V>)",
    r"(?P<shifted><N>) = (?P<shifts>shl|lshr|ashr) (?P<what>i(?:8|16|32|64)) (?P<given><V>), (?P<by>%[A-Za-z_]\w*)",
    r"<N> = fneg <F> <V>",
    r"<N> = (?:add|sub|mul|and|or|xor) <I> <V>, <V>",
    r"<N> = (?:shl|lshr|ashr) i(?P<bits>8|16|32|64) <V>, (?P<shift>\d{1,2})",
    r"<N> = icmp (?:eq|ne|[su][lg][te]) <I> <V>, <V>",
    r"<N> = fcmp (?:o(?:eq|gt|ge|lt|le|ne|rd)|u(?:eq|gt|ge|lt|le|ne|no)) <F> <V>, <V>",
    r"<N> = select i1 <V>, <T> <V>, <T> <V>",
    r"<N> = (?:trunc|zext|sext|fptrunc|fpext|sitofp|uitofp|bitcast) <T> <V> to <T>",
    r"(?P<name><N>) = (?P<convert>fpto[su]i <F> <V> to (?P<to><I>))",
    r"<N> = phi <T> \[ <V>, <L> \](?:, \[ <V>, <L> \]){0,63}",
    r"<N> = (?P<call>call <F> <C>\(<F> <V>(?:, <F> <V>){0,2}\))",
    r"<N> = (?P<whole>call <I> <O>\(<I> <V>(?:, <I> <V>)?\))",
    r"(?P<absolute><N>) = call (?P<kind><I>) @llvm\.abs\.i\d\d?\((?P<same><I>) (?P<number><V>), i1 (?:true|false)\)",
    r"br label <L>",
    r"br i1 <V>, label <L>, label <L>",
    r"ret <T> <V>",
)
_WITH_FLAGS = re.compile(r" = (?:f|call (?:float|double) )")
_LABEL = re.compile(r"[A-Za-z_]\w*:", re.ASCII)
_HEAD = re.compile(r"define (\S{1,8}) @[A-Za-z_]\w*\((.{0,400})\) ?\{", re.ASCII)


def _pattern(line: str) -> re.Pattern[str]:
    for word, meaning in _WORDS.items():
        line = line.replace(f"<{word}>", meaning)
    called = line.replace("<C>", f"(?:{_INTRINSIC}|{_C_LIBRARY})").replace("<O>", _OF_INTEGERS)
    return re.compile(called, re.ASCII)


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    """Compiled when IR is first read: that takes 10 ms."""
    return tuple(map(_pattern, _LINES))


_SIGNATURE = re.compile(r"(?:\w\d )+-> \w\d", re.ASCII)


class Ir(Defined):
    """An operation of which each loop is a scalar function."""

    nout = 1

    def __init__(self, definition: Definition) -> None:
        super().__init__(definition)
        if definition.uses:
            raise ValueError(f"{self.name} is IR, which calls no other operations.")
        self.functions: dict[tuple[str, ...], tuple[str, Machine]] = {}  # by the dtypes of operands
        lines = 0
        for number, (signature, text) in enumerate(definition.texts):
            operands, result = self.signature(signature)
            function = _function(f"{self.digest}.{number}", text, operands, result)
            self.functions[operands] = (result, function)
            lines = max(lines, function.body.count("\n") + 1)
            self.speculates |= not definition.raises and _WITH_FLAGS.search(function.body) is not None
        self.size = min(max(lines // 2, 1), 100)

    def signature(self, text: str) -> tuple[tuple[str, ...], str]:
        """The dtypes of operands and result: "f8 f8 -> f8"."""
        operands, _, result = text.partition(" -> ")
        found = tuple(operands.split(" "))
        if not _SIGNATURE.fullmatch(text) or len(found) != self.nin or not {*found, result} <= set(ELEMENT):
            raise ValueError(f"{text[:60]!r} is no signature of {self.nin} operands, as in 'f8 f8 -> f8'.")
        return found, result

    def resolve(
        self, operands: tuple[Operand, ...], dtype: np.dtype | None = None, casting: str = "same_kind"
    ) -> Signature:
        """The first function to whose operands these can be cast safely, as NumPy chooses."""
        if not any(isinstance(each, np.dtype) for each in operands):
            operands = tuple(map(np.dtype, operands))
        for loop, (result, _) in self.functions.items():
            fits = all(_fits(given, np.dtype(taken)) for given, taken in zip(operands, loop, strict=True))
            if fits and (dtype is None or dtype == np.dtype(result)):
                return tuple(map(np.dtype, loop)), (np.dtype(result),)
        given = ", ".join(repr(each) for each in operands)
        raise TypeError(f"{self.name} is not supported for the input types: {given}")

    def lower(self, loop: tuple[str, ...], result: str) -> Machine | None:
        _, function = self.functions.get(loop[: self.nin], ("", None))
        return function

    def compiles(self, loop: tuple[str, ...]) -> bool:
        return loop[: self.nin] in self.functions

    def flags(self, dtype: str, result: str = "") -> frozenset[str]:
        return frozenset(self.definition.raises.split())

    def interpret(self, args: Sequence[Any], dtype: np.dtype, out: np.ndarray | None = None) -> tuple[Any, ...]:
        if out is None:
            out = np.empty(np.broadcast_shapes(*map(np.shape, args)), dtype)
        EXECUTORS[0](self, args, out)
        return (out,)


def _fits(given: Operand, taken: np.dtype) -> bool:
    if isinstance(given, np.dtype):
        return np.can_cast(given, taken, "safe")
    return taken.kind in {bool: "biuf", int: "iuf", float: "f"}.get(given, "")


def _function(symbol: str, text: str, operands: tuple[str, ...], result: str) -> Machine:
    """A function whose every line is one that is known. Raises ValueError for everything else."""
    if len(text) > LONGEST:
        raise ValueError(f"A function has {len(text)} characters, but may have {LONGEST}.")
    lines = [line for each in text.split("\n") if (line := " ".join(each.partition(";")[0].split()))]
    head = _HEAD.fullmatch(lines[0]) if lines else None
    if head is None or lines[-1] != "}" or head[1] != ELEMENT[result]:
        raise ValueError(f"A function begins with 'define {ELEMENT[result]} @name(...) {{' and ends with '}}'.")
    names = [part.strip() for part in head[2].split(",")]
    for name, dtype in zip(names, operands, strict=True):
        if not re.fullmatch(rf"{ELEMENT[dtype]} {_WORDS['N']}", name, re.ASCII):
            raise ValueError(f"An operand of dtype {dtype} is written '{ELEMENT[dtype]} %x', not {name[:40]!r}.")
    outside: dict[str, None] = {}
    body = [made for line in lines[1:-1] for made in _checked(line, outside)]
    if not body or not body[-1].startswith(("ret ", "br ")):
        raise ValueError("A function ends with 'ret' or 'br'.")
    branches = any(line.endswith(":") for line in body)
    inline = len(body) <= INLINE and not branches
    loops = polls.goes_back(body)
    if loops:
        body = polls.leaves_when_told(body, head[1])
        names.append(polls.STOP)
    indented = "\n".join(line if line.endswith(":") else f"  {line}" for line in body)
    return Machine(symbol, head[1], tuple(names), indented, tuple(outside), inline, loops)


def _checked(line: str, outside: dict[str, None]) -> list[str]:
    """A line as LLVM gets it."""
    if _LABEL.fullmatch(line):
        return [line]
    for pattern in _patterns():
        found = pattern.fullmatch(line)
        if found is None:
            continue
        parts = found.groupdict()
        if "shift" in parts and int(parts["shift"]) >= int(parts["bits"]):
            break  # no defined result
        if "convert" in parts:  # without a defined result where the number does not fit: frozen, it is any number
            return [
                f"{parts['name']}.raw = {parts['convert']}",
                f"{parts['name']} = freeze {parts['to']} {parts['name']}.raw",
            ]
        if "quotient" in parts:
            return _divided(**parts)
        if "shifted" in parts:
            return _shifted(**parts)
        if "absolute" in parts:
            name, kind, number = parts["absolute"], parts["kind"], parts["number"]
            below = f"{name}.below = icmp slt {kind} {number}, 0"
            return [
                below,
                f"{name}.minus = sub {kind} 0, {number}",
                f"{name} = select i1 {name}.below, {kind} {name}.minus, {kind} {number}",
            ]
        call = parts.get("call") or parts.get("whole")
        if call:
            outside[re.sub(r" [^ (),]+(?=[,)])", "", call.removeprefix("call "))] = None
        return [line]
    raise ValueError(f"A function cannot contain {line[:80]!r}.")


def _divided(quotient: str, division: str, of: str, a: str, b: str) -> list[str]:
    """A division of integers: by zero it is zero, and the lowest number by -1 is itself, without a remainder."""
    lines = [f"{quotient}.zero = icmp eq {of} {b}, 0", f"{quotient}.never = or i1 {quotient}.zero, false"]
    if division[0] == "s":
        lines = [
            lines[0],
            f"{quotient}.minus = icmp eq {of} {b}, -1",
            f"{quotient}.never = or i1 {quotient}.zero, {quotient}.minus",
        ]
    lines += [
        f"{quotient}.by = select i1 {quotient}.never, {of} 1, {of} {b}",
        f"{quotient}.is = {division} {of} {a}, {quotient}.by",
    ]
    if division == "sdiv":
        lines += [
            f"{quotient}.other = sub {of} 0, {a}",
            f"{quotient}.one = select i1 {quotient}.minus, {of} {quotient}.other, {of} {quotient}.is",
        ]
    else:
        lines.append(f"{quotient}.one = or {of} {quotient}.is, 0")
    return [*lines, f"{quotient} = select i1 {quotient}.zero, {of} 0, {of} {quotient}.one"]


def _shifted(shifted: str, shifts: str, what: str, given: str, by: str) -> list[str]:
    """A shift by a number: what is shifted by as many bits as there are, or more, is gone."""
    bits = int(what[1:])
    gone = [f"{shifted}.gone = or {what} 0, 0"]
    if shifts == "ashr":
        gone = [f"{shifted}.gone = ashr {what} {given}, {bits - 1}"]
    return [
        f"{shifted}.fits = icmp ult {what} {by}, {bits}",
        f"{shifted}.few = and {what} {by}, {bits - 1}",
        f"{shifted}.is = {shifts} {what} {given}, {shifted}.few",
        *gone,
        f"{shifted} = select i1 {shifted}.fits, {what} {shifted}.is, {what} {shifted}.gone",
    ]


KINDS["ir"] = Ir


def ir(
    name: str,
    functions: Mapping[str, str],
    *,
    identity: bool | int | float | None = None,
    associative: bool = False,
    raises: str = "",
    cost: float = 4,
) -> Defined:
    r"""An operation that is computed by scalar functions in LLVM's IR.

    Parameters
    ----------
    name
        What it is called, in warnings for example.
    functions
        A function by its signature ("f8 f8 -> f8"): ``define double @f(double %x, double %y) {`` and so on. Known are
        arithmetic without flags, comparisons, ``select``, shifts, conversions, ``phi``, branches, LLVM's intrinsics
        for numbers (``sqrt``, ``fabs``, ``floor``, ``sin``, ``smax`` and so on) and the C library's functions of
        numbers.
    identity
        The value that changes nothing. It says that elements may be folded in any order and grouping.
    associative
        Whether a scan may divide a sequence anywhere; an operation with an identity is.
    raises
        The floating-point flags that are told of: some of "divide", "over", "under", "invalid".
    cost
        Of one element, in additions.

    Returns
    -------
    Defined
        The operation; the same one for the same definition.

    Raises
    ------
    ValueError
        If a function is none of these, or would not do what the rest says.

    Examples
    --------
    >>> from ramba.lazyarray import operation
    >>> from ramba.ops import ir
    >>> function = "define double @f(double %x) {\n %y = fadd double %x, 1.0\n ret double %y\n}"
    >>> float(operation(ir("next", {"f8 -> f8": function}))(2.0))
    3.0
    """
    nin = min((signature.partition("->")[0].count(" ") for signature in functions), default=0)
    texts = tuple(functions.items())
    return define(Definition("ir", name, nin, texts, identity, associative, raises, float(cost)))
