"""Programs whose workers are lost have the values of those whose workers are not, to the bit."""

from __future__ import annotations

import random
import warnings
from typing import Any

import numpy
import pytest

import ramba
from ramba.engine import ENGINE
from ramba.errors import ArrayLostError, FileChangedError, WorkerLostError, WorkerReplacedWarning
from ramba.layout import partition
from ramba.lazyarray.everywhere import everywhere
from ramba.runtime import lineage
from ramba.runtime.cluster import Cluster
from ramba.runtime.lineage import Lineage, Record, last_uses
from ramba.runtime.messages import Put, RunPlan
from ramba.runtime.recovery import MOST_LOSSES
from tests.programs import Side, write_program
from tests.runtime.fragile import FragileLink, session

pytestmark = pytest.mark.one_process


def ran(lines: list[str], link: FragileLink, **settings: object) -> tuple[list[str], dict[str, Any]]:
    """What each line raised, and the bytes of all variables afterwards."""
    with session(link, on_fallback="ignore", **settings):
        side = Side(ramba)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            raised = [repr(side.run(line)) for line in lines]
            found = {}
            for name, value in side.variables().items():
                array = numpy.asarray(value)
                found[name] = (
                    array.dtype.str,
                    array.shape,
                    array.tolist() if array.dtype.hasobject else array.tobytes(),
                )
        return raised, found


def compared(seed: int, most: int, **settings: object) -> None:
    """A random program, without and with losses."""
    chance = random.Random(seed)
    lines, workers = write_program(seed), chance.choice([1, 2, 3, 4])
    expected = ran(lines, FragileLink(workers, chance, 0))
    fragile = FragileLink(workers, chance, 6, min(most, workers), min(most, MOST_LOSSES - 1))
    assert ran(lines, fragile, **settings) == expected


@pytest.mark.parametrize("seed", range(4))
def test_random_programs(seed: int) -> None:
    compared(seed, 4)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(100, 300))
def test_many_random_programs(seed: int) -> None:
    compared(seed, 4)


@pytest.mark.parametrize("seed", range(4, 7))
def test_random_programs_whose_arrays_are_kept(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """After each answer: nothing is replayed, and blocks come from neighbours."""
    monkeypatch.setattr(lineage, "PATIENCE", 0)
    compared(seed, 1, resilience_seconds=0)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(300, 500))
def test_many_random_programs_whose_arrays_are_kept(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lineage, "PATIENCE", 0)
    compared(seed, 1, resilience_seconds=0)


def struck(link: FragileLink, *ranks: int) -> None:
    """These workers are lost, now."""
    link.lost = list(ranks)
    facts = link.members[ranks[0]]
    link.end.failure = WorkerLostError(facts.rank, facts.pid, facts.host, "struck")


def quiet(size: int) -> FragileLink:
    """Workers that are lost when a test says so."""
    return FragileLink(size, random.Random(0), 0)


def test_the_loss_is_told_once_with_what_it_cost() -> None:
    link = quiet(3)
    with session(link):
        x = ramba.arange(1000) * 2.0
        ramba.sync()
        struck(link, 1)
        with pytest.warns(WorkerReplacedWarning, match=r"Worker 1 .* was lost: struck\. .* took \d+\.\d s") as told:
            assert float(x.sum()) == 999000
        assert len(told) == 1
        assert told[0].filename == __file__


def test_without_resilience_a_loss_is_raised_and_arrays_are_lost() -> None:
    link = quiet(3)
    with session(link, resilience="none") as cluster:
        x = ramba.arange(1000) * 2.0
        ramba.sync()
        struck(link, 1)
        with pytest.raises(WorkerLostError):
            x.sum().item()
        with pytest.raises(ArrayLostError):
            x.sum().item()
        assert not cluster.lineage.records


def settled(array: Any, before: Any = lambda: None) -> Any:
    """An array that is computed, after something has happened."""
    ENGINE.flush()
    before()
    ramba.sync()
    return array


def test_warnings_and_exceptions_come_once() -> None:
    link = quiet(2)
    with session(link):
        x = ramba.arange(1000) * 1.0
        with pytest.warns(RuntimeWarning, match="divide by zero"):
            y = settled(1 / x)
        struck(link, 0)
        with warnings.catch_warnings():
            warnings.simplefilter("error", RuntimeWarning)
            assert y[1:3].tolist() == [1, 0.5]  # it was told
        with pytest.warns(RuntimeWarning, match="divide by zero"):
            z = settled(ramba.log(x), lambda: struck(link, 1))  # it was not
        with pytest.raises(IndexError):
            x[ramba.arange(2000)]
        struck(link, 1)
        assert z[1].item() == 0


