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
from ramba.codegen.routine import Routine

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
        text = Routine()
        getattr(_Loop(text, source, target), action)()
        # of two threads that build the same loop, both run the one that stays: the other one's memory is freed
        code = _codes.setdefault(key, native.build(text.module(native.target().triple, ()), "kernel"))
    return code.address


_codes: dict[tuple[str, str, str], native.Code] = {}


def in_order(text: Routine, form: str, bits: str, width: int = 1) -> str:
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
            return text.xor(bits, same(sign), kind)
        case "t":
            return text.sub(text.xor(bits, same(sign), kind), same(1), kind)
    infinity = (sign - 1) >> _FRACTION[size] << _FRACTION[size]
    magnitude = text.and_(bits, same(sign - 1), kind)
    if form[0] == "=":
        zero = text.icmp("eq", magnitude, same(0), kind)
        bits = text.select(zero, same(0), bits, kind, truths)
    negative = text.ashr(bits, same(8 * size - 1), kind)
    bits = text.xor(bits, text.or_(negative, same(sign), kind), kind)
    # what is not a number and negative came first now: subtracting their count sends them round to the end
    bits = text.sub(bits, same(sign - 1 - infinity), kind)
    if form[0] == "=":
        nan = text.icmp("ugt", magnitude, same(infinity), kind)
        bits = text.select(nan, same(-1), bits, kind, truths)
    return bits


class _Loop:
    """The text of one loop."""

    def __init__(self, text: Routine, source: str, target: str) -> None:
        self._text, self._source, self._target = text, source, target
        self._fields: dict[str, str] = {}
        for n, name in enumerate(Arguments._fields):
            place = text.at("i64", "%args", n)
            self._fields[name] = text.read("ptr" if name in _POINTERS else "i64", place)
        self._first = text.mul("%tile", self._fields["size"])
        beyond = text.add(self._first, self._fields["size"])
        self._last = self._smaller(beyond, self._fields["elements"])

    def span(self) -> None:
        text = self._text
        low, both = text.variable("i64", "-1"), text.variable("i64", "-1")
        high, either = text.variable("i64", "0"), text.variable("i64", "0")
        with text.loop(self._first, self._last) as i:
            word = self._word(i)
            text.set(low, self._smaller(word, text.get(low)))
            text.set(high, self._larger(word, text.get(high)))
            text.set(both, text.and_(word, text.get(both)))
            text.set(either, text.or_(word, text.get(either)))
        row = text.shl("%tile", 2)
        for n, variable in enumerate((low, high, both, either)):
            text.put("i64", text.get(variable), self._in_table(text.add(row, n)))

    def count(self) -> None:
        text, row = self._text, self._row()
        with text.loop(self._first, self._last) as i:
            place = text.at("i64", row, self._digit(self._word(i)))
            self._count_up(place)

    def scatter(self) -> None:
        text, row = self._text, self._row()
        with text.loop(self._first, self._last) as i:
            word = self._word(i)
            place = text.at("i64", row, self._digit(word))
            self._store(word, self._count_up(place))

    def pack(self) -> None:
        text, bits, again = self._text, self._fields["index_bits"], self._target == "x8"
        positions = self._low_bits()
        with text.loop(self._first, self._last) as i:
            place = text.at("i64", self._fields["target"], i)
            where = text.and_(text.read("i64", place), positions) if again else i
            digit = text.shl(self._digit(self._word(where)), bits)
            text.put("i64", text.or_(digit, where), place)

    def extract(self) -> None:
        text = self._text
        kind = f"i{8 * int(self._target[-1])}"
        nowhere = text.allocate("i64")
        end = text.variable("i64", text.read("i64", self._in_table("%tile")))
        with text.loop(self._first, self._last) as i:
            word, here = text.sub(self._word(i), self._fields["shift"]), text.get(end)
            wanted = text.icmp("ule", word, self._fields["mask"])
            place = text.at(kind, self._fields["target"], here)
            place = text.select(wanted, place, nowhere, "ptr")
            text.put(kind, self._narrow(word, kind), place)
            text.set(end, text.add(here, text.cast("zext", wanted, "i1", "i64")))

    def _word(self, i: str) -> str:
        """The word of element ``i``, as i64."""
        text, form = self._text, self._source
        kind = f"i{8 * int(form[-1])}"
        if form[0] == "w":
            place = text.at(kind, self._fields["source"], i)
            return self._wide(text.read(kind, place), kind)
        offset = text.mul(i, self._fields["step"])
        place = text.at("i8", self._fields["source"], offset)
        bits = in_order(text, form, text.read(kind, place, 1))
        return text.sub(self._wide(bits, kind), self._fields["base"])

    def _store(self, word: str, i: str) -> None:
        """Writes a word as element ``i`` of the target."""
        text, form, target = self._text, self._target, self._fields["target"]
        kind = f"i{8 * int(form[-1])}"
        if form[0] == "w":
            place = text.at(kind, target, i)
            text.put(kind, self._narrow(word, kind), place)
            return
        offset = text.mul(i, self._fields["target_step"])
        place = text.at("i8", target, offset)
        if form[0] == "x":
            bits = text.and_(word, self._low_bits())
        else:
            bits = self._number(self._narrow(text.add(word, self._fields["base"]), kind), kind)
        text.put(kind, bits, place, 1)

    def _number(self, bits: str, kind: str) -> str:
        """The inverse of :func:`in_order`."""
        text, sort, size = self._text, self._target[-2], int(self._target[-1])
        sign = 1 << (8 * size - 1)
        match sort:
            case "u":
                return bits
            case "i":
                return text.xor(bits, sign, kind)
            case "t":
                return text.xor(text.add(bits, 1, kind), sign, kind)
        bits = text.add(bits, (1 << _FRACTION[size]) - 1, kind)
        positive = text.ashr(bits, 8 * size - 1, kind)
        negative = text.xor(positive, -1, kind)
        return text.xor(bits, text.or_(negative, sign, kind), kind)

    def _digit(self, word: str) -> str:
        shifted = self._text.lshr(word, self._fields["shift"])
        return self._text.and_(shifted, self._fields["mask"])

    def _low_bits(self) -> str:
        above = self._text.shl(-1, self._fields["index_bits"])
        return self._text.xor(above, -1)

    def _row(self) -> str:
        """The row of the table that belongs to this tile."""
        columns = self._text.add(self._fields["mask"], 1)
        return self._in_table(self._text.mul("%tile", columns))

    def _in_table(self, i: str) -> str:
        return self._text.at("i64", self._fields["table"], i)

    def _count_up(self, place: str) -> str:
        before = self._text.read("i64", place)
        self._text.put("i64", self._text.add(before, 1), place)
        return before

    def _smaller(self, p: str, q: str) -> str:
        return self._text.select(self._text.icmp("ult", p, q), p, q)

    def _larger(self, p: str, q: str) -> str:
        return self._text.select(self._text.icmp("ugt", p, q), p, q)

    def _wide(self, value: str, kind: str) -> str:
        return value if kind == "i64" else self._text.cast("zext", value, kind, "i64")

    def _narrow(self, value: str, kind: str) -> str:
        return value if kind == "i64" else self._text.cast("trunc", value, "i64", kind)
