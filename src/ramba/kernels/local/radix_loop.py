"""The loops of sorting by digits, in machine code: numbers become words whose unsigned order is NumPy's.

Every loop goes through one tile's elements of a source, which has a *form*:

- ``"w4"``, ``"w8"``: words of so many bytes, one after the other;
- ``"u2"``, ``"i4"``, ``"f8"``, ``"t8"``, ...: numbers with a step between them; t are times, whose NaT comes last.
  Their word is what they are in unsigned order, less a base. Zeros of both signs and the bits of what is not a number
  stay different, so that the number can be had from the word;
- ``"=f8"``, ...: the same, but numbers that are equal have equal words, and so has all that is not a number;
- ``"x8"``: only as a target, the low bits of words as integers with a step between them.
"""

from __future__ import annotations

from array import array
from typing import NamedTuple

import numpy as np

from ramba.codegen import native
from ramba.codegen.emit_text import Text

_FRACTION = {2: 10, 4: 23, 8: 52}  # bits of a floating-point number, by its size in bytes
_POINTERS = ("source", "table", "target")


class Arguments(NamedTuple):
    """What a loop is told. Some loops do not look at all of it."""

    source: int
    step: int  # in bytes
    elements: int
    size: int  # elements of a tile
    base: int = 0  # what is taken from every word, modulo 2**64
    shift: int = 0  # bits below the digit
    mask: int = 0  # of the digit
    table: int = 0
    target: int = 0
    target_step: int = 0
    index_bits: int = 0  # low bits of a word that are a position

    def block(self) -> array[int]:
        """The argument block."""
        return array("Q", [field % (1 << 64) for field in self])


def form_of(dtype: np.dtype) -> str | None:
    """The form of numbers of this dtype, or None if there is no loop for them."""
    kind, size = dtype.kind, dtype.itemsize
    if not dtype.isnative or size > 8 or kind not in "biufmM":
        return None
    return {"b": "u", "m": "t", "M": "t"}.get(kind, kind) + str(size)


def word_size(form: str) -> int:
    """Bytes of the words that hold what comes in this form."""
    return 8 if form[-1] == "8" else 4


def address(action: str, source: str, target: str = "") -> int:
    """The machine code of a loop.

    Parameters
    ----------
    action
        "span": smallest and largest word of each tile, then the bits that all and that any have, to the table.
        "count": adds to row ``tile`` of the table how often each digit occurs.
        "scatter": writes words where row ``tile`` of the table says for their digit, and counts that up.
        "pack": writes words that consist of a digit and of the element's position; or, with target "x8", digits of the
        elements at the positions that are there, before those.
        "extract": writes words w with ``0 <= w - shift <= mask``, from where the table says for this tile.
    source, target
        Forms.
    """
    key = (action, source, target)
    code = _codes.get(key)
    if code is None:
        text = Text()
        getattr(_Loop(text, source, target), action)()
        # of two threads that build the same loop, both run the one that stays: the other one's memory is freed
        code = _codes.setdefault(key, native.build(text.module(native.target().triple, ()), "kernel"))
    return code.address


_codes: dict[tuple[str, str, str], native.Code] = {}


def in_order(text: Text, form: str, bits: str, width: int = 1) -> str:
    """What orders the bits of numbers in this form: of one, or of a vector of so many."""
    sort, size = form[-2], int(form[-1])
    one = f"i{8 * size}"
    kind = one if width == 1 else f"<{width} x {one}>"
    truths = "i1" if width == 1 else f"<{width} x i1>"

    def same(number: int) -> str:
        return str(number) if width == 1 else f"splat ({one} {number})"

    sign = 1 << (8 * size - 1)
    match sort:
        case "u":
            return bits
        case "i":
            return text.let(f"xor {kind} {bits}, {same(sign)}")
        case "t":
            return text.let(f"sub {kind} {text.let(f'xor {kind} {bits}, {same(sign)}')}, {same(1)}")
    infinity = (sign - 1) >> _FRACTION[size] << _FRACTION[size]
    magnitude = text.let(f"and {kind} {bits}, {same(sign - 1)}")
    if form[0] == "=":
        zero = text.let(f"icmp eq {kind} {magnitude}, {same(0)}")
        bits = text.let(f"select {truths} {zero}, {kind} {same(0)}, {kind} {bits}")
    negative = text.let(f"ashr {kind} {bits}, {same(8 * size - 1)}")
    bits = text.let(f"xor {kind} {bits}, {text.let(f'or {kind} {negative}, {same(sign)}')}")
    # what is not a number and negative came first now: subtracting their count sends them round to the end
    bits = text.let(f"sub {kind} {bits}, {same(sign - 1 - infinity)}")
    if form[0] == "=":
        nan = text.let(f"icmp ugt {kind} {magnitude}, {same(infinity)}")
        bits = text.let(f"select {truths} {nan}, {kind} {same(-1)}, {kind} {bits}")
    return bits


