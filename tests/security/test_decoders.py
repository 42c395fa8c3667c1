"""F50: whatever comes, a decoder gives a message or raises ProtocolError; and it needs no memory that nobody sent."""

from __future__ import annotations

import json
import random
import tracemalloc
from collections.abc import Callable
from typing import Any, NamedTuple

import hypothesis
import hypothesis.strategies as st
import numpy as np
import pytest

pytest.importorskip("zmq")

import ramba
from ramba.errors import ProtocolError
from ramba.graph import number
from ramba.layout import Box, Partition
from ramba.ops import OPS, Definition
from ramba.plan import Sharing
from ramba.remote import letters
from ramba.runtime import messages
from ramba.runtime.mpi import frame, rollcall
from ramba.runtime.python import outcomes
from ramba.runtime.python.carriage import Carried, Named
from ramba.runtime.python.values import Value, pack, typed
from ramba.runtime.sockets import wire
from ramba.runtime.sockets.wire import Assembly, Header, Kind, Peer
from ramba.runtime.transport import Facts, decoder
from tests.security.mutations import mutated

pytestmark = [pytest.mark.security, pytest.mark.one_process, pytest.mark.timeout(300)]

LARGE = 1 << 20  # bytes that a test does not let an assembly wait for


class Read(NamedTuple):
    """A decoder, and right messages for it."""

    decode: Callable[[bytes], Any]
    samples: list[bytes]


def in_a_frame(content: bytes) -> None:
    """What a socket gets."""
    take(*wire.decode(memoryview(content), None))


def in_two_frames(content: bytes) -> None:
    """A large message has its header in a frame of its own."""
    length = content[0] + 1 if content else 0
    take(*wire.decode(memoryview(content[:length]), memoryview(content[length:])))


def take(header: Header, payload: memoryview | None) -> None:
    if payload is not None and header.nbytes < LARGE:
        Assembly().add(header, payload)


