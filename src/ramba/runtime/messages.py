"""What a driver tells its workers, and what they answer: typed, and checked before anything is done with it.

One message carries several commands. Commands are small: arrays go by number, plans by number once they were taught.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any, NamedTuple, TypeAlias, get_type_hints

import msgspec
import numpy as np

from ramba import events
from ramba.errors import ProtocolError
from ramba.graph import LibraryEntry, Program
from ramba.layout import Box, Partition, View, cut_at
from ramba.ops import Definition, check
from ramba.plan import Sharing, Template
from ramba.runtime.python.carriage import Function
from ramba.runtime.python.values import Value
from ramba.runtime.transport import decoder

DTYPES = {dtype.str[1:]: dtype for dtype in map(np.dtype, np.typecodes["All"]) if dtype.kind in "biufc"}  # that travel

UNASKED = -1  # in the place of the last question that was heard: nobody waits for a report of this


class Define(msgspec.Struct, array_like=True, tag=True, frozen=True):
    """Operations that programs will name by digest, and that no table has."""

    definitions: tuple[Definition, ...]


class Teach(msgspec.Struct, array_like=True, tag=True, frozen=True):
    """A program that will be run; every worker plans its own part of it."""

    plan: int
    program: Program
    exact: bool
    sharing: Sharing


class RunPlan(msgspec.Struct, array_like=True, tag=True, frozen=True):
    """Runs a plan on arrays; its results get numbers."""

    number: int
    plan: int
    inputs: tuple[int, ...]  # 0: nothing that the plan does reads it
    results: tuple[int, ...]
    scalars: tuple[tuple[str, bytes], ...]
    strips: tuple[tuple[int, int, int], ...] = ()  # round, slot and number of those that are kept, see `strips`


class Describe(msgspec.Struct, array_like=True, tag=True, frozen=True):
    """What assignments will compute, wherever."""

    plan: int
    template: Template


class Assign(msgspec.Struct, array_like=True, tag=True, frozen=True):
    """Computes a described template into a part of its first input, which is then known by the result's number."""

    number: int
    plan: int
    inputs: tuple[tuple[int, Partition], ...]
    results: tuple[int]
    views: tuple[View, ...]  # of the part, then of what is read
    scalars: tuple[tuple[str, bytes], ...]


class Put(msgspec.Struct, array_like=True, tag=True, frozen=True):
    """An array of the driver's: with the command if it is replicated, else each block in a message of its own."""

    number: int
    array: int
    dtype: str
    partition: Partition
    content: bytes


class Get(msgspec.Struct, array_like=True, tag=True, frozen=True):
    """Asks the owners for a box of an array (of a replicated one, the first worker), and everybody for a report."""

    number: int
    array: int
    dtype: str
    partition: Partition
    box: Box
    heard: int = 0  # the last question whose reports the driver has: what they said need not be said again


class CallKernel(msgspec.Struct, array_like=True, tag=True, frozen=True):
    """Runs a kernel that all workers run together, now: the shapes of its results are part of the report."""

    number: int
    function: str
    inputs: tuple[tuple[int, str, Partition], ...]  # number, dtype, partition
    results: tuple[int, ...]
    params: Any
    small: int
    heard: int = 0  # or UNASKED


class OpenDoor(msgspec.Struct, array_like=True, tag=True, frozen=True):
    """The program sends functions of Python from now on: without it, workers refuse them, and whatever is a pickle."""


class Learn(msgspec.Struct, array_like=True, tag=True, frozen=True):
    """A function of Python that will be called."""

    function: int  # its number: freed as plans are
    content: Function


class CallFunction(msgspec.Struct, array_like=True, tag=True, frozen=True):
    """Calls a function of Python on every worker, each with its own parts of arrays: the outcomes are messages."""

    number: int
    function: int
    inputs: tuple[tuple[int, str, Partition], ...]  # number, dtype, partition
    arguments: Value  # positional ones and named ones
    heard: int = 0


class Fence(msgspec.Struct, array_like=True, tag=True, frozen=True):
    """Asks everybody for a report of what happened since the last one that the driver has."""

    number: int
    heard: int = 0


class Drop(msgspec.Struct, array_like=True, tag=True, frozen=True):
    """Arrays, plans and strips of arrays that nobody needs any more."""

    arrays: tuple[int, ...]
    plans: tuple[int, ...] = ()
    strips: tuple[int, ...] = ()


class Kept(NamedTuple):
    """An array whose blocks workers keep when the group is formed anew."""

    number: int
    dtype: str
    partition: Partition


