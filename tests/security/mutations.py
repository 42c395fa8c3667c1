"""Messages that are nearly right: bytes changed, or values exchanged for others in what is still MessagePack."""

from __future__ import annotations

import random
from typing import Any

import msgspec

NASTY: list[Any] = [
    *(None, True, -1, 0, 1, 2**31, 2**62, 2**63, -(2**63), 2**64 - 1, 1.5, float("nan"), float("inf")),
    *("", "O", "08", "f8", "V99999999", ",", "\xe9" * 50, "x" * 2000, b"", b"\x80\x04\x95", b"\xff" * 100),
    *([], [[]], {}, {"a": 1}, {"": None}, [1, 2, 3], [-5], [2**40, 2**40], [None, None], [[[]] * 50]),
    *(["RunPlan", 1], ["Teach", 1, [[], [], []], True, []]),
]
JUNK = [b"\xdd\xff\xff\xff\xff", b"\xc6\xff\xff\xff\xff", b"\x91" * 1500, b"\xc1"]  # endless, deep, unknown


def mutated(content: bytes, chance: random.Random) -> bytes:
    """A message with something wrong with it, as likely as not."""
    if chance.random() < 0.6:
        content = exchanged(content, chance)
    if chance.random() < 0.6:
        for _ in range(chance.randint(1, 3)):
            content = damaged(content, chance)
    return content


def exchanged(content: bytes, chance: random.Random) -> bytes:
    """Another value for one or two of those in a message."""
    try:
        value = msgspec.msgpack.decode(content)
    except Exception:
        return content
    for _ in range(chance.randint(1, 2)):
        value = _exchange(value, chance)
    try:
        return msgspec.msgpack.encode(value)
    except (OverflowError, UnicodeEncodeError, msgspec.MsgspecError):
        return content


def _exchange(value: Any, chance: random.Random) -> Any:
    if isinstance(value, list) and value and chance.random() < 0.85:
        place = chance.randrange(len(value))
        match chance.randrange(8):
            case 0:
                return value[:place] + value[place + 1 :]
            case 1:
                return value[:place] + [value[place]] * 2 + value[place + 1 :]
            case 2:
                return value[:place] + [chance.choice(value)] + value[place + 1 :]
        return value[:place] + [_exchange(value[place], chance)] + value[place + 1 :]
    if isinstance(value, dict) and value and chance.random() < 0.85:
        key = chance.choice(list(value))
        return value | {key: _exchange(value[key], chance)}
    if type(value) is int and chance.random() < 0.5:
        return value + chance.choice([-1, 1, -1000, 1 << 20, 1 << 40])
    return chance.choice(NASTY)


def damaged(content: bytes, chance: random.Random) -> bytes:
    """Some bytes changed, left out, or put in."""
    place = chance.randint(0, len(content))
    length = chance.randint(1, 6)
    junk = chance.choice([chance.randbytes(length), *JUNK])
    match chance.randrange(4):
        case 0:
            return content[:place]
        case 1:
            return content[:place] + content[place + length :]
        case 2:
            return content[:place] + junk + content[place:]
    return content[:place] + junk + content[place + len(junk) :]
