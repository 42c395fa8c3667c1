"""The names and arguments of the first Ramba: what its users' programs say still means what it meant."""

from __future__ import annotations

import inspect
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy
import pytest

from ramba import shardview
from tests.subject import mode, ramba

pytestmark = pytest.mark.own_modes


@pytest.fixture(params=["default", "3 workers"], autouse=True)
def _mode(request: pytest.FixtureRequest) -> Iterator[None]:
    with mode(request.param):
        yield
    ramba.reset_timing(on=False)


def equal(found: Any, expected: Any) -> None:
    expected = numpy.asarray(expected)
    assert found.shape == expected.shape
    numpy.testing.assert_array_equal(numpy.asarray(found), expected)


I, J = numpy.indices((20, 30))  # noqa: E741 - as in NumPy's manual

# --- creation


def test_init_array() -> None:
    expected = (I * 100.0) + J
    for made in (
        ramba.init_array((20, 30), lambda index: index[0] * 100 + index[1]),
        ramba.init_array((20, 30), "index[0] * 100 + index[1]"),
        ramba.init_array((20, 30), "(index[0] + global_start[0]) * 100 + index[1] + global_start[1]"),
        ramba.init_array((20, 30), ramba.Filler(lambda index: index[0] * 100 + index[1])),
        ramba.init_array((20, 30), lambda i, j: i * 100 + j, tuple_arg=False),
        ramba.init_array((20, 30), lambda index: index[0] * 100 + index[1], 3, None, None, True),
        ramba.init_array((20, 30), lambda index: index[0] * 100 + index[1], local_border=2, dist_dims=1),
        ramba.init_array((20, 30), lambda index: index[0] * 100 + index[1], dims_do_not_distribute=[0]),
    ):
        assert made.dtype == numpy.float64
        equal(made, expected)
    equal(ramba.init_array(30, lambda index: index[0] * 2), numpy.arange(30.0) * 2)  # of a 1-tuple
    equal(ramba.init_array(30, 7, dtype=numpy.int32), numpy.full(30, 7))
    assert ramba.init_array((5, 4), None).shape == (5, 4)
    with pytest.raises(TypeError, match="colour"):
        ramba.init_array(3, 0, colour="red")


def test_init_array_with_numba() -> None:
    numba = pytest.importorskip("numba")
    equal(ramba.init_array((20, 30), numba.njit(lambda index: index[0] - index[1])), I - J)


def test_fillers() -> None:
    def new(shape: tuple[int, ...], start: tuple[int, ...]) -> numpy.ndarray:
        return numpy.indices(shape)[0] + start[0]

    def in_place(block: numpy.ndarray, shape: tuple[int, ...], start: tuple[int, ...]) -> None:
        block[...] = numpy.indices(shape)[1] + start[1]

    filler = ramba.Filler
    equal(ramba.init_array((20, 30), filler(lambda index: index[1], filler.PER_ELEMENT, True)), J)
    equal(ramba.init_array((20, 30), filler(new, mode=filler.WHOLE_ARRAY_NEW, do_compile=False)), I)
    equal(ramba.init_array((20, 30), filler(in_place, filler.WHOLE_ARRAY_INPLACE)), J)


def test_creation_takes_borders_and_distributions() -> None:
    source = numpy.arange(60.0).reshape(6, 10)
    equal(ramba.fromfunction(lambda i, j: i + 2 * j, (20, 30)), I + 2 * J)
    equal(ramba.fromarray(source, 2, numpy.float32), source)
    equal(ramba.fromarray(source, local_border=1), source)
    equal(ramba.array(source), source)
    equal(ramba.asarray(source, dtype=numpy.float64), source)
    mine = ramba.array(source).asarray()
    assert type(mine) is numpy.ndarray
    for made in (
        ramba.zeros((40, 30), local_border=2), ramba.zeros((40, 30), dist_dims=1),
        ramba.zeros((40, 30), distribution=0), ramba.zeros((40, 30), dtype=int),
        ramba.full((40, 30), 0.0, local_border=1), ramba.ones((40, 30), local_border=3) - 1,
        ramba.copy(ramba.zeros((40, 30)), local_border=1), ramba.zeros_like(numpy.ones((40, 30)), local_border=1),
        ramba.full_like(numpy.ones((40, 30)), 0), ramba.zeros((40, 30), dims_do_not_distribute=[1]),
    ):  # fmt: skip
        equal(made, numpy.zeros((40, 30)))
    assert ramba.empty((3, 4), local_border=1).shape == ramba.empty_like(numpy.ones((3, 4))).shape == (3, 4)
    equal(ramba.eye(5, local_border=1), numpy.eye(5))
    equal(ramba.arange(100, local_border=2), numpy.arange(100))


def test_cut_dimensions() -> None:
    if ramba.num_workers == 1:
        pytest.skip("there are no workers")
    assert ramba.zeros((40, 30), dist_dims=1).distribution.partition.grid == (1, 3)
    assert ramba.zeros((40, 30), dims_do_not_distribute=0).distribution.partition.grid == (1, 3)
    assert ramba.zeros((40, 30), dims_do_not_distribute=[1]).distribution.partition.grid == (3, 1)


