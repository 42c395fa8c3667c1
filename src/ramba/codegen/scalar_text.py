"""The text of a scalar function as LLVM prints it, in the few instructions that `ramba.ops.ir` knows."""

from __future__ import annotations

import re

_NAME = re.compile(r'%(?:"([^"]*)"|([\w.$-]+))')
_FLAGS = re.compile(
    r"\b(?:nuw|nsw|exact|disjoint|samesign|nneg|inbounds|nnan|ninf|nsz|arcp|contract|afn|reassoc|fast|noundef|tail|"
    r"musttail|notail|range\([^()]*\)|nofpclass\([^()]*\)) "
)
_HEAD = re.compile(r'^define [^@]*?(i1|i8|i16|i32|i64|float|double) @"?[\w.]+"?\((.*?)\)[^()]*\{')
_LABEL = re.compile(r'^(?:"([^"]*)"|([\w.$-]+)):')
_FREEZE = re.compile(r"^(%\w+) = freeze \S+ (\S+)$")
_NOTHING = re.compile(r"\b(float|double)( |, )?(?:undef|poison)\b")


class Unknown(Exception):
    """What a function does that is not known: a phrase."""


def plain(text: str) -> str:
    """The function's text: simple names, every block with a label, no flag that leaves a result undefined."""
    lines = [line.partition(";")[0].rstrip() for line in text.splitlines() if not line.startswith(";")]
    lines = [line for line in lines if line.strip()]
    head = _HEAD.match(lines[0])
    if head is None:
        raise Unknown(f"its machine code begins with {lines[0][:60]!r}")
    names: dict[str, str] = {}

    def name(found: re.Match[str]) -> str:
        given = found[1] if found[1] is not None else found[2]
        return names.setdefault(given, f"%v{len(names)}")

    operands = [" ".join([part.split()[0], part.split()[-1]]) for part in head[2].split(",") if part.strip()]
    made = [_NAME.sub(name, f"define {head[1]} @f({', '.join(operands)}) {{")]
    body = lines[1:-1]
    if not _LABEL.match(body[0]):
        body.insert(0, f"{len(operands) if all(re.search(r'%[0-9]+$', o) for o in operands) else 0}:")
    for line in body:
        label = _LABEL.match(line)
        if label:
            given = label[1] if label[1] is not None else label[2]
            made.append(names.setdefault(given, f"%v{len(names)}")[1:] + ":")
        else:
            made.append("  " + _instruction(_NAME.sub(name, line.strip())))
    return "\n".join([*_unfrozen(_unswitched(made)), "}"])


def _instruction(line: str) -> str:
    """One instruction without flags, attributes and metadata."""
    line = re.sub(r", ![\w.]+(?: !\d+)?", "", line)
    line = re.sub(r"\) #\d+$", ")", line)
    line = _FLAGS.sub("", line)
    line = re.sub(r"(<?-?[\w.+]+>?) (?:undef|poison)", lambda m: f"{m[1]} {_zero(m[1])}", line)
    return re.sub(r"\[ (?:undef|poison),", lambda _: f"[ {_zero(_phi_type(line))},", line)


def _phi_type(line: str) -> str:
    found = re.match(r"%\w+ = phi (\S+) ", line)
    return found[1] if found else "i64"


def _zero(kind: str) -> str:
    return "0.0" if kind in ("float", "double") else "false" if kind == "i1" else "0"


def _unfrozen(lines: list[str]) -> list[str]:
    """Without ``freeze``: nothing is undefined any more, so it changes nothing."""
    same: dict[str, str] = {}
    for line in lines:
        found = _FREEZE.match(line.strip())
        if found:
            same[found[1]] = found[2]

    def value(found: re.Match[str]) -> str:
        name = found[0]
        while name in same:
            name = same[name]
        return name

    return [re.sub(r"%\w+", value, line) for line in lines if not _FREEZE.match(line.strip())]


def _unswitched(lines: list[str]) -> list[str]:
    """A ``switch`` as comparisons, one after the other; blocks that follow hear of their new predecessors."""
    made: list[str] = []
    block, count = "", 0
    several: dict[tuple[str, str], list[str]] = {}  # (target, old predecessor): new predecessors
    rest = iter(lines)
    for line in rest:
        if line.endswith(":"):
            block = line[:-1]
        start = re.match(r"  switch (\S+) (\S+), label %(\w+) \[(.*)$", line)
        if start is None:
            made.append(line)
            continue
        kind, value, default, text = start.groups()
        while "]" not in text:
            text += next(rest)
        cases = re.findall(r"\S+ (-?\w+), label %(\w+)", text)
        here = block
        for number, target in cases:
            after = f"s{count}"
            count += 1
            made += [
                f"  %{after}c = icmp eq {kind} {value}, {number}",
                f"  br i1 %{after}c, label %{target}, label %{after}",
            ]
            several.setdefault((target, block), []).append(here)
            made.append(f"{after}:")
            here = after
        made.append(f"  br label %{default}")
        several.setdefault((default, block), []).append(here)
    return _heard(made, several) if several else made


def _heard(lines: list[str], several: dict[tuple[str, str], list[str]]) -> list[str]:
    block, made = "", []
    for line in lines:
        if line.endswith(":"):
            block = line[:-1]
        if " = phi " in line:
            head, _, entries = line.partition(" [ ")
            pairs = re.findall(r"(\S+), %(\w+) \]", entries)
            wanted = dict.fromkeys((value, new) for value, old in pairs for new in several.get((block, old), [old]))
            line = f"{head} " + ", ".join(f"[ {value}, %{new} ]" for value, new in wanted)
        made.append(line)
    return made


__all__ = ["Unknown", "plain"]
