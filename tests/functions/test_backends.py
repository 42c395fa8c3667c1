"""The user's functions on backends whose workers are other processes: texts travel, no code of Python's does."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from tests.functions import samples
from tests.functions.samples import looped, same
from tests.subject import ramba

pytestmark = [pytest.mark.own_modes, pytest.mark.filterwarnings("error")]

BACKENDS = {
    "local": {"backend": "local", "workers": 3},
    "processes": {"backend": "processes", "workers": 2},
}


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> Iterator[str]:
    """Each backend in turn, whose arrays all lie on workers."""
    ramba.shutdown()
    with ramba.config.set(**BACKENDS[request.param], eager_size=16, on_fallback="raise"):
        yield request.param
        ramba.shutdown()


def life(a: object) -> object:
    near = sum(a[i, j] for i in (-1, 0, 1) for j in (-1, 0, 1)) - a[0, 0]  # type: ignore[index]
    return 1 if near == 3 or (near == 2 and a[0, 0]) else 0  # type: ignore[index]


def test_nothing_is_gathered(backend: str) -> None:
    data = np.arange(3000.0) / 100
    x = ramba.asarray(data)
    for road in ("trace", "compile"):
        with ramba.config.set(functions=road):
            same(ramba.smap(samples.clipped, x * 2), looped(samples.clipped, data * 2))
    same(ramba.smap(samples.escape, x), looped(samples.escape, data))
    assert float(ramba.sreduce(lambda v: v * v, lambda a, b: a + b, 0, x)) == pytest.approx((data * data).sum())
    same(ramba.smap_index(lambda i, v: v if i % 2 else -v, x), np.where(np.arange(3000) % 2, data, -data))
    made = ramba.scumulative(lambda before, v: 0.5 * before + v, None, x)
    assert float(made[2]) == 0.5 * (0.5 * data[0] + data[1]) + data[2]


def test_a_game_on_a_ring(backend: str) -> None:
    world = np.zeros((40, 30), int)
    world[[0, 1, 2, 2, 2], [1, 2, 0, 1, 2]] = 1  # a glider
    x = ramba.asarray(world)
    for _ in range(4 * 10):
        x = ramba.sstencil(life, x, mode="wrap")
    np.testing.assert_array_equal(np.asarray(x), np.roll(world, (10, 10), (0, 1)))


def test_errors_of_a_function(backend: str) -> None:
    def refusing(v: float) -> float:
        if v > 20:
            raise ValueError("too much")
        return v

    with pytest.raises(ValueError, match="too much") as caught:
        ramba.smap(refusing, ramba.arange(3000.0))
    assert "index 21" in "".join(caught.value.__notes__)
