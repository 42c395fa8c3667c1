"""The plans of well-known programs as texts: a change in fusion shows as a diff. `make golden` writes them anew."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.subject import ramba

pytestmark = [pytest.mark.golden, pytest.mark.one_process]
N, SIDE = 50_000, 300


def data(*shape: int, dtype: str = "f8") -> Any:
    """An array that is in memory, not a recipe for one."""
    array = ramba.empty(shape, dtype=dtype)
    array[...] = ramba.arange(array.size, dtype="i8").reshape(shape) % 97
    ramba.sync()
    return array


def readme() -> list[Any]:
    a = ramba.arange(N) / 1000.0
    b, c = ramba.sin(a), ramba.cos(a)
    d = b * b + c**2
    return [a, b, c, d]


def only_the_last_one_is_held() -> list[Any]:
    return readme()[-1:]


def star_stencil() -> list[Any]:
    a, b = data(SIDE, SIDE, dtype="f4"), data(SIDE, SIDE, dtype="f4")
    b[2:-2, 2:-2] += (
        a[2:-2, 3:-1] * 0.25
        + a[2:-2, 4:] * 0.125
        + a[2:-2, 1:-3] * -0.25
        + a[2:-2, :-4] * -0.125
        + a[3:-1, 2:-2] * 0.25
        + a[1:-3, 2:-2] * -0.25
    )
    a += 1.0
    return [a, b]


def nstream() -> list[Any]:
    a, b, c = data(N), data(N), data(N)
    a += b + 3.0 * c
    return [a]


def transpose() -> list[Any]:
    a, b = data(SIDE, SIDE), data(SIDE, SIDE)
    b += a.T
    a += 1.0
    return [a, b]


def shift_in_place() -> list[Any]:
    a = data(N)
    a[1:] += a[:-1]
    return [a]


def mask_assignment() -> list[Any]:
    grid = data(SIDE, SIDE)
    alive = (grid == 2) | (grid == 3)
    grid[...] = 0
    grid[alive] = 1
    return [grid]


def standardize() -> list[Any]:
    a = data(SIDE, 200)
    return [(a - a.mean(axis=1, keepdims=True)) / a.std(axis=1, keepdims=True)]


def sums() -> list[Any]:
    a = data(SIDE, 200)
    return [(a * 2 + 1).sum(), a.sum(axis=0), a.max(axis=1)]


def pairwise() -> list[Any]:
    x = data(400, 3)
    return [ramba.sqrt(((x[:, None, :] - x[None, :, :]) ** 2).sum(axis=-1))]


PROGRAMS: list[Callable[[], list[Any]]] = [
    readme, only_the_last_one_is_held, star_stencil, nstream, transpose, shift_in_place, mask_assignment, standardize,
    sums, pairwise,
]  # fmt: skip


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_plan(program: Callable[[], list[Any]], golden: Callable[[str, str], None]) -> None:
    with ramba.config.set(eager_size=1000, exact=False):
        arrays = program()
        golden(f"plan_{program.__name__}", str(ramba.explain(*arrays)))