def test_divisions() -> None:
    divisions = numpy.array([[[0, 0], [4, 9]], [[5, 0], [5, 9]], [[6, 0], [11, 9]]])
    distribution = shardview.divisions_to_distribution(divisions)
    made = ramba.create_array_with_divisions((12, 10), distribution, local_border=1, dtype=numpy.float32)
    assert made.dtype == numpy.float32
    made[3:7] = 5
    expected = numpy.zeros((12, 10))
    expected[3:7] = 5
    equal(made, expected)
    equal(ramba.ones((12, 10), distribution=distribution), numpy.ones((12, 10)))
    if ramba.num_workers == 3:
        assert [box.extent for _, box in made.distribution.blocks] == [(5, 10), (1, 10), (6, 10)]


# --- skeletons


def test_smap() -> None:
    a, b = numpy.arange(600.0).reshape(20, 30), numpy.arange(600).reshape(20, 30) % 7
    x, y = ramba.fromarray(a), ramba.fromarray(b)
    equal(ramba.smap(lambda e: e * 2 + 1, x), a * 2 + 1)
    equal(ramba.smap("lambda e: e * 2 + 1", x), a * 2 + 1)
    equal(ramba.smap(lambda e, f: e - f, x, y, dtype=numpy.float64, parallel=False), a - b)
    equal(ramba.smap("lambda e, f: e - f", x, y), a - b)
    equal(ramba.smap(lambda e, k: e * k, x, 3), a * 3)
    equal(ramba.smap(lambda e, k: e * k, x, lambda: 4, imports=[]), a * 4)
    equal(ramba.smap(lambda row: row - row.sum(), x, axis=0), a - a.sum(axis=1, keepdims=True))
    equal(ramba.smap_index(lambda index, e: index[0] + e, x), I + a)
    equal(ramba.smap_index(lambda index, e, f: index[1] * e + f, x, y, dtype=float), J * a + b)
    equal(ramba.smap_index(lambda index, e: index * e, ramba.arange(50)), numpy.arange(50) ** 2)


def test_sreduce() -> None:
    a = numpy.arange(600.0).reshape(20, 30)
    x, add = ramba.fromarray(a), ramba.SreduceReducer(lambda p, q: p + q, lambda p, q: p + q)
    assert ramba.sreduce(lambda e: e * 2, lambda p, q: p + q, 0, x) == 2 * a.sum()
    assert ramba.sreduce(lambda e, f: e * f, add, 0, x, x, parallel=False) == (a * a).sum()
    assert ramba.sreduce(lambda e: e, lambda p, q: max(p, q), -1.0, x) == 599
    assert ramba.sreduce(lambda e: 1, lambda p, q: p + q, 10, ramba.ones(200)) == 210  # folded in once
    assert ramba.sreduce_index(lambda index, e: index[0] * e, add, 0, x) == (I * a).sum()
    assert ramba.sreduce_index(lambda index, e: e, add, lambda: 0, x) == a.sum()


def test_stencils() -> None:
    @ramba.stencil
    def star(a: Any) -> Any:
        return a[0, -1] + a[0, 1] + a[-1, 0] + a[1, 0]

    @ramba.stencil(numba={"parallel": True}, ray={"num_cpus": 1})
    def far(a: Any, b: Any) -> Any:
        return a[-2, 0] - b[0, 2]

    a = numpy.arange(400.0).reshape(20, 20) ** 1.5
    x, out = ramba.fromarray(a, local_border=3), ramba.zeros((20, 20))
    expected = numpy.zeros((20, 20))
    expected[1:-1, 1:-1] = a[1:-1, :-2] + a[1:-1, 2:] + a[:-2, 1:-1] + a[2:, 1:-1]
    equal(ramba.sstencil(star, x), expected)
    assert ramba.sstencil(star, x, out=out) is out
    equal(out, expected)
    equal(star(a), expected)
    expected = numpy.zeros((20, 20))
    expected[2:, :-2] = a[:-2, :-2] - 2 * a[2:, 2:]
    equal(ramba.sstencil(far, x, 2 * x), expected)


def test_scumulative() -> None:
    a = numpy.arange(1, 601).reshape(20, 30)
    x = ramba.fromarray(a)
    equal(ramba.scumulative(lambda before, e: before + e, lambda block, boundary: block + boundary, x, 1), a.cumsum(1))
    equal(ramba.scumulative(lambda p, e: p + e, lambda b, c: b + c, x, axis=0, dtype=numpy.float64), a.cumsum(0))
    out = ramba.zeros((20, 30))
    ramba.scumulative(lambda p, e: max(p, e), lambda b, c: max(b, c), x, -1, None, out)
    equal(out, numpy.maximum.accumulate(a, axis=1))
    equal(ramba.cumsum(x, 1, numpy.float64), a.cumsum(1))


# --- groups


