"""What holds of skeletons, stencils, groups and distributions on every backend, beside plain loops over elements."""

from __future__ import annotations

from typing import Any

import numpy as np

import ramba

EAGER = 16  # elements: all that is larger lies on workers
A = np.random.default_rng(0).normal(size=(23, 14))
V = np.random.default_rng(1).normal(size=300)
K = np.arange(300) * 7 % 31
ROADS = ("auto", "trace", "compile", "python")


def same(ours: Any, theirs: Any) -> None:
    np.testing.assert_allclose(np.asarray(ours), theirs, rtol=1e-12, atol=1e-12)


def clipped(x: Any, low: float = 0.0) -> Any:
    return low if x < low else x * x


def placed(index: Any, x: Any) -> Any:
    return x * index[0] - index[1]


def on_all_roads(call: Any, theirs: Any) -> None:
    for road in ROADS:
        with ramba.config.set(functions=road):
            same(call(), theirs)
            same(call(), theirs)  # as it was recorded


def check_smap() -> None:
    x, y = ramba.asarray(A), ramba.asarray(A[0])
    on_all_roads(lambda: ramba.smap(clipped, x), np.vectorize(clipped)(A))
    on_all_roads(lambda: ramba.smap(lambda p, q: p + 2 * q, x, y), A + 2 * A[0])
    same(ramba.smap("lambda p: 2 * p + 1", x), 2 * A + 1)
    same(ramba.smap(lambda row: row.sum(), x, axis=0), A.sum(axis=1))


def check_smap_index() -> None:
    theirs = np.array([[placed((i, j), A[i, j]) for j in range(A.shape[1])] for i in range(A.shape[0])])
    on_all_roads(lambda: ramba.smap_index(placed, ramba.asarray(A)), theirs)
    same(ramba.smap_index(lambda i, x: i * x, ramba.asarray(V)), np.arange(300) * V)


def check_sreduce() -> None:
    x = ramba.asarray(A)
    on_all_roads(lambda: ramba.sreduce(clipped, lambda p, q: p + q, 3, x), np.vectorize(clipped)(A).sum() + 3)
    same(ramba.sreduce(abs, np.maximum, 0, x, axis=0), abs(A).max(axis=0))
    same(ramba.sreduce_index(placed, lambda p, q: p + q, 0, x), sum(placed(i, v) for i, v in np.ndenumerate(A)))
    count = ramba.SreduceReducer(lambda n, v: n + (v > 0), lambda p, q: p + q)
    same(ramba.sreduce(lambda v: v, count, 0, ramba.asarray(V)), (V > 0).sum())


def check_scumulative() -> None:
    theirs, before = [], V[0]
    for n, value in enumerate(V):
        before = value if n == 0 else 0.5 * before + value
        theirs.append(before)
    same(ramba.scumulative(lambda last, v: 0.5 * last + v, None, ramba.asarray(V)), theirs)
    same(ramba.scumulative(lambda p, q: p + q, lambda block, edge: block + edge, ramba.asarray(A), 0), A.cumsum(axis=0))


def _doubled(part: Any, factor: int) -> tuple[int, float]:
    part.local()[...] *= factor
    ramba.barrier()
    return ramba.rank(), float(part.local().sum())


def check_spmd() -> None:
    x = ramba.asarray(A)
    found = ramba.spmd(_doubled, x, 2)
    assert [rank for rank, _ in found] == list(range(ramba.size()))
    same(sum(total for _, total in found), 2 * A.sum())
    same(x, 2 * A)


def check_map_blocks() -> None:
    same(ramba.map_blocks(lambda block: block - 1, ramba.asarray(A)), A - 1)
    theirs = np.roll(V, 2) + np.roll(V, -2)
    same(ramba.map_blocks(lambda b: np.roll(b, 2) + np.roll(b, -2), ramba.asarray(V), depth=2, mode="wrap"), theirs)


@ramba.stencil(mode="wrap")
def around(a: Any) -> Any:
    return a[-1, 0] + a[1, 0] - 2 * a[0, -2]


def check_stencils() -> None:
    wrapped = np.roll(A, 1, 0) + np.roll(A, -1, 0) - 2 * np.roll(A, 2, 1)
    inner = np.zeros_like(A)
    inner[1:-1, 2:] = wrapped[1:-1, 2:]
    nearest = np.pad(A, 1, mode="edge")
    x = ramba.asarray(A)
    on_all_roads(lambda: around(x), wrapped)
    on_all_roads(lambda: ramba.sstencil(around.func, x), inner)
    same(ramba.sstencil(lambda a: a[-1, 0] - a[0, 1], x, mode="nearest"), nearest[:-2, 1:-1] - nearest[1:-1, 2:])


def check_groups() -> None:
    x, groups = ramba.asarray(V), ramba.asarray(V).groupby(0, K)
    rows = [V[k == K] for k in range(31)]
    for name in ("sum", "mean", "min", "max", "std", "median"):
        same(getattr(groups, name)(), [getattr(np, name)(row) for row in rows])
    means = np.array([row.mean() for row in rows])
    same(groups - groups.mean(), V - means[K])
    same(ramba.groupby(x, K).transform("mean"), means[K])
    codes = np.arange(14) % 3
    theirs = np.stack([A[:, k == codes].prod(axis=1) for k in range(3)], axis=1)
    same(ramba.asarray(A).groupby(1, codes).prod(), theirs)


def check_distributions() -> None:
    for distribution in (0, 1, "whole", (1, -1), ((0, 3, 23), None) if ramba.size() > 1 else None):
        x = ramba.fromarray(A, distribution=distribution)
        y = ramba.zeros(A.shape, distribution=distribution) + x
        same(x + y, 2 * A)
        same(ramba.redistribute(y, 1), A)
        same(ramba.ones(A.shape, distribution=x) + x, A + 1)
        assert str(x.distribution).startswith("float64[23")
    blocks = ramba.shardview.divisions_to_distribution(np.array([[[0, 0], [22, 13]]]))
    same(ramba.init_array(A.shape, lambda i: i[0] + i[1], distribution=blocks), np.add.outer(range(23), range(14)))


def check_compiled_functions() -> None:
    @ramba.jit
    def total(x: Any) -> Any:
        found = 0.0
        for value in x:
            found += value
        return found

    same(ramba.get(ramba.remote(total).remote(V)), V.sum())


CHECKS = {name: check for name, check in list(globals().items()) if name.startswith("check_")}