def test_a_loop_in_place_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The log does not grow with the number of turns: arrays are kept when it is long, and then it begins anew."""
    monkeypatch.setattr(lineage, "MOST_RECORDS", 40)
    monkeypatch.setattr(lineage, "_FEW", 10)
    link = quiet(3)
    with session(link) as cluster:
        assert loop(link, cluster, 400) < 100
        assert cluster.lineage.kept
        for _ in range(20):  # nothing of the loop is left
            ramba.ones(3000).sum().item()
        assert not cluster.lineage.kept
        assert not any(member.keeping.copies for member in link.workers)


def loop(link: FragileLink, cluster: Cluster, turns: int) -> int:
    """A loop in place with losses; gives the length of the longest log."""
    x, y, longest = ramba.arange(3000) * 1.0, numpy.arange(3000) * 1.0, 0
    for turn in range(turns):
        x[1:] += 0.5 * x[:-1]
        x *= 0.5
        y[1:] += 0.5 * y[:-1]
        y *= 0.5
        same = x[turn].item() == y[turn]
        assert same
        longest = max(longest, len(cluster.lineage.records))
        if turn in (turns // 3, turns // 3 + 1, turns - 1):
            struck(link, turn % 3)
    same = numpy.asarray(x).tobytes() == y.tobytes()
    assert same
    return longest


def test_neighbours_that_are_lost_together_lose_what_they_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lineage, "PATIENCE", 0)
    link = quiet(4)
    with session(link, resilience_seconds=0):
        x = ramba.arange(1000) * 2.0
        ramba.sync()
        struck(link, 0, 2)
        assert float(x.sum()) == 999000
        struck(link, 1, 2)
        with pytest.raises(ArrayLostError, match="What it came from was not kept"):
            x.sum().item()
        assert float((ramba.arange(1000) * 2.0).sum()) == 999000


def test_what_the_driver_sent_is_kept_in_memory_in_a_file_or_by_workers(tmp_path: Any) -> None:
    given = numpy.random.default_rng(1).random((300, 40))
    for settings in ({}, {"resilience_memory": 1, "spill": str(tmp_path)}, {"resilience_memory": 1}):
        link = quiet(3)
        with session(link, **settings) as cluster:
            x = ramba.array(given)
            y = x + 1
            ramba.sync()
            assert bool(cluster.lineage.kept) == (len(settings) == 1)
            del x
            for rank in (0, 2):
                struck(link, rank)
                assert numpy.asarray(y).tobytes() == (given + 1).tobytes()
        assert not list(tmp_path.iterdir())


def test_what_is_sent_again_and_again_is_kept_once() -> None:
    with session(quiet(3)) as cluster, ramba.config.set(eager_size=100):
        x, small = ramba.arange(1000) * 1.0, ramba.array(numpy.arange(50.0))
        for _ in range(20):
            x[:50] += small
            settled(x)
        assert len(cluster.lineage.sent()) == 20
        assert cluster.lineage.held == small.nbytes


def test_a_full_disk_is_no_reason_to_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: lineage.Source, folder: str) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(lineage.Source, "write", full)
    link = quiet(3)
    with session(link, resilience_memory=1, spill="/tmp"):
        x = ramba.array(numpy.arange(1000.0))
        assert float(x.sum()) == 499500
        struck(link, 1)
        assert float(x.sum()) == 499500


def test_an_interrupted_replay_begins_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    link = quiet(3)
    with session(link) as cluster:
        x = ramba.arange(1000) * 2.0
        ramba.sync()
        struck(link, 1)
        with monkeypatch.context() as patched:
            patched.setattr(Cluster, "say", lambda self, record: (_ for _ in ()).throw(KeyboardInterrupt))
            with pytest.raises(KeyboardInterrupt):
                x.sum().item()
        assert cluster.broken
        assert float(x.sum()) == 999000


def test_files_are_read_again(tmp_path: Any) -> None:
    path = tmp_path / "given.npy"
    numpy.save(path, numpy.arange(2000.0).reshape(40, 50))
    link = quiet(3)
    with session(link):
        x = settled(ramba.load(path) * 2)
        struck(link, 1)
        assert float(x.sum()) == 3998000
        numpy.save(path, numpy.arange(2000.0).reshape(50, 40))
        struck(link, 1)
        with pytest.raises(FileChangedError):
            x.sum().item()
        with pytest.raises(ArrayLostError):
            x.sum().item()


def test_what_python_wrote_into_is_not_taken_for_what_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    link = quiet(3)
    with session(link) as cluster:
        x = settled(ramba.arange(3000) * 1.0)
        y = settled(x + 1)
        everywhere(doubled, x)
        z = settled(x + 1)
        struck(link, 1)
        assert float(y.sum()) == 4501500
        for each in (x, z):
            with pytest.raises(ArrayLostError, match="What it came from was not kept"):
                each.sum().item()
        x = settled(ramba.arange(3000) * 1.0)
        everywhere(doubled, x)
        cluster.lineage.full = True  # now the workers keep it
        ramba.sync()
        struck(link, 2)
        assert float(x.sum()) == 8997000
        everywhere(doubled, x)
        cluster.lineage.full = True
        ramba.sync()
        struck(link, 0)
        assert float(x.sum()) == 17994000


def test_a_log_with_a_gap_is_no_log() -> None:
    link = quiet(3)
    with session(link):
        x = settled(ramba.array(numpy.arange(3000.0)))
        with ramba.config.set(resilience="none"):
            everywhere(doubled, x)
        struck(link, 1)
        with pytest.raises(ArrayLostError):
            x.sum().item()


def test_a_single_worker_gives_its_arrays_to_the_driver_if_it_has_room(tmp_path: Any) -> None:
    for memory, spill in ((10**6, "off"), (1000, "off"), (1000, str(tmp_path))):
        link = quiet(1)
        with session(link, resilience_memory=memory, spill=spill) as cluster:
            x = settled(ramba.arange(3000) * 1.0)
            cluster.lineage.full = True
            ramba.sync()
            assert len(cluster.lineage.sent()) == (memory > 1000 or spill != "off")
            struck(link, 0)
            assert float(x.sum()) == 4498500


def test_a_log_that_cannot_be_bounded_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lineage, "MOST_RECORDS", 40)
    monkeypatch.setattr(lineage, "_FEW", 10)
    monkeypatch.setattr(Cluster, "available", lambda self: 0)
    link = quiet(3)
    with session(link) as cluster, ramba.config.set(memory_limit=None):
        x, longest = settled(ramba.arange(3000) * 1.0), 0
        for _ in range(300):
            x *= 0.5
            x[5].item()
            longest = max(longest, len(cluster.lineage.records))
        assert 100 < longest < 400
        struck(link, 1)
        with pytest.raises(ArrayLostError, match="What it came from was not kept"):
            x[5].item()
        assert float(ramba.ones(3000).sum()) == 3000


def test_functions_in_python_are_not_called_again() -> None:
    link = quiet(3)
    with session(link, functions="python"):
        x = settled(ramba.arange(3000) * 1.0)
        y = ramba.smap(lambda v: v + 1 if v > 3 else v, x)
        assert float(y.sum()) == 4501496
        struck(link, 1)
        with pytest.raises(ArrayLostError, match="What it came from was not kept"):
            y.sum().item()
        assert float(x.sum()) == 4498500
        struck(link, 1)
        with pytest.raises(WorkerLostError):
            ramba.smap(lambda v: v + 1 if v > 3 else v, x)
        assert float(x.sum()) == 4498500


def doubled(part: Any) -> None:
    """Writes into an array of the program's."""
    part.local()[...] *= 2


def made(number: int, reads: tuple[int, ...], *results: int) -> Record:
    return Record(RunPlan(number, 1, reads, results, ()), {})


def test_only_what_arrays_come_from_is_said_again() -> None:
    log = Lineage()
    for record in (made(1, (), 10), made(2, (10,), 11, 12), made(3, (), 13), made(4, (11, 0), 14), made(5, (9,), 15)):
        log.add(record)
    found = log.replay([14])
    assert [record.command.number for record in found.records] == [1, 2, 4]
    assert last_uses(found.records, [14]) == [[], [10, 12], [11]]
    assert log.replay([15]).missing == {9}
    assert log.spoiled({9}, [14, 15]) == {15}
    log.prune([13], 1.0)
    assert [record.command.number for record in log.records] == [3]


def test_a_source_is_one_record() -> None:
    log, array = Lineage(), numpy.arange(10.0)
    source = log.source(array, True, 100, None)
    log.add(Record(Put(1, 2, "f8", partition((10,), 2, 0), b""), {}, source=source))
    assert list(log.sent()) == [2]
    assert log.source(array, True, 100, None) is None
    assert log.full
    log.prune([], 1.0)
    assert log.held == 0
