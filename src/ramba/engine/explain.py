"""What a flush would do, as text; nothing is run."""

from __future__ import annotations

from ramba import config
from ramba.engine.buffer import Buffer
from ramba.graph import Program, Reading, number
from ramba.plan import plan, show_plan


def explain(buffers: list[Buffer]) -> str:
    """The pending graph of some buffers, and the plan that would compute them: kernels, bytes, peak memory."""
    waiting = [buffer for buffer in buffers if buffer.pending]
    if not waiting:
        return "Nothing is pending: the values are in memory."
    numbered = number([buffer.node for buffer in waiting])
    made = plan(numbered.program, config.current().exact)
    graph = "\n".join(_lines(numbered.program))
    return f"graph\n{graph}\n\nplan: {made.kernels} kernels, peak {made.peak:,} bytes\n{show_plan(made)}"


def _lines(program: Program) -> list[str]:
    lines = []
    for n, entry in enumerate(program.entries):
        args = ", ".join(_reading(arg, program) for arg in entry.args)
        root = "  <- held" if n in program.roots else ""
        name = entry.op or entry.kind
        lines.append(f"  %{n} = {name}({args}) -> {entry.dtype}{list(entry.shape)}{root}")
    return lines


def _reading(arg: Reading, program: Program) -> str:
    if arg.view is None:
        return f"scalar {arg.number}" if arg.number < len(program.scalars) else f"%{arg.number}"
    shape = program.entries[arg.number].shape
    plain = arg.view.shape == shape and arg.view.offset == 0
    return f"%{arg.number}" if plain else f"%{arg.number}[+{arg.view.offset} {list(arg.view.strides)}]"
