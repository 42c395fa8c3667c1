"""What a backend says of itself before it is started, and before anything is imported that it needs."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from ramba import config, machine


class Start(NamedTuple):
    """What would be started."""

    workers: int
    threads: int  # of each worker
    how: str  # a phrase


class CannotStartError(Exception):
    """Why a backend cannot start here, as a phrase."""


def _never() -> bool:
    return False


@dataclass(frozen=True)
class Description:
    """A backend, as its file in ``backends/`` describes it: ``BACKEND`` there, beside a function ``open``.

    These files import nothing that takes time: all of them are read as soon as a backend is asked for.
    """

    name: str  # as in RAMBA_BACKEND, and the file's
    start: Callable[[], Start]  # what would be started; raises CannotStartError
    needs: tuple[str, ...] = ()  # modules
    extra: str = ""  # of the package, brings these: pip install 'ramba[extra]'; the name if not given
    starts_processes: bool = False
    meant: Callable[[], bool] = _never  # whether the program was started so that "auto" is this one
    by_name: bool = True  # False: settings do not choose it; where it is meant, it is used whatever they say
    order: int = 100  # its place in lists, and in the search for one that is meant

    def missing(self) -> list[str]:
        """The modules that are not installed. None is imported."""
        return [module for module in self.needs if importlib.util.find_spec(module) is None]

    def remedy(self) -> str:
        """What installs them."""
        return f"pip install 'ramba[{self.extra or self.name}]'"

    def expected(self) -> Start:
        """What would be started here. Raises CannotStartError if nothing can be."""
        missing = self.missing()
        if missing:
            raise CannotStartError(f"needs {' and '.join(missing)}: {self.remedy()}")
        return self.start()


def threads_given() -> bool:
    """Whether somebody said how many threads a worker has."""
    return next(row.source for row in config.describe() if row.name == "num_threads") != "default"


def threads_of(workers: int) -> int:
    """Threads of each of several workers on this machine: what was said, else a share of its processors."""
    return config.current().num_threads if threads_given() else max(1, machine.processors() // workers)