class Keep(msgspec.Struct, array_like=True, tag=True, frozen=True):
    """Has workers keep these arrays and no others: each copies its own block, and has another of a neighbour's."""

    number: int
    arrays: tuple[Kept, ...]
    shift: int  # the neighbour that gets a copy of a worker's block is so many ranks further on
    besides: bool = False  # what was kept before is kept as well


class Recall(msgspec.Struct, array_like=True, tag=True, frozen=True):
    """Gives these arrays the values that were kept; what some workers lost they get from their neighbours."""

    number: int
    arrays: tuple[Kept, ...]
    shift: int
    lost: tuple[int, ...]  # workers


class Carry(msgspec.Struct, array_like=True, tag=True, frozen=True):
    """The group will be another one, in which workers have their blocks of these arrays again."""

    number: int
    arrays: tuple[int, ...]


class Resume(msgspec.Struct, array_like=True, tag=True, frozen=True):
    """Gives these arrays the blocks that were carried over; workers from this rank on are new."""

    number: int
    arrays: tuple[Kept, ...]
    before: int


class Moved(NamedTuple):
    """An array that is to lie in another way, under another number."""

    number: int
    dtype: str
    partition: Partition
    result: int
    target: Partition  # of the members that are left afterwards


class Relay(msgspec.Struct, array_like=True, tag=True, frozen=True):
    """Moves arrays to where they lie in a group of fewer workers, or of more."""

    number: int
    moves: tuple[Moved, ...]
    seats: tuple[int, ...]  # ranks, in this group, of its members


class Configure(msgspec.Struct, array_like=True, tag=True, frozen=True):
    """Settings that hold from now on."""

    settings: dict[str, Any]
    trace: events.Runs = "no"  # runs of which reports shall tell what was done when
    steady: bool = False  # whether what is computed twice must have the same bits


Work: TypeAlias = RunPlan | Assign | CallKernel | CallFunction  # computes: it can be cancelled
Question: TypeAlias = Get | CallKernel | CallFunction | Fence  # is answered by a report
Command: TypeAlias = (
    Define
    | Teach
    | Describe
    | Put
    | Get
    | Fence
    | Keep
    | Recall
    | Carry
    | Resume
    | Relay
    | Drop
    | Configure
    | OpenDoor
    | Learn
    | RunPlan
    | Assign
    | CallKernel
    | CallFunction
)


class Outgoing(NamedTuple):
    """A message that may have been handed to the link, or not: an interrupt came."""

    number: int
    content: bytes


class Problem(msgspec.Struct, array_like=True, frozen=True):
    """What went wrong on a worker."""

    kind: str  # the exception's class
    text: str
    notes: tuple[str, ...]  # with the traceback
    lost: tuple[int, ...]  # arrays that have no value because of it
    command: int = 0  # that failed
    cause: bool = True  # False: only because another worker failed, or an earlier command
    errno: int = 0  # of an OSError


class Made(msgspec.Struct, array_like=True, frozen=True):
    """The result of a call."""

    dtype: str
    partition: Partition


class Told(msgspec.Struct, array_like=True, frozen=True):
    """An event on a worker."""

    rank: int
    begin: float  # seconds since 1970, by the clock of the worker's host
    kind: str  # name of the event's class
    fields: tuple[str | int | float | bool, ...]
    command: int = 0  # that the worker obeyed
    stands_for: int = 1  # commands like it


class Overheard(msgspec.Struct, array_like=True, frozen=True):
    """Events on a worker, packed: whoever passes them on, or keeps them, need not look at them."""

    count: int
    content: bytes  # a sequence of `Told`


class Report(msgspec.Struct, array_like=True, frozen=True):
    """What happened on one worker since its last report."""

    flags: tuple[tuple[int, int, str], ...]  # command, floating-point flag, operation
    problems: tuple[Problem, ...]
    made: tuple[Made, ...] = ()
    events: tuple[Overheard, ...] = ()  # for traces
    worked: float = 0.0  # seconds


_encoder = msgspec.msgpack.Encoder()
_commands = msgspec.msgpack.Decoder(tuple[Command, ...])
_report = msgspec.msgpack.Decoder(Report)
_told = msgspec.msgpack.Decoder(list[Told])


def encode(message: tuple[Command, ...] | Report) -> bytes:
    """A message as bytes."""
    return _encoder.encode(message)


def is_sayable(command: Command) -> bool:
    """Whether a command can be a message: its parameters are numbers, texts and the like."""
    try:
        _encoder.encode(command)
    except TypeError:
        return False
    return True


@decoder("A command")
def commands(message: bytes | memoryview) -> tuple[Command, ...]:
    """The commands of a message."""
    return tuple([_checked(command) for command in _commands.decode(message)])


@decoder("A report")
def report(message: bytes | memoryview) -> Report:
    """A worker's report."""
    return _report.decode(message)