def test_groupby() -> None:
    a, codes = numpy.arange(60.0).reshape(3, 20), numpy.arange(20) % 4
    x = ramba.fromarray(a)
    group = x.groupby(1, codes, num_groups=4)
    parts = [a[:, codes == k] for k in range(4)]
    for name in ("mean", "nanmean", "sum", "prod", "min", "max", "var", "std"):
        numpy.testing.assert_allclose(
            numpy.asarray(getattr(group, name)()), numpy.stack([getattr(numpy, name)(p, axis=1) for p in parts], axis=1)
        )
    equal(group.mean(dim=1), numpy.stack([p.mean(axis=1) for p in parts], axis=1))
    equal(group.count(), numpy.full((3, 4), 5))
    mean = numpy.asarray(group.mean())
    for ours, theirs in (
        (group - mean, a - mean[:, codes]), (group + mean, a + mean[:, codes]), (group * mean, a * mean[:, codes]),
        (group / mean, a / mean[:, codes]), (group // mean, a // mean[:, codes]), (group % mean, a % mean[:, codes]),
        (group ** (mean / 9), a ** (mean[:, codes] / 9)), (group > mean, a > mean[:, codes]),
        (group <= mean, a <= mean[:, codes]), (group == mean, a == mean[:, codes]),
        (group != mean, a != mean[:, codes]),
    ):  # fmt: skip
        numpy.testing.assert_allclose(numpy.asarray(ours), theirs, rtol=1e-12)
    separate = group.mean(ret_separate=True)
    numpy.testing.assert_allclose(numpy.asarray(separate[0]) / numpy.asarray(separate[1]), mean)


# --- files


def test_files(tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    image = pytest.importorskip("PIL.Image")
    a = numpy.arange(60_000.0).reshape(200, 300)
    with h5py.File(tmp_path / "a.hdf5", "w") as file:
        file["g/a"] = a
    with h5py.File(tmp_path / "a.nc", "w") as file:
        file["t"], file["other"] = a, a[:2]
    path = str(tmp_path / "a.hdf5")
    equal(ramba.load(path, arr_path="g/a"), a)
    equal(ramba.load(path, None, local=True, ftype="hdf5", arr_path="g/a"), a)
    for given in ((None, True), (None, False, "h5ad"), (numpy.float64, True, "hdf5"), (None, False, None)):
        equal(ramba.load(path, *given, arr_path="g/a"), a)
    equal(ramba.Dataset(path, None, "hdf5", arr_path="g/a")[3], a[3])
    with open(tmp_path / "pickled.hdf5", "wb") as stream:
        pickle.dump([1, "two"], stream)
    assert ramba.load(tmp_path / "pickled.hdf5", None, True) == [1, "two"]  # as NumPy has it
    assert ramba.load(path, numpy.float32, arr_path="g/a").dtype == numpy.float32
    equal(ramba.load(str(tmp_path / "a.nc"), var_select="t"), a)
    equal(ramba.Dataset(path, numpy.float32, ftype="h5ad", arr_path="g/a")[10:20, ::3], a[10:20, ::3])
    equal(ramba.Dataset(path, arr_path="g/a")[3], a[3])
    picture = (numpy.arange(20 * 30 * 3) % 255).astype("u1").reshape(20, 30, 3)
    image.fromarray(picture).save(tmp_path / "a.png")
    equal(ramba.load(str(tmp_path / "a.png")), picture.transpose(2, 0, 1))  # channels first
    with pytest.raises(ValueError, match="hdf5"):
        ramba.load(__file__)


# --- timing, and who computes


def test_timing(capsys: pytest.CaptureFixture[str]) -> None:
    ramba.reset_timing()
    x = ramba.ones((200, 200)) + 1
    ramba.sync()
    ramba.add_time("mine", 2.0)
    ramba.add_sub_time("mine", "part", 0.5)
    times = ramba.get_timing(details=False)
    assert tuple(times["mine"]) == (2.0, 1)
    assert "part" in ramba.get_timing_str(details=True)
    assert "part" not in ramba.get_timing_str()
    ramba.timing_summary()
    ramba.print_comm_stats()
    assert "mine" in capsys.readouterr().out
    del x


def test_who_computes() -> None:
    assert ramba.in_driver()
    assert ramba.is_main_thread
    assert ramba.num_threads >= 1
    assert ramba.num_nodes == 1
    float(ramba.ones(100_000).sum())
    assert ramba.num_workers == (3 if ramba.config.current().backend == "local" else 1)
    assert {"num_workers", "in_driver"} <= set(dir(ramba))


SIGNATURES = {
    "init_array": "shape filler local_border dtype distribution tuple_arg",
    "fromarray": "x local_border dtype",
    "create_array_with_divisions": "shape divisions local_border dtype",
    "Filler": "func mode do_compile",
    "SreduceReducer": "worker_func driver_func",
    "scumulative": "local_func final_func arr axis dtype out",
    "get_timing": "details",
    "get_timing_str": "details",
    "add_time": "name seconds",
    "add_sub_time": "name sub seconds",
}


@pytest.mark.parametrize("name", SIGNATURES)
def test_places_of_arguments(name: str) -> None:
    found = list(inspect.signature(getattr(ramba, name)).parameters)
    wanted = SIGNATURES[name].split()
    assert found[: len(wanted)] == wanted
