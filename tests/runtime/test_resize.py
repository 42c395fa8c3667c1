"""Programs whose number of workers changes while they run have the values of those whose number does not."""

from __future__ import annotations

import random
from typing import Any

import numpy
import pytest

import ramba
from ramba.engine import ENGINE
from ramba.errors import ArrayLostError, MemoryError, WorkerLostError
from ramba.layout import Partition, cut_at, partition, replicated
from ramba.layout.distribution import laid_anew
from ramba.runtime import resizing
from ramba.runtime.cluster import Cluster
from ramba.runtime.member import Member
from ramba.runtime.moving import Moving
from tests.programs import failure, write_program
from tests.runtime.fragile import FragileLink, session
from tests.runtime.test_recovery import quiet, ran, settled, struck
from tests.subject import mode

pytestmark = pytest.mark.one_process

RESIZED = "(np.resize if hasattr(np, 'init') else dict)(workers={})"  # NumPy does nothing


def resized(seed: int, counts: tuple[int, ...] = (1, 2, 3, 4)) -> list[str]:
    """A random program with changes in between."""
    chance, lines = random.Random(seed), write_program(seed)
    for place in sorted(chance.sample(range(1, len(lines) + 1), min(3, len(lines))), reverse=True):
        lines.insert(place, RESIZED.format(chance.choice(counts)))
    return lines


@pytest.mark.parametrize("seed", [*range(8), *(pytest.param(s, marks=pytest.mark.repeats) for s in range(8, 40))])
def test_random_programs(seed: int) -> None:
    with mode(f"{(3, 2, 4, 1)[seed % 4]} workers"):
        assert failure(resized(seed)) is None


@pytest.mark.repeats
@pytest.mark.parametrize("seed", range(100, 120))
def test_random_programs_with_more_workers_than_rows(seed: int) -> None:
    with mode("7 workers"):
        assert failure(resized(seed, (2, 5, 7))) is None