def overheard(told: Sequence[Told]) -> Overheard:
    """Events, packed."""
    return Overheard(len(told), _encoder.encode(told))


def block(heard: Overheard) -> events.Block:
    """What a worker told, for who listens."""
    return events.Block(heard.count, heard.content, told)


@decoder("A worker's events")
def told(content: bytes) -> list[events.OnWorker]:
    """What a worker told."""
    return [_event(one) for one in _told.decode(content)]


def _event(told: Told) -> events.OnWorker:
    kind: Any = events.TRAVELLING.get(told.kind)
    if kind is None or tuple(map(type, told.fields)) != _field_types(kind):
        raise ProtocolError(f"{told.kind} {told.fields} is no event")
    return events.OnWorker(told.rank, told.begin, kind(*told.fields), told.command, told.stands_for)


@functools.cache
def _field_types(kind: type) -> tuple[type, ...]:
    return tuple(get_type_hints(kind).values())


def raw(scalars: Sequence[np.generic]) -> tuple[tuple[str, bytes], ...]:
    """Scalars as they travel."""
    return tuple([(value.dtype.str[1:], value.tobytes()) for value in scalars])


def dtype_named(name: str) -> np.dtype:
    """A dtype of an array that travels. Raises ProtocolError for objects, strings and nonsense."""
    dtype = DTYPES.get(name)
    if dtype is None:
        raise ProtocolError(f"Arrays of dtype {name[:20]!r} do not travel.")
    return dtype


def _checked(command: Command) -> Command:
    """What the types of the fields do not say."""
    if isinstance(command, Define):
        for definition in command.definitions:
            check(definition)
    if isinstance(command, Teach):
        return msgspec.structs.replace(command, program=_program(command.program))
    if isinstance(command, Put | Get):
        dtype_named(command.dtype)
        _check_partition(command.partition)
    if isinstance(command, Assign):
        for _, partition in command.inputs:
            _check_partition(partition)
    if isinstance(command, RunPlan | Assign):
        for name, raw in command.scalars:
            if dtype_named(name).itemsize != len(raw):
                raise ProtocolError(f"A scalar of dtype {name!r} in {len(raw)} bytes.")
    if isinstance(command, RunPlan) and not all(0 <= slot < len(command.inputs) for _, slot, _ in command.strips):
        raise ProtocolError(f"Strips {command.strips} of {len(command.inputs)} inputs.")
    if isinstance(command, CallKernel | CallFunction | Keep | Recall | Resume):
        for _, name, partition in command.arrays if isinstance(command, Keep | Recall | Resume) else command.inputs:
            dtype_named(name)
            _check_partition(partition)
    if isinstance(command, Relay):
        for moved in command.moves:
            dtype_named(moved.dtype)
            _check_partition(moved.partition)
            _check_partition(moved.target)
    if isinstance(command, CallKernel):
        return msgspec.structs.replace(command, params=_plain(command.params))
    return command


def _check_partition(partition: Partition) -> None:
    shape, grid, edges = partition
    if any(extent < 0 for extent in shape) or len(shape) > 64:
        raise ProtocolError(f"{shape} is not a shape")
    if grid and (len(grid) != len(shape) or any(parts < 1 for parts in grid)):
        raise ProtocolError(f"{grid} does not cut an array of shape {shape}")
    if edges:
        try:
            found = cut_at(shape, edges)
        except ValueError as error:
            raise ProtocolError(str(error)) from None
        if found.grid != grid:
            raise ProtocolError(f"{edges} does not cut an array into blocks of {grid}")


def _program(program: Program) -> Program:
    """A program with tuples where the wire had lists: in parameters, of which their kernel alone knows the types."""
    entries = [
        msgspec.structs.replace(entry, params=_plain(list(entry.params))) if isinstance(entry, LibraryEntry) else entry
        for entry in program.entries
    ]
    return program._replace(entries=tuple(entries))


def _plain(value: object) -> Any:
    return tuple([_plain(item) for item in value]) if isinstance(value, list) else value


__all__ = [
    "UNASKED",
    "Assign",
    "CallFunction",
    "CallKernel",
    "Carry",
    "Command",
    "Configure",
    "Define",
    "Describe",
    "Drop",
    "Fence",
    "Get",
    "Keep",
    "Kept",
    "Learn",
    "Made",
    "Moved",
    "OpenDoor",
    "Outgoing",
    "Overheard",
    "Problem",
    "Put",
    "Question",
    "Recall",
    "Relay",
    "Report",
    "Resume",
    "RunPlan",
    "Teach",
    "Told",
    "Work",
    "block",
    "commands",
    "dtype_named",
    "encode",
    "overheard",
    "report",
    "told",
]