class _Loop:
    """The text of one loop."""

    def __init__(self, text: Text, source: str, target: str) -> None:
        self._text, self._source, self._target = text, source, target
        self._fields: dict[str, str] = {}
        for n, name in enumerate(Arguments._fields):
            place = text.let(f"getelementptr i64, ptr %args, i64 {n}")
            self._fields[name] = text.let(f"load {'ptr' if name in _POINTERS else 'i64'}, ptr {place}")
        self._first = text.let(f"mul i64 %tile, {self._fields['size']}")
        beyond = text.let(f"add i64 {self._first}, {self._fields['size']}")
        self._last = self._smaller(beyond, self._fields["elements"])

    def span(self) -> None:
        text = self._text
        low, both = text.variable("i64", "-1"), text.variable("i64", "-1")
        high, either = text.variable("i64", "0"), text.variable("i64", "0")
        with text.loop(self._first, self._last) as i:
            word = self._word(i)
            text.set(low, self._smaller(word, text.get(low)))
            text.set(high, self._larger(word, text.get(high)))
            text.set(both, text.let(f"and i64 {word}, {text.get(both)}"))
            text.set(either, text.let(f"or i64 {word}, {text.get(either)}"))
        row = text.let("shl i64 %tile, 2")
        for n, variable in enumerate((low, high, both, either)):
            text.do(f"store i64 {text.get(variable)}, ptr {self._in_table(text.let(f'add i64 {row}, {n}'))}")

    def count(self) -> None:
        text, row = self._text, self._row()
        with text.loop(self._first, self._last) as i:
            place = text.let(f"getelementptr i64, ptr {row}, i64 {self._digit(self._word(i))}")
            self._count_up(place)

    def scatter(self) -> None:
        text, row = self._text, self._row()
        with text.loop(self._first, self._last) as i:
            word = self._word(i)
            place = text.let(f"getelementptr i64, ptr {row}, i64 {self._digit(word)}")
            self._store(word, self._count_up(place))

    def pack(self) -> None:
        text, bits, again = self._text, self._fields["index_bits"], self._target == "x8"
        positions = self._low_bits()
        with text.loop(self._first, self._last) as i:
            place = text.let(f"getelementptr i64, ptr {self._fields['target']}, i64 {i}")
            where = text.let(f"and i64 {text.let(f'load i64, ptr {place}')}, {positions}") if again else i
            digit = text.let(f"shl i64 {self._digit(self._word(where))}, {bits}")
            text.do(f"store i64 {text.let(f'or i64 {digit}, {where}')}, ptr {place}")

    def extract(self) -> None:
        text = self._text
        kind = f"i{8 * int(self._target[-1])}"
        nowhere = text.allocate("i64")
        end = text.variable("i64", text.let(f"load i64, ptr {self._in_table('%tile')}"))
        with text.loop(self._first, self._last) as i:
            word, here = text.let(f"sub i64 {self._word(i)}, {self._fields['shift']}"), text.get(end)
            wanted = text.let(f"icmp ule i64 {word}, {self._fields['mask']}")
            place = text.let(f"getelementptr {kind}, ptr {self._fields['target']}, i64 {here}")
            place = text.let(f"select i1 {wanted}, ptr {place}, ptr {nowhere}")
            text.do(f"store {kind} {self._narrow(word, kind)}, ptr {place}")
            text.set(end, text.let(f"add i64 {here}, {text.let(f'zext i1 {wanted} to i64')}"))

    def _word(self, i: str) -> str:
        """The word of element ``i``, as i64."""
        text, form = self._text, self._source
        kind = f"i{8 * int(form[-1])}"
        if form[0] == "w":
            place = text.let(f"getelementptr {kind}, ptr {self._fields['source']}, i64 {i}")
            return self._wide(text.let(f"load {kind}, ptr {place}"), kind)
        offset = text.let(f"mul i64 {i}, {self._fields['step']}")
        place = text.let(f"getelementptr i8, ptr {self._fields['source']}, i64 {offset}")
        bits = in_order(text, form, text.let(f"load {kind}, ptr {place}, align 1"))
        return text.let(f"sub i64 {self._wide(bits, kind)}, {self._fields['base']}")

    def _store(self, word: str, i: str) -> None:
        """Writes a word as element ``i`` of the target."""
        text, form, target = self._text, self._target, self._fields["target"]
        kind = f"i{8 * int(form[-1])}"
        if form[0] == "w":
            place = text.let(f"getelementptr {kind}, ptr {target}, i64 {i}")
            text.do(f"store {kind} {self._narrow(word, kind)}, ptr {place}")
            return
        offset = text.let(f"mul i64 {i}, {self._fields['target_step']}")
        place = text.let(f"getelementptr i8, ptr {target}, i64 {offset}")
        if form[0] == "x":
            bits = text.let(f"and i64 {word}, {self._low_bits()}")
        else:
            bits = self._number(self._narrow(text.let(f"add i64 {word}, {self._fields['base']}"), kind), kind)
        text.do(f"store {kind} {bits}, ptr {place}, align 1")

    def _number(self, bits: str, kind: str) -> str:
        """The inverse of :func:`in_order`."""
        text, sort, size = self._text, self._target[-2], int(self._target[-1])
        sign = 1 << (8 * size - 1)
        match sort:
            case "u":
                return bits
            case "i":
                return text.let(f"xor {kind} {bits}, {sign}")
            case "t":
                return text.let(f"xor {kind} {text.let(f'add {kind} {bits}, 1')}, {sign}")
        bits = text.let(f"add {kind} {bits}, {(1 << _FRACTION[size]) - 1}")
        positive = text.let(f"ashr {kind} {bits}, {8 * size - 1}")
        negative = text.let(f"xor {kind} {positive}, -1")
        return text.let(f"xor {kind} {bits}, {text.let(f'or {kind} {negative}, {sign}')}")

    def _digit(self, word: str) -> str:
        shifted = self._text.let(f"lshr i64 {word}, {self._fields['shift']}")
        return self._text.let(f"and i64 {shifted}, {self._fields['mask']}")

    def _low_bits(self) -> str:
        above = self._text.let(f"shl i64 -1, {self._fields['index_bits']}")
        return self._text.let(f"xor i64 {above}, -1")

    def _row(self) -> str:
        """The row of the table that belongs to this tile."""
        columns = self._text.let(f"add i64 {self._fields['mask']}, 1")
        return self._in_table(self._text.let(f"mul i64 %tile, {columns}"))

    def _in_table(self, i: str) -> str:
        return self._text.let(f"getelementptr i64, ptr {self._fields['table']}, i64 {i}")

    def _count_up(self, place: str) -> str:
        before = self._text.let(f"load i64, ptr {place}")
        self._text.do(f"store i64 {self._text.let(f'add i64 {before}, 1')}, ptr {place}")
        return before

    def _smaller(self, p: str, q: str) -> str:
        return self._text.let(f"select i1 {self._text.let(f'icmp ult i64 {p}, {q}')}, i64 {p}, i64 {q}")

    def _larger(self, p: str, q: str) -> str:
        return self._text.let(f"select i1 {self._text.let(f'icmp ugt i64 {p}, {q}')}, i64 {p}, i64 {q}")

    def _wide(self, value: str, kind: str) -> str:
        return value if kind == "i64" else self._text.let(f"zext {kind} {value} to i64")

    def _narrow(self, value: str, kind: str) -> str:
        return value if kind == "i64" else self._text.let(f"trunc i64 {value} to {kind}")
