"""One worker in this process, with a team of threads: nothing to start, no port, no child process."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ramba import config, machine
from ramba.errors import ArrayLostError
from ramba.graph import Program, Stored
from ramba.plan import plan, verify
from ramba.runtime.call import Damage, Input, Made
from ramba.runtime.description import Description, Start
from ramba.runtime.pool import Block
from ramba.runtime.python.values import Refer
from ramba.runtime.sharded import Sharded
from ramba.runtime.team import dismiss
from ramba.runtime.worker import Prepared, Worker, prepare, seen

BACKEND = Description("threads", lambda: Start(1, config.current().num_threads, "this process"), order=0)


class Threads:
    """One worker, called directly."""

    distributed = False
    hosts = 1

    def __init__(self) -> None:
        self.worker = Worker()
        self.pool = self.worker.pool
        self.raised: list[tuple[Any, int, str]] = []

    def key(self, inputs: Sequence[Block]) -> object:
        """Nothing: all memory is alike."""
        return None

    def prepare(self, program: Program, exact: bool, inputs: Sequence[Block]) -> Prepared:
        """Plans a program."""
        made = plan(program, exact)
        if config.current().verify:
            verify(made, program)
        return prepare(made)

    def hold(self, node: Stored) -> Any:
        """The memory of a stored value."""
        block = node.storage.block
        if isinstance(block, Sharded):
            raise ArrayLostError(block.lost or "This array lies on workers.")
        return block

    def follow(
        self, job: Prepared, inputs: Sequence[Block], scalars: Sequence[np.generic], damaged: Damage, state: object
    ) -> list[Block]:
        """Runs a program."""
        blocks, flags = self.worker.follow(job, inputs, scalars, damaged)
        if flags:
            self.raised += [(state, bit, name) for bit, name in flags]
        return blocks

    def call(
        self, function: str, inputs: Sequence[Input], params: tuple[Any, ...], results: int, state: object
    ) -> list[Made]:
        """Runs a kernel on all threads."""
        arrays = [seen(block, dtype, view) for block, dtype, _, view in inputs]
        made, flags = self.worker.call(function, arrays, params)
        self.raised += [(state, bit, name) for bit, name in flags]
        return [Made(self.pool.adopt(array), array.dtype, array.shape) for array in made]

    def everywhere(
        self,
        function: Callable[..., Any],
        args: tuple[Any, ...],
        named: dict[str, Any],
        refer: Refer,
        inputs: Sequence[Any],
        writes: bool = True,
    ) -> list[Any]:
        """Calls the function: all that it is given lies here."""
        return [function(*args, **named)]

    def sync(self) -> None:
        """Nothing is ever left to do."""

    def available(self) -> int:
        """Bytes that new arrays may take."""
        return self.pool.available()

    def resize(self, workers: int | None) -> int:
        """There is one worker: it gets other threads."""
        config.set(num_threads=workers or machine.processors())
        dismiss()
        return config.current().num_threads

    def capacity(self) -> int:
        """As `available`, but with what may be spilled."""
        return self.pool.capacity()

    def close(self) -> None:
        """Ends the threads; who computes without a backend gets new ones."""
        dismiss()


def open() -> Threads:
    """The backend."""
    return Threads()