def assembled(content: bytes) -> Any:
    """Some parts, one after the other, with headers of whatever the first bytes say."""
    assembly, made = Assembly(), None
    for place in range(0, len(content) - 4, 5):
        kind, nbytes, offset, *part = content[place : place + 5]
        header = Header(1, 1, 0, 1, Kind.DATA if kind % 5 else Kind.COMMAND, kind % 2, nbytes, offset)
        made = assembly.add(header, memoryview(bytes(part * (nbytes // 4 + 1))))
    return made


def array(content: bytes) -> np.ndarray:
    return np.frombuffer(content, np.uint8)


def report_of_the_thread(content: bytes) -> Any:
    return wire.decode_report(array(content))


def told(content: bytes) -> list[Any]:
    return [told for heard in messages.report(content).events for told in messages.block(heard).events()]


def program() -> Any:
    """A program with most kinds of entries."""
    a = ramba.arange(60_000.0).reshape(200, 300)
    b = a + a[::-1] * 2.0
    b[5:9] = np.float64(3)
    return number([(b @ b.T)._buffer.node, b.sum(axis=0)._buffer.node]).program


FUNCTION = "define double @f(double %x, double %y) {\n  %s = fadd double %x, %y\n  ret double %s\n}"


def defined(kind: str, text: str, signature: str = "") -> Definition:
    """An operation of two operands, which may use another one."""
    soft = Definition("formula", "soft", 1, (("", "log1p(exp(x))"),))
    return Definition(kind, "sample", 2, ((signature, text),), 0.0, True, "over", 2.0, (soft,) if not signature else ())


def commands() -> list[bytes]:
    cut, whole = Partition((300, 200), (3, 1)), Partition((4,), ())
    lines = [
        (messages.RunPlan(3, 1, (1, 2), (4,), (("f8", b"12345678"),)), messages.Drop((7, 8), (2,))),
        (messages.Put(4, 5, "f8", whole, b"x" * 32), messages.Get(5, 5, "c16", cut, Box((0, 0), (300, 200)))),
        (messages.CallKernel(6, "sort", ((5, "f4", cut),), (9,), (0, ("x", None), 1.5), 100), messages.Fence(8)),
        (
            messages.Define((defined("formula", "x + soft(y)"), defined("ir", FUNCTION, "f8 f8 -> f8"))),
            messages.Fence(9),
        ),
        (messages.Configure({"num_threads": 2, "exact": False, "cache": "x"}, "some", True),),
        (messages.Teach(1, program(), False, Sharing(3, 100, (cut, whole))),),
        (messages.Keep(7, (messages.Kept(5, "f4", cut), messages.Kept(6, "c16", whole)), 1),),
        (messages.Recall(8, (messages.Kept(5, "f4", cut),), 2, (0, 2)),),
        (messages.OpenDoor(), messages.Learn(3, Named("os", "getpid")), messages.Learn(4, Carried(b"x" * 9))),
        (messages.CallFunction(5, 3, ((5, "f4", cut),), pack(((1, 2.5), {"k": np.ones(3)}))),),
    ]
    return [messages.encode(line) for line in lines]


def values() -> list[bytes]:
    return [pack(value).content for value in ((1, 2.5, "x"), {"k": [np.ones((2, 3)), np.int8(3), 1j]}, [None, b"abc"])]


def letters_of_calls() -> list[bytes]:
    line = letters.Line("session")
    contents = [letters.Introduce(1, Named("os", "getpid")), letters.Begin(2, 1, pack(((1,), {"k": "x"})), 0.5)]
    return [line.write(each) for each in (*contents, letters.CallMethod(3, 4, "name", pack(((), {}))))]


def answers_of_calls() -> list[bytes]:
    raised = outcomes.raised(ValueError("no"))
    return [outcomes.encode(outcomes.Returned(pack(3))), outcomes.encode(raised)]


def reports() -> list[bytes]:
    events = messages.Told(3, 1.5, "Ran", ("add", "compiled", 7, 0.25, 64), 12), messages.Told(1, 1.0, "Clock", (5,))
    heard = (messages.overheard(events),)
    problem = messages.Problem("ValueError", "no", ("on worker 3",), (4, 5))
    made = messages.Made("f8", Partition((3, 4), (3, 1)))
    return [messages.encode(messages.Report(((1, 2, "add"),), (problem,), (made,), heard, 0.5))]


def headers() -> list[bytes]:
    data = Header(3, 1, 0, 17, Kind.DATA, 1 << 24, 9, 0)
    share = Header(3, 1, 0, 18, Kind.SHARED, 5, 1 << 20, 4096, 2, 30)
    made = {data: b"123456789", share: b"", Header(1, 2, 3, 4, Kind.BEAT): b""}
    return [b"".join(wire.frames(header, memoryview(payload) if payload else None)) for header, payload in made.items()]


def questions() -> list[bytes]:
    peer = Peer(1, 77, "host", "ipc:///tmp/x", None, b"k" * 40, True)
    settings = {"num_threads": 2, "workers": None}
    join = wire.Join(1, 2, 3, 4, True, False, "/tmp/x", "host", "module", settings, ["/a", "/b"])
    return [wire.encode(question) for question in (join, wire.Roster(3, [peer, peer]), wire.Leave())]


def answers() -> list[bytes]:
    peer = Peer(1, 77, "host", "ipc:///tmp/x", "tcp://127.0.0.1:4", b"k" * 40, True)
    facts = {"ramba": "1", "python": "3.11"}
    joined = wire.Joined(peer, 7, "h", 2, facts)
    return [wire.encode(answer) for answer in (joined, wire.Ready(), wire.Refused("no", facts))]


def mpi_frames() -> list[bytes]:
    short = np.arange(90, dtype=np.uint8)
    frames = [
        frame.encode(frame.Kind.DATA, 5, 90, 0, short),
        frame.encode(frame.Kind.COMMAND, 5, 99_999, 3, None),
        frame.encode(frame.Kind.DATA, 5, 99_999, frame.SHARED, short[:16]),
    ]
    return list(map(bytes, frames))


STATE = wire.State(7, 6, 100, 12, True, "Member.run (runtime/member.py:150)")


def accounts() -> list[bytes]:
    steps = [rollcall.Step(number, f"{number:032x}", f"program.py:{number}") for number in range(1, 4)]
    return [rollcall.packed(rollcall.Account(steps[:n], ended)).tobytes() for n, ended in ((0, True), (3, False))]


def greetings() -> list[bytes]:
    return [frame.packed(Facts(1, 2, "host", 3, {"ramba": "1", "python": "3.11"})).tobytes()]


DECODERS: dict[str, Callable[[], Read]] = {
    "headers": lambda: Read(in_a_frame, headers()),
    "headers of large messages": lambda: Read(in_two_frames, headers()[:1]),
    "parts of messages": lambda: Read(assembled, [bytes([1, 4, 0, 9, 9] * 4), bytes([5, 2, 0, 1, 1, 1, 4, 0, 7, 7])]),
    "questions": lambda: Read(wire.decode_request, questions()),
    "answers": lambda: Read(wire.decode_answer, answers()),
    "states": lambda: Read(lambda content: wire.decode_state(array(content)), [wire.encode(STATE)]),
    "reports of the thread": lambda: Read(report_of_the_thread, [wire.encode(wire.Failure(3, "gone"))]),
    "commands": lambda: Read(messages.commands, commands()),
    "values": lambda: Read(lambda content: typed(Value(content)), values()),
    "letters": lambda: Read(letters.read, letters_of_calls()),
    "outcomes": lambda: Read(outcomes.decode, answers_of_calls()),
    "reports of members": lambda: Read(messages.report, reports()),
    "events": lambda: Read(told, reports()),
    "names of dtypes": lambda: Read(lambda content: messages.dtype_named(content.decode("latin-1")), [b"f8", b"c16"]),
    "accounts of ranks": lambda: Read(lambda content: rollcall.unpacked(array(content)), accounts()),
    "greetings of ranks": lambda: Read(lambda content: frame.unpacked(array(content)), greetings()),
    "frames of MPI": lambda: Read(lambda content: frame.decode(array(content)), mpi_frames()),
}


@pytest.fixture(params=DECODERS)
def read(request: pytest.FixtureRequest) -> Read:
    return DECODERS[request.param]()


def refuses(read: Read, content: bytes) -> bool:
    """Whether a message is refused; any other exception than ProtocolError passes."""
    try:
        read.decode(content)
    except ProtocolError as problem:
        text = str(problem)
    else:
        return False
    assert len(text) < 5000
    return True


def attack(read: Read, rounds: int, seed: int) -> int:
    """How many of so many mutated messages are refused; the memory that all that took is bounded."""
    chance = random.Random(seed)
    tracemalloc.start()
    try:
        refused = sum(refuses(read, mutated(chance.choice(read.samples), chance)) for _ in range(rounds))
        assert tracemalloc.get_traced_memory()[1] < 64 << 20
    finally:
        tracemalloc.stop()
    return refused


def test_f50_right_messages_are_read(read: Read) -> None:
    for sample in read.samples:
        read.decode(sample)


def test_f50_mutated_messages_are_read_or_refused(read: Read) -> None:
    assert attack(read, 1500, 1) > 100


@pytest.mark.soak
def test_f50_a_hundred_thousand_of_each(read: Read) -> None:
    assert attack(read, 100_000, random.randrange(2**32)) > 10_000


@hypothesis.given(content=st.binary(max_size=300))
@hypothesis.settings(suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture])
def test_f50_any_bytes_are_read_or_refused(read: Read, content: bytes) -> None:
    refuses(read, content)


def test_dtypes_that_travel_are_those_of_numbers() -> None:
    for name in ("08", "O", ",", "f8,f8", "(2,3)f8", ">f8", "S5", "M8[s]", "V8", "", "f8\0", "i3", "x" * 10_000):
        with pytest.raises(ProtocolError, match="do not travel"):
            messages.dtype_named(name)
    for code in "?bhilqBHILQefdgFDG":
        dtype = np.dtype(code)
        assert messages.dtype_named(dtype.str[1:]) == dtype


HOSTILE = {
    "a word that is no operation": ("formula", "__import__('os').system('true')", ""),
    "an attribute": ("formula", "x.__class__", ""),
    "a statement": ("formula", "import os\nx", ""),
    "a deep expression": ("formula", "(" * 3000 + "x" + ")" * 3000, ""),
    "another kind": ("python", "lambda x, y: x", ""),
    "a call": ("ir", FUNCTION.replace("fadd double %x, %y", "call double @system(double %x)"), "f8 f8 -> f8"),
    "memory": ("ir", FUNCTION.replace("fadd double %x, %y", "load double, ptr null"), "f8 f8 -> f8"),
    "a store": ("ir", FUNCTION.replace("ret", "store double %s, ptr null\n  ret"), "f8 f8 -> f8"),
    "assembler": ("ir", FUNCTION.replace("fadd double %x, %y", 'call double asm "nop", "=r"()'), "f8 f8 -> f8"),
    "another function": ("ir", FUNCTION + "\n" + FUNCTION, "f8 f8 -> f8"),
    "a global": ("ir", "@g = global i64 0\n" + FUNCTION, "f8 f8 -> f8"),
    "metadata": ("ir", FUNCTION + "\n!0 = !{}", "f8 f8 -> f8"),
    "another signature": ("ir", FUNCTION, "f8 f8 f8 -> f8"),
    "too much": ("ir", FUNCTION + " " * 64_000, "f8 f8 -> f8"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_definitions_of_operations_that_are_refused(name: str) -> None:
    known = set(OPS)
    kind, text, signature = HOSTILE[name]
    with pytest.raises(ProtocolError, match="A command that cannot be read"):
        messages.commands(messages.encode((messages.Define((defined(kind, text, signature),)),)))
    assert set(OPS) == known


def test_to_read_a_definition_defines_nothing() -> None:
    known = set(OPS)
    (command,) = messages.commands(messages.encode((messages.Define((defined("formula", "x + soft(y)"),)),)))
    assert isinstance(command, messages.Define)
    assert set(OPS) == known


def test_a_decoder_lets_nothing_but_protocol_errors_out() -> None:
    ugly = UnicodeDecodeError("utf-8", b"\xff", 0, 1, "\033[2J")
    for kind in (ugly, SyntaxError("x" * 9999), MemoryError(), RecursionError()):

        @decoder("A thing")
        def read(problem: Exception = kind) -> None:
            raise problem

        with pytest.raises(ProtocolError, match=f"A thing that cannot be read: {type(kind).__name__}") as caught:
            read()
        assert len(str(caught.value)) < 1000
        assert str(caught.value).isprintable()


def test_the_greeting_of_a_rank() -> None:
    facts = Facts(1, 2, "h", 3, {"a": "b"})
    assert frame.unpacked(frame.packed(facts)) == facts
    for wrong in ([1], [1, 2, 3, 4, 5], {}, None):
        with pytest.raises(ProtocolError, match="greeting"):
            frame.unpacked(array(json.dumps(wrong).encode()))
