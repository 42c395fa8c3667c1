"""How much faster are single routines and short expressions on large arrays?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ramba
from benchmarks.ask import Answer, at_least
from benchmarks.measure import alternate
from benchmarks.run import system

Make = Callable[[Any], tuple[Any, ...]]
Call = Callable[..., object]


def _square(np: Any, n: int, modulus: int) -> Any:
    i = np.arange(n, dtype="float64")
    return (i[:, None] * 31 + i[None, :] * 17) % modulus


def _scrambled(np: Any, n: int) -> Any:
    return ((np.arange(n) * 7919 + 13) % 999983).astype("float64")


def _standardize(np: Any, a: Any) -> Any:
    z = (a - a.mean(axis=0)) / a.std(axis=0)
    return np.sum(np.maximum(z, 0) ** 2, axis=1)


def _heat(np: Any, a: Any) -> Any:
    b = a.copy()
    inner = a[1:-1, 1:-1, 1:-1]
    b[1:-1, 1:-1, 1:-1] = (
        0.125 * (a[2:, 1:-1, 1:-1] - 2 * inner + a[:-2, 1:-1, 1:-1])
        + 0.125 * (a[1:-1, 2:, 1:-1] - 2 * inner + a[1:-1, :-2, 1:-1])
        + 0.125 * (a[1:-1, 1:-1, 2:] - 2 * inner + a[1:-1, 1:-1, :-2])
        + inner
    )
    return b


def _small_loop(np: Any, a: Any) -> Any:
    s = np.zeros(100)
    for _ in range(1000):
        s += a * 2.0 - s * 0.5
    return s


_ROUTINES: tuple[tuple[str, float, Make, Call], ...] = (
    ("heat equation in 3-D", 5.0, lambda np: (np.ones((200, 200, 200)),), _heat),
    ("standardize columns", 2.0, lambda np: (_square(np, 4000, 101),), _standardize),
    ("matmul", 0.95, lambda np: (_square(np, 1500, 7),), lambda np, a: a @ a),
    ("cumsum", 2.0, lambda np: (_scrambled(np, 20_000_000),), lambda np, a: np.cumsum(a)),
    ("sort", 0.9, lambda np: (_scrambled(np, 5_000_000),), lambda np, a: np.sort(a)),
    (
        "gather",
        0.9,
        lambda np: (np.arange(5_000_000.0), (np.arange(5_000_000) * 7919 + 13) % 5_000_000),
        lambda np, a, i: a[i],
    ),
    ("mask select", 0.9, lambda np: (_scrambled(np, 10_000_000),), lambda np, a: np.sum(a[a > 500000.0])),
    (
        "histogram",
        0.9,
        lambda np: (_scrambled(np, 5_000_000),),
        lambda np, a: np.histogram(a, bins=100, range=(0.0, 1e6))[0],
    ),
    ("fft2", 0.9, lambda np: (_square(np, 1500, 7),), lambda np, a: np.abs(np.fft.fft2(a))),
    ("a loop of 1000 over 100 elements", 0.4, lambda np: (np.arange(100) / 10.0,), _small_loop),
)


def answers() -> list[Answer]:
    """One line for each."""
    numpy = system("numpy")
    ramba.config.set(on_fallback="ignore")
    table = []
    for name, floor, make, call in _ROUTINES:
        theirs, ours = make(numpy), make(ramba)
        ramba.sync()

        def run_ours(call: Call = call, ours: tuple[Any, ...] = ours) -> None:
            result = call(ramba, *ours)
            ramba.sync()
            del result

        times = alternate(lambda call=call, theirs=theirs: call(numpy, *theirs), run_ours, rounds=5)
        table.append(at_least(name, *times, floor))
    return table
