"""The programs that hosts run, and what each worker has to send to the others in one iteration, by the algorithm."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from benchmarks.scale_workloads import BY_NAME, theory, transpose
from benchmarks.scale_workloads import star as stencil
from ramba.kernels.sort import SAMPLES

Traffic = tuple[float, float]  # messages and bytes of the busiest worker


class Program(NamedTuple):
    """One of them."""

    name: str
    setup: Callable[[Any, int], Callable[[], object]]  # the module and the size; gives an iteration
    n: int
    size: str
    looks: bool  # whether the program looks at each iteration's result
    rounds: int  # of messages, each of which waits for those of the one before
    sent: Callable[[int, int], Traffic]  # the size and the number of workers


def sum_(np: Any, n: int) -> Callable[[], object]:
    """One number of many."""
    a = np.arange(n) * 0.5
    return lambda: a.sum()


def sort(np: Any, n: int) -> Callable[[], object]:
    """Random numbers in order."""
    a = np.random.default_rng(0).random(n)
    a += 0.0  # in memory: they are not drawn again
    return lambda: np.sort(a)


def matmul(np: Any, n: int) -> Callable[[], object]:
    """The product of two square matrices."""
    a, b = np.random.default_rng(0).random((n, n)), np.random.default_rng(1).random((n, n))
    a += 0.0
    b += 0.0
    return lambda: a @ b


def _busiest(name: str) -> Callable[[int, int], Traffic]:
    def sent(n: int, workers: int) -> Traffic:
        found = theory(BY_NAME[name], n, workers)
        return max(m for m, _ in found), max(b for _, b in found)

    return sent


def _sum(n: int, workers: int) -> Traffic:
    """A partial sum to each of the others."""
    return workers - 1, 8 * (workers - 1)


def _sort(n: int, workers: int) -> Traffic:
    """Samples and their positions, counts, what belongs to others, and how much everybody has then.

    What evens out shares that samples left uneven is not in it: how much that is depends on the numbers.
    """
    others = workers - 1
    return 5 * others, others * (16 * SAMPLES + 8 * workers + 8 * n / workers**2 + 8)


def _matmul(n: int, workers: int) -> Traffic:
    """All panels of one operand but one go on to the next in the ring."""
    return workers - 1, 8 * n * n / workers * (workers - 1)


PROGRAMS = (
    Program("stencil", stencil, 1600, "1,600 x 1,600, single precision", False, 1, _busiest("star")),
    Program("transposition", transpose, 800, "800 x 800, double precision", False, 1, _busiest("transpose")),
    Program("sum", sum_, 100_000, "100,000, double precision", True, 1, _sum),
    Program("sort", sort, 300_000, "300,000, double precision", False, 5, _sort),
    Program("matrix product", matmul, 600, "600 x 600, double precision", False, 1, _matmul),
)
