"""What a flush would do, as text; nothing is run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from math import prod
from typing import Any

import numpy as np

from ramba import config
from ramba.engine.buffer import Buffer
from ramba.engine.engine import ENGINE
from ramba.graph import Program, Reading, Scalar, Stored, UpdateEntry, arguments, kind, number, operation
from ramba.layout import Partition, partition
from ramba.plan import AllReduce, Sharing, Stage, Survey, Traffic, Transfer, plan, survey, traffic
from ramba.plan import show_partition as partition_text
from ramba.plan import show_plan as plan_text
from ramba.runtime.collective import FLAT
from ramba.runtime.sharded import Sharded

MOST_WORKERS = 64  # up to which every one is looked at; of more, the first and one in the middle
MOST_LOOKS = 8192  # workers times operations
MOST_PAIRS = 6  # senders and receivers that one line names
MOST_LINES = 12  # about the messages of one kernel


def explain(buffers: list[Buffer]) -> str:
    """The pending graph of some buffers, and the plan that would compute them: kernels, bytes, peak memory."""
    waiting = [buffer for buffer in buffers if buffer.pending]
    if not waiting:
        return "Nothing is pending: the values are in memory."
    numbered = number([buffer.node for buffer in waiting])
    exact = config.current().exact
    if ENGINE.distributed:
        return _of_workers(numbered.program, numbered.stored, exact)
    made = plan(numbered.program, exact)
    graph = "\n".join(_lines(numbered.program))
    read, written = traffic(made.steps)
    head = f"plan: {_kernels(made.kernels)}, read {read:,} bytes, write {written:,} bytes, peak {made.peak:,} bytes"
    return f"graph\n{graph}\n\n{head}\n{plan_text(made)}"


def lying(stored: Iterable[Stored], workers: int) -> tuple[Partition, ...]:
    """How stored values lie on workers; what the driver holds will be sent to them."""
    found = []
    for node in stored:
        block, small = node.storage.block, config.current().eager_size
        found.append(block.partition if isinstance(block, Sharded) else partition(node.shape, workers, small))
    return tuple(found)


# -- one program as text


def _lines(program: Program, notes: dict[int, str] | None = None) -> list[str]:
    lines = []
    for n, entry in enumerate(program.entries):
        base = [f"%{entry.base}"] if isinstance(entry, UpdateEntry) else []
        args = ", ".join([*base, *(_reading(arg, program) for arg in arguments(entry))])
        root = "  <- held" if n in program.roots else ""
        name = operation(entry) or kind(entry)
        note = f"  ({notes[n]})" if notes and n in notes else ""
        lines.append(f"  %{n} = {name}({args}) -> {entry.dtype}{list(entry.shape)}{note}{root}")
    return lines


def _reading(arg: Reading | Scalar, program: Program) -> str:
    if not isinstance(arg, Reading):
        return f"scalar {arg}"
    shape = program.entries[arg.number].shape
    plain = arg.view.shape == shape and arg.view.offset == 0
    return f"%{arg.number}" if plain else f"%{arg.number}[+{arg.view.offset} {list(arg.view.strides)}]"


# -- several workers


def _of_workers(program: Program, stored: tuple[Stored, ...], exact: bool) -> str:
    backend: Any = ENGINE.backend
    size: int = backend.size
    sharing = Sharing(size, config.current().eager_size, lying(stored, size))
    everybody = size <= MOST_WORKERS and size * len(program.entries) <= MOST_LOOKS
    inner = _inner(program, sharing)
    found = survey(program, exact, sharing, range(size) if everybody else sorted({0, inner}))
    notes = {n: partition_text(part) for n, part in enumerate(found.parts) if n in found.stored}
    unsent = [node for node in stored if not isinstance(node.storage.block, Sharded)]
    lines = [f"graph, on {size} workers", *_lines(found.program, notes), ""]
    if unsent:
        nbytes = sum(prod(node.shape) * node.dtype.itemsize for node in unsent)
        lines.append(f"first, the driver sends {len(unsent)} of its arrays to the workers: {nbytes:,} bytes")
    lines.append(_headline(found, size))
    for n, stage in enumerate(found.stages, 1):
        lines += ["", f"{n}. {_title(stage, found)}", *(f"   {line}" for line in _stage(stage, size, found))]
    lines += ["", f"steps of worker {inner}", plan_text(found.plans[inner])]
    return "\n".join(lines)


def _inner(program: Program, sharing: Sharing) -> int:
    """A worker with neighbours on all sides."""
    shapes = {entry.shape for entry in program.entries}
    largest = max(shapes, key=lambda shape: (prod(shape), shape))
    grid = partition(largest, sharing.workers, sharing.small)
    return 0 if grid.replicated else grid.rank(tuple(parts // 2 for parts in grid.grid))


def _headline(found: Survey, size: int) -> str:
    kernels = max(made.kernels for made in found.plans.values())
    peak = max(made.peak for made in found.plans.values())
    parts = [f"plan: up to {_kernels(kernels)} on a worker"]
    if len(found.plans) == size:
        count, nbytes = _sum(rows for stage in found.stages for rows in _everything(stage, size))
        total = sum((traffic(made.steps) for made in found.plans.values()), Traffic(0, 0))
        own = " (besides those of library calls)" if any(stage.calls for stage in found.stages) else ""
        parts.append(f"{count} messages of {nbytes:,} bytes between workers{own}" if count else f"no messages{own}")
        parts.append(f"read {total.read:,} bytes, write {total.written:,} bytes")
    else:
        parts.append(f"looked at workers {' and '.join(map(str, found.plans))} only")
    return ", ".join([*parts, f"peak {peak:,} bytes on a worker"])


def _title(stage: Stage, found: Survey) -> str:
    domain = " x ".join(map(str, stage.domain)) or "1"
    results = ", ".join(f"%{n}" for n in stage.results)
    if stage.calls:
        return f"{results}: {', '.join(call.function for call in stage.calls)}, by all workers together"
    return f"{results}: {domain} points"


def _kernels(count: int) -> str:
    return f"{count} kernel" if count == 1 else f"{count} kernels"


def _stage(stage: Stage, size: int, found: Survey) -> Iterator[str]:
    """What is read, written and sent for one kernel."""
    everybody = len(stage.steps) == size
    total = sum((traffic(steps) for steps in stage.steps.values()), Traffic(0, 0))
    if not stage.calls:
        most = max((traffic(steps) for steps in stage.steps.values()), key=sum)
        of_all = f"; all workers {total.read:,} and {total.written:,}" if everybody else ""
        yield f"a worker reads at most {most.read:,} bytes, writes {most.written:,}{of_all}"
    if stage.transfers:
        count, nbytes = len(stage.transfers), sum(message.nbytes for message in stage.transfers)
        sent = [[m for m in stage.transfers if m.source == rank] for rank in stage.steps]
        most_sent = max(sent, key=lambda rows: sum(m.nbytes for m in rows))
        total_text = f"{count} messages, {nbytes:,} bytes; " if everybody else ""
        yield f"{total_text}a worker sends at most {len(most_sent)}, {sum(m.nbytes for m in most_sent):,} bytes"
        yield from (f"  {line}" for line in _message_lines(stage.transfers))
    elif not stage.calls and not stage.reductions:
        yield "no messages"
    for reduction in stage.reductions:
        count, nbytes = _all_reduce(reduction, size)
        shape = f"{reduction.dtype}{list(reduction.shape)}"
        yield f"all-reduce {reduction.op} of {shape}: {count} messages, {nbytes:,} bytes"
    for call in stage.calls:
        taken = ", ".join(f"{dtype}{list(part.shape)} {partition_text(part)}" for _, dtype, _, part, _ in call.inputs)
        yield f"takes {taken or 'nothing'}; how much it sends is its own matter"


def _message_lines(messages: tuple[Transfer, ...]) -> Iterator[str]:
    """Messages that differ only in who sends them to whom are one line."""
    alike: dict[tuple[object, ...], list[Transfer]] = {}
    for message in messages:
        alike.setdefault((message.target > message.source, message.nbytes, message.content), []).append(message)
    for rows in islice(alike.values(), MOST_LINES):
        pairs = [f"{m.source} -> {m.target}" for m in rows]
        if len(pairs) > MOST_PAIRS:
            pairs = [*pairs[: MOST_PAIRS - 2], "...", pairs[-1]]
        pieces = ", ".join(_piece(entry, shape) for entry, shape in rows[0].content)
        each = " each" if len(rows) > 1 else ""
        yield f"{', '.join(pairs)}: {pieces} ({rows[0].nbytes:,} bytes{each})"
    if len(alike) > MOST_LINES:
        yield f"... and {len(alike) - MOST_LINES} more kinds of messages"


def _piece(entry: int, shape: tuple[int, ...]) -> str:
    name = f"%{entry}" if entry >= 0 else "partial results "
    return f"{name}{list(shape)}"


def _everything(stage: Stage, size: int) -> Iterator[tuple[int, int]]:
    """Number and bytes of the messages of one kernel."""
    yield len(stage.transfers), sum(message.nbytes for message in stage.transfers)
    for reduction in stage.reductions:
        yield _all_reduce(reduction, size)


def _sum(rows: Iterable[tuple[int, int]]) -> tuple[int, int]:
    counts = list(rows)
    return sum(count for count, _ in counts), sum(nbytes for _, nbytes in counts)


def _all_reduce(step: AllReduce, size: int) -> tuple[int, int]:
    """Messages and bytes of an all-reduce: see `runtime.collective`."""
    width = max((prod(box.extent) for box in step.boxes if box is not None), default=0)
    row = width * np.dtype(step.dtype).itemsize
    if size <= FLAT:
        return size * (size - 1), size * (size - 1) * row
    # each worker hands on the rows of the ranks above it up to its lowest bit, and gets all rows back
    up = sum(min(rank + (rank & -rank), size) - rank for rank in range(1, size))
    return 2 * (size - 1), (up + (size - 1) * size) * row


__all__ = ["explain", "lying"]
