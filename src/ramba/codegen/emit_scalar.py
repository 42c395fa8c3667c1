"""A scalar function in IR on whole vectors: branches become selections. One with a loop is left to single lanes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from ramba.codegen.emit_vector import Lanes, Value
from ramba.ops import Machine

MOST_BLOCKS = 24  # of which all are computed, for all lanes

_NATIVE = frozenset("sqrt fabs floor ceil trunc rint nearbyint round roundeven copysign fma minnum maxnum".split())
_INTEGER = frozenset("smax smin umax umin ctpop".split())
_SAME = "sin cos tan sinh cosh tanh exp exp2 expm1 log log2 log10 log1p hypot cbrt fmod".split()
_OURS = {
    "asin": "arcsin", "acos": "arccos", "atan": "arctan", "atan2": "arctan2", "asinh": "arcsinh", "acosh": "arccosh",
    "atanh": "arctanh", "pow": "power",
} | {name: name for name in _SAME}  # fmt: skip
"""Functions of the C library, and the operations that compute them on vectors."""
_SHORT = {"float": "f32", "double": "f64"}
_DTYPES = {"float": "f4", "double": "f8"}

_LABEL = re.compile(r"(\w+):$")
_BRANCH = re.compile(r"br (?:i1 (\S+), label %(\w+), label %(\w+)|label %(\w+))$")
_PHI = re.compile(r"(%\S+) = phi (\S+) (.*)$")
_TWO = re.compile(r"(%\S+) = ([a-z]+) (i\d+|float|double) (\S+), (\S+)$")
_ONE = re.compile(r"(%\S+) = (fneg|freeze) (\S+) (\S+)$")
_COMPARE = re.compile(r"(%\S+) = ([if]cmp \w+) (\S+) (\S+), (\S+)$")
_SELECT = re.compile(r"(%\S+) = select i1 (\S+), (\S+) (\S+), \S+ (\S+)$")
_CAST = re.compile(r"(%\S+) = ([a-z]+) (\S+) (\S+) to (\S+)$")
_CALL = re.compile(r"(%\S+) = call (\S+) @(llvm\.)?(\w+)(?:\.\w+)?\((.*)\)$")
_RETURN = re.compile(r"ret (\S+) (\S+)$")

Apply = Callable[[Lanes, str, tuple[Value, ...], str], tuple[Value, ...]]
"""How an operation is computed on vectors."""


class _Block(NamedTuple):
    lines: list[str]  # without the branch
    condition: str  # "" if there is one way on, or none
    targets: tuple[str, ...]


def vectorised(lanes: Lanes, function: Machine, args: tuple[Value, ...], dtype: str, apply: Apply) -> Value | None:
    """What a function gives for each lane; None if it has to be called for each."""
    if function.loops:
        return None
    blocks = _blocks(function.body)
    order = _order(blocks)
    if lanes.width == 1 or not order or len(order) > MOST_BLOCKS or not all(map(_is_known, function.body.splitlines())):
        return None
    names = [operand.split()[1] for operand in function.operands]
    given = dict(zip(names, (arg.parts[0] for arg in args), strict=True))
    try:
        return _Vectors(lanes, blocks, apply, given).result(order, dtype)
    except KeyError:  # of a name that nothing has: LLVM says so of the function itself
        return None


def _blocks(body: str) -> dict[str, _Block]:
    found: dict[str, _Block] = {}
    label = ""
    lines: list[str] = []
    for line in map(str.strip, body.splitlines()):
        begins, branch = _LABEL.match(line), _BRANCH.match(line)
        if begins:
            label, lines = begins[1], []
        elif branch:
            targets = (branch[2], branch[3]) if branch[1] else (branch[4],)
            found[label] = _Block(lines, branch[1] or "", targets)
        else:
            lines.append(line)
            if line.startswith("ret "):
                found[label] = _Block(lines, "", ())
    return found


def _order(blocks: dict[str, _Block]) -> list[str]:
    """Blocks after those that lead to them; empty if one leads to itself."""
    done: list[str] = []
    state: dict[str, int] = {}
    stack: list[tuple[str, Iterator[str]]] = []
    first = next(iter(blocks))
    stack.append((first, iter(blocks[first].targets)))
    state[first] = 1
    while stack:
        label, rest = stack[-1]
        following = next(rest, None)
        if following is None:
            state[label] = 2
            done.append(label)
            stack.pop()
        elif state.get(following) == 1 or following not in blocks:
            return []
        elif following not in state:
            state[following] = 1
            stack.append((following, iter(blocks[following].targets)))
    return done[::-1]


def _is_known(line: str) -> bool:
    line = line.strip()
    call = _CALL.match(line)
    if call is None:
        return True
    name = call[4]
    if call[3]:
        return name in _NATIVE or name in _INTEGER or name in _OURS
    return name in _OURS or name.removesuffix("f") in _OURS


class _Vectors:
    """The blocks of a function, one after the other, on vectors."""

    def __init__(self, lanes: Lanes, blocks: dict[str, _Block], apply: Apply, names: dict[str, str]) -> None:
        self.lanes, self.text, self.blocks, self.apply, self.names = lanes, lanes.text, blocks, apply, names
        self.edges: dict[str, list[tuple[str, str]]] = {}  # to a block: (from, where it is taken; "" is everywhere)

    def result(self, order: list[str], dtype: str) -> Value:
        """What is returned, of whichever block."""
        returned: list[tuple[str, str, str]] = []
        for label in order:
            here = self.either([where for _, where in self.edges.get(label, [])])
            block = self.blocks[label]
            for line in block.lines:
                found = _RETURN.match(line)
                if found:
                    returned.append((here, found[1], self.value(found[1], found[2])))
                else:
                    self.instruction(line, label)
            self.leave(label, block, here)
        _, kind, value = returned[-1]
        for here, _, other in returned[-2::-1]:
            value = self.chosen(here, kind, other, value)
        return Value(dtype, (value,))

    def leave(self, label: str, block: _Block, here: str) -> None:
        if not block.condition:
            for target in block.targets:
                self.edges.setdefault(target, []).append((label, here))
            return
        condition = self.value("i1", block.condition)
        other = self.text.let(f"xor {self.of('i1')} {condition}, {self.value('i1', 'true')}")
        for target, taken in zip(block.targets, (condition, other), strict=True):
            where = taken if not here else self.text.let(f"and {self.of('i1')} {here}, {taken}")
            self.edges.setdefault(target, []).append((label, where))

    def either(self, places: list[str]) -> str:
        if not places or "" in places:
            return ""
        found = places[0]
        for place in places[1:]:
            found = self.text.let(f"or {self.of('i1')} {found}, {place}")
        return found

    def chosen(self, where: str, kind: str, yes: str, no: str) -> str:
        if not where:
            return yes
        return self.text.let(f"select {self.of('i1')} {where}, {self.of(kind)} {yes}, {self.of(kind)} {no}")

    def of(self, kind: str) -> str:
        """A vector of an LLVM type."""
        return f"<{self.lanes.width} x {kind}>"

    def value(self, kind: str, text: str) -> str:
        """A name, or a number in each lane."""
        if text.startswith("%"):
            return self.names[text]
        return f"<{', '.join([f'{kind} {text}'] * self.lanes.width)}>"

    def instruction(self, line: str, label: str) -> None:
        """One line, for all lanes."""
        phi, call = _PHI.match(line), _CALL.match(line)
        if phi:
            self.names[phi[1]] = self.joined(phi[2], phi[3], label)
        elif call:
            self.names[call[1]] = self.called(call[2], call[4], bool(call[3]), call[5])
        else:
            name, code = self.plain(line)
            self.names[name] = self.text.let(code) if code else self.names[name]

    def plain(self, line: str) -> tuple[str, str]:
        if found := _SELECT.match(line):
            name, where, kind, yes, no = found.groups()
            parts = (self.value("i1", where), self.value(kind, yes), self.value(kind, no))
            return name, f"select {self.of('i1')} {parts[0]}, {self.of(kind)} {parts[1]}, {self.of(kind)} {parts[2]}"
        if found := _COMPARE.match(line):
            name, code, kind, a, b = found.groups()
            return name, f"{code} {self.of(kind)} {self.value(kind, a)}, {self.value(kind, b)}"
        if found := _CAST.match(line):
            name, code, kind, a, to = found.groups()
            return name, f"{code} {self.of(kind)} {self.value(kind, a)} to {self.of(to)}"
        if found := _ONE.match(line):
            name, code, kind, a = found.groups()
            return name, f"{code} {self.of(kind)} {self.value(kind, a)}"
        found = _TWO.match(line)
        assert found is not None, line
        name, code, kind, a, b = found.groups()
        if code == "frem":
            self.names[name] = self.called(kind, "fmod", False, f"{kind} {a}, {kind} {b}")
            return name, ""
        return name, f"{code} {self.of(kind)} {self.value(kind, a)}, {self.value(kind, b)}"

    def joined(self, kind: str, entries: str, label: str) -> str:
        """What comes from the block that a lane came from."""
        values = {block: text for text, block in re.findall(r"\[ (\S+), %(\w+) \]", entries)}
        ways = [(where, self.value(kind, values[block])) for block, where in self.edges[label]]
        made = ways[-1][1]
        for where, value in ways[-2::-1]:
            made = self.chosen(where, kind, value, made)
        return made

    def called(self, kind: str, name: str, intrinsic: bool, text: str) -> str:
        args = [part.split() for part in text.split(", ")]
        values = [self.value(each, value) for each, value in args]
        if intrinsic and name not in _OURS:
            whole, short = self.of(kind), f"v{self.lanes.width}{_SHORT.get(kind, kind)}"
            return self.text.call(whole, f"llvm.{name}.{short}", *[(whole, value) for value in values])
        dtype = _DTYPES[kind]
        operation = _OURS.get(name) or _OURS[name.removesuffix("f")]
        return self.apply(self.lanes, operation, tuple(Value(dtype, (v,)) for v in values), dtype)[0].parts[0]


__all__ = ["vectorised"]