@pytest.mark.parametrize("seed", [*range(3), *(pytest.param(s, marks=pytest.mark.repeats) for s in range(3, 30))])
def test_losses_in_between_and_in_the_middle(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """To the bit: the old group, or the new one, has everything again."""
    monkeypatch.setattr(resizing, "_ATTEMPTS", 100)
    lines, workers = resized(seed), random.Random(seed).choice([1, 2, 3, 4])
    expected = ran(lines, FragileLink(workers, random.Random(seed), 0))
    fragile = FragileLink(workers, random.Random(seed), 6)
    assert ran(lines, fragile) == expected


class Struck(FragileLink):
    """Workers of which one is lost at a certain moment of a change."""

    moment = 0  # messages and groups until then; 0: never

    def command(self, message: bytes) -> None:
        self.take(message)
        if self.end.failure is None and not self.passes():
            self.work()

    def passes(self) -> bool:
        """Whether this is the moment."""
        self.moment -= 1
        if self.moment == 0:
            self.strike()
        return self.moment == 0

    def form(self, workers: list[Member]) -> None:
        super().form(workers)
        self.passes()


def everything() -> dict[str, Any]:
    """Arrays of many kinds, with views of them."""
    x = ramba.arange(700) * 1.5
    matrix = (ramba.arange(35 * 21) * 2).reshape(35, 21)
    sent = ramba.array(numpy.arange(500.0) / 7)
    sent += 1
    found = {
        "x": x,
        "view": x[5::3],
        "matrix": matrix,
        "transposed": matrix.T,
        "copied": (matrix.T + 0.5),
        "sent": sent,
        "cut": ramba.zeros((9, 8), distribution=(1, None)) + 3,
        "whole": ramba.redistribute(ramba.arange(600) * 1.0, "whole"),
        "few": ramba.arange(2) + 7,
        "zero": ramba.array(5.5) * 2,
        "none": ramba.zeros((0, 4)) + 1,
        "empty rows": (ramba.arange(12) * 1j).reshape(3, 4)[:, :0] + 1,
        "random": ramba.random.default_rng(3).random(400),
    }
    ramba.sync()
    return found


def looked_at(arrays: dict[str, Any]) -> dict[str, tuple[str, tuple[int, ...], bytes]]:
    """Their bits, as the workers have them: what was looked at once the driver has, too."""
    seen = {name: numpy.asarray(array * 1) for name, array in arrays.items()}
    return {name: (array.dtype.str, array.shape, array.tobytes()) for name, array in seen.items()}


def written(arrays: dict[str, Any]) -> None:
    """Views still are views."""
    arrays["view"][:3] -= 10
    arrays["transposed"][2] = 4
    arrays["sent"][::5] += arrays["x"][:100]


MOMENTS = [((2, 3), range(2, 18, 5)), ((4, 1), range(3, 18, 6))]
MORE = [pytest.param(n, range(1, 18), marks=pytest.mark.repeats) for n in ((2, 3), (3, 2), (4, 1), (1, 3), (2, 7))]


@pytest.mark.parametrize(("numbers", "moments"), [*MOMENTS, *MORE])
def test_a_loss_at_any_moment_of_it(numbers: tuple[int, int], moments: range) -> None:
    """It is done once more, or was over: the number is the new one, and all values are the old ones."""
    before, after = numbers
    with session(quiet(before)):
        arrays = everything()
        written(arrays)
        expected = looked_at(arrays)
    found = 0
    for moment in moments:
        link = Struck(before, random.Random(moment), 0)
        with session(link):
            arrays = everything()
            written(arrays)
            ramba.sync()
            link.moment = moment
            assert ramba.resize(workers=after) == after == ramba.num_workers == len(link.members)
            found += link.moment <= 0
            link.moment = 0
            assert looked_at(arrays) == expected
            struck(link, moment % after)
            assert looked_at(arrays) == expected
    assert found > 1


class Seated(FragileLink):
    """Workers of which others stay than the first ones."""

    seats: list[int]

    def enlist(self, workers: int | None) -> list[int]:
        super().enlist(max(self.seats) + 1)
        return self.seats


@pytest.mark.parametrize("seats", [[0, 2, 3], [2, 1], [1, 3, 4, 0, 5], [3, 4, 5]])
def test_any_of_them_may_leave_and_others_come(seats: list[int]) -> None:
    """As on a cluster where one node is gone and another one is there."""
    link = Seated(3, random.Random(0), 0)
    link.seats = seats
    with session(link) as cluster:
        arrays = everything()
        expected, members = looked_at(arrays), [*link.workers, None, None, None]
        assert ramba.resize(workers=len(seats)) == len(seats)
        assert all(m is members[seat] for m, seat in zip(link.workers, seats, strict=True) if members[seat])
        assert looked_at(arrays) == expected
        struck(link, 1)
        assert looked_at(arrays) == expected
        ramba.sync()
        ramba.sync()  # what was dropped before is gone
        assert not any(member.moving.carried for member in link.workers)
        assert all(set(member.arrays) == set(cluster.arrays) for member in link.workers)


def test_how_arrays_lie_among_others() -> None:
    shape = (40, 50)
    assert laid_anew(replicated(shape), 2, 3) == replicated(shape)
    assert laid_anew(partition(shape, 2, 1), 2, 3) == partition(shape, 3, 1)
    columns = Partition(shape, (1, 2))
    assert laid_anew(columns, 2, 3) == Partition(shape, (1, 3))
    assert laid_anew(Partition((40, 2), (1, 2)), 4, 3) == Partition((40, 2), (1, 2))  # there were no more of them
    wanted = cut_at(shape, ((0, 7, 40), (0, 50)))
    assert laid_anew(wanted, 3, 4) == laid_anew(wanted, 3, 2) == wanted
    assert laid_anew(wanted, 3, 1) == partition(shape, 1, 1)
    turned = Partition((500, 400), partition((400, 500), 20, 1).grid[::-1])
    assert laid_anew(turned, 20, 30).grid == partition((400, 500), 30, 1).grid[::-1]


def test_layouts_and_plans_are_of_the_new_number() -> None:
    with mode("3 workers"):
        x = ramba.ones((40, 50))
        y = ramba.zeros((12, 8), distribution=(3, 1))
        later = ramba.zeros((12, 8), distribution=(3, 1))  # nothing has looked at it
        ramba.sync()
        assert ramba.resize(workers=2) == ramba.config.current().workers == 2
        assert ramba.num_workers == ramba.size() == 2
        assert [len(ramba.layout(a).blocks) for a in (x, x + 1, y, later)] == [2, 2, 2, 2]
        assert float((x + 1).sum()) + float((y + later).sum()) == 4000


def test_files_that_are_read_later_are_read_by_those_that_are_there(tmp_path: Any) -> None:
    numpy.save(tmp_path / "a.npy", numpy.arange(60.0).reshape(12, 5))
    with mode("4 workers"):
        x = ramba.load(tmp_path / "a.npy", distribution=(4, 1))
        assert ramba.resize(workers=2) == 2
        assert float(x.sum()) == 1770


def test_what_waits_is_computed_before_and_warns_once() -> None:
    with mode("2 workers"):
        x = ramba.arange(100) * 1.0
        with pytest.warns(RuntimeWarning, match="divide by zero") as told:
            y, _ = 1 / x, ramba.resize(workers=3)
        assert len(told) == 1
        assert float(y[1]) == 1


def test_the_log_begins_anew() -> None:
    link = quiet(2)
    with session(link) as cluster:
        x = settled(ramba.arange(3000) * 1.0)
        for _ in range(20):
            x = settled(x + 1)
        sent = settled(ramba.array(numpy.arange(500.0)))
        sent.sum().item()
        assert len(cluster.lineage.records) > 20
        ramba.resize(workers=3)
        assert [record.command.array for record in cluster.lineage.records] == list(cluster.lineage.sent())
        assert len(cluster.lineage.kept) == 1
        ramba.resize(workers=1)  # who has no neighbour gives its arrays to the driver
        assert not cluster.lineage.kept
        assert len(cluster.lineage.records) == 2
        struck(link, 0)
        assert float((x * 1).sum()) == 3000 * 2999 / 2 + 60_000


def test_without_room_for_copies_arrays_are_moved_all_the_same(caplog: pytest.LogCaptureFixture) -> None:
    link = quiet(2)
    with session(link) as cluster:
        x = settled(ramba.arange(3000) * 1.0)
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(cluster, "available", lambda: 10)
            ramba.resize(workers=3)
        assert "no room to keep arrays twice" in caplog.text
        assert float(x.sum()) == 3000 * 2999 / 2
        struck(link, 1)
        with pytest.raises(ArrayLostError, match="What it came from was not kept"):
            (x * 1).sum().item()


def test_fewer_workers_without_room_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    link = quiet(4)
    with session(link) as cluster:
        x = settled(ramba.arange(3000) * 1.0)
        members = list(link.workers)
        monkeypatch.setattr(cluster, "available", lambda: 10)
        with pytest.raises(MemoryError, match=r"Each of 2 workers would hold .* Nothing has been moved\."):
            ramba.resize(workers=2)
        assert link.workers == members
        assert not cluster.broken
        assert float((x * 1).sum()) == 3000 * 2999 / 2


def test_a_worker_that_fails_leaves_the_old_group(monkeypatch: pytest.MonkeyPatch) -> None:
    link = quiet(2)
    with session(link):
        x = settled(ramba.arange(3000) * 1.0)
        with monkeypatch.context() as patched:
            patched.setattr(Moving, "relay", broken)
            with pytest.raises(MemoryError, match="no room"):
                ramba.resize(workers=3)
        assert ramba.num_workers == 2
        assert float((x * 1).sum()) == 3000 * 2999 / 2
        assert ramba.resize(workers=3) == 3
        assert float((x * 1).sum()) == 3000 * 2999 / 2


def broken(self: Moving, *given: object) -> Any:
    raise MemoryError("no room")
    yield


def test_without_resilience_a_loss_in_the_middle_loses_the_arrays() -> None:
    link = Struck(2, random.Random(0), 0)
    with session(link, resilience="none"):
        x = settled(ramba.arange(3000) * 1.0)
        link.moment = 3
        with pytest.raises(WorkerLostError):
            ramba.resize(workers=3)
        with pytest.raises(ArrayLostError):
            x.sum().item()
        assert ramba.resize(workers=3) == 3
        assert float(ramba.ones(3000).sum()) == 3000


def test_an_interrupt_in_the_middle(monkeypatch: pytest.MonkeyPatch) -> None:
    link = quiet(2)
    with session(link):
        x = settled(ramba.arange(3000) * 1.0)
        with monkeypatch.context() as patched:
            patched.setattr(resizing.Change, "secured", lambda self: (_ for _ in ()).throw(KeyboardInterrupt))
            with pytest.raises(KeyboardInterrupt):
                ramba.resize(workers=3)
        assert float((x * 1).sum()) == 3000 * 2999 / 2
        assert ramba.num_workers == 2


def test_interrupted_values_are_computed_by_others() -> None:
    with mode("2 workers"):
        x, cluster = settled(ramba.arange(3000) * 1.0), ENGINE.backend
        assert isinstance(cluster, Cluster)
        cluster.flights.clear()
        y = x + 1
        ENGINE.flush()
        (flight,) = cluster.flights._flights.values()
        ramba.sync()
        cluster.arrays[flight.results[0]].lose("interrupted", flight.recipes[0])
        ramba.resize(workers=3)
        assert float((y * 1).sum()) == 3000 * 3001 / 2
        assert len(ramba.layout(y).blocks) == 3


def test_threads_get_another_number_of_threads() -> None:
    with ramba.config.set(backend="threads", num_threads=1):
        x = ramba.arange(100_000) * 1.0
        assert ramba.resize(workers=3) == 3 == ramba.num_threads
        assert float(x.sum()) == 4999950000
        assert ramba.num_workers == 1


def test_numpys_function_of_this_name() -> None:
    assert ramba.resize([1, 2], 5).tolist() == ramba.resize(a=[1, 2], new_shape=(5,)).tolist() == [1, 2, 1, 2, 1]
    for wrong in ({}, {"a": [1]}, {"new_shape": 2}, {"a": [1], "new_shape": 2, "workers": 2}):
        with pytest.raises(TypeError):
            ramba.resize(**wrong)
    with pytest.raises(ramba.ConfigError):
        ramba.resize(workers=0)
