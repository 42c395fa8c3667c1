"""Profiles: what happened on driver and workers, as a trace that viewers can read and as a table."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import numpy
import pytest

from ramba import events
from ramba.engine import ENGINE
from ramba.engine.profile import DRIVER, Profile
from ramba.errors import ProtocolError
from ramba.pictures import ProfilePage
from ramba.runtime import messages, spans
from ramba.runtime.team import Team
from tests.subject import ramba
from tests.test_explain import data, workers


def program() -> None:
    a, b = data(60, 60), data(60, 60)
    b[1:] += a[:-1]
    assert float(b.sum()) == float(numpy.asarray(b).sum())
    c = ramba.cumsum(a)
    ramba.sync()
    del c


def kinds(profile: Profile, member: int) -> set[str]:
    return {type(found.event).__name__ for found in profile.slices if found.member == member}


def test_workers_and_driver_are_told_apart() -> None:
    with workers(3), ramba.profile() as profile:
        program()
    assert {"Planned", "Began", "Flushed", "Asked"} <= kinds(profile, DRIVER)
    assert "Ran" not in kinds(profile, DRIVER)
    for rank in range(3):
        assert {"Ran", "Called", "Sent", "Received"} <= kinds(profile, rank)


@pytest.mark.parametrize("count", [2, 5, 20])
def test_every_arrow_has_two_ends(tmp_path: Path, count: int) -> None:
    path = tmp_path / "trace.json"
    with workers(count), ramba.profile(path):
        program()
    rows = json.loads(path.read_text())["traceEvents"]
    for row in rows:
        assert {"name", "ph", "pid", "tid"} <= row.keys()
        assert row["ph"] in ("M", "X", "i", "s", "f")
    names = {row["pid"]: row["args"]["name"] for row in rows if row["name"] == "process_name"}
    assert [names[n].split(" (")[0] for n in range(count + 1)] == [*(f"worker {n}" for n in range(count)), "driver"]
    starts = {row["id"]: row for row in rows if row["ph"] == "s"}
    ends = {row["id"]: row for row in rows if row["ph"] == "f"}
    assert starts.keys() == ends.keys()
    assert any(start["pid"] < count and ends[n]["pid"] < count for n, start in starts.items())
    assert all(start["pid"] != ends[n]["pid"] for n, start in starts.items())
    slices = [row for row in rows if row["ph"] == "X"]
    for end in (*starts.values(), *ends.values()):  # a viewer draws an arrow between slices
        there = [row for row in slices if (row["pid"], row["tid"]) == (end["pid"], end["tid"])]
        assert any(row["ts"] <= end["ts"] <= row["ts"] + row["dur"] + 0.01 for row in there)


def test_one_process(tmp_path: Path) -> None:
    path = tmp_path / "trace.json"
    with ramba.config.set(eager_size=100, kernels="interpreted"), ramba.profile(path) as profile:
        program()
    rows = json.loads(path.read_text())["traceEvents"]
    assert {row["cat"] for row in rows if "cat" in row} >= {"kernel", "plan", "flush"}
    assert {row["pid"] for row in rows} == {0}
    text = str(profile.summary())
    assert "driver" in text
    assert "fold add" in text


def test_summary_counts() -> None:
    with workers(2), ramba.profile() as profile:
        a = data(60, 60)
        ramba.sync()
        b = a[1:] + a[:-1]
        ramba.sync()
    lines = str(profile.summary()).splitlines()
    assert lines[0].endswith("s in all")
    assert [line.split()[0] for line in lines[2:5]] == ["driver", "worker", "worker"]
    assert profile.summary().rows[1][0] == "worker 0"
    del b


def test_summary_is_a_table_for_rich() -> None:
    rich = pytest.importorskip("rich.console")
    with workers(2), ramba.profile() as profile:
        data(60, 60)
    console = rich.Console(width=120, record=True, file=open("/dev/null", "w"))  # noqa: SIM115
    console.print(profile.summary())
    assert "worker 1" in console.export_text()
    console.file.close()


def test_nobody_listens_afterwards() -> None:
    with workers(2):
        with ramba.profile():
            program()
        assert events.listeners == events.tracers == ()
        backend: Any = ENGINE.backend
        for member in backend.link.workers:
            assert member.tracing is None
            assert type(member.transport).__name__ == "Mailbox"
        program()
        assert all(member.tracing is None for member in backend.link.workers)


def test_an_exception_in_the_block_leaves_a_file_and_no_listener(tmp_path: Path) -> None:
    path = tmp_path / "trace.json"
    with workers(2):
        with pytest.raises(KeyError), ramba.profile(path):
            program()
            raise KeyError
        assert events.listeners == events.tracers == ()
        assert json.loads(path.read_text())["traceEvents"]
        program()


def test_what_is_pending_at_the_end_is_part_of_it() -> None:
    with workers(2):
        with ramba.profile() as profile:
            a = data(60, 60) + ramba.arange(60)
        assert float(a[0, 3]) == 6
    assert any(isinstance(found.event, events.Ran) for found in profile.slices)


def test_too_many_events_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ramba.runtime.overhearing.MOST_EVENTS", 2)
    with workers(2), ramba.profile() as profile:
        for _ in range(3):
            a = data(60, 60)
            a[1:] += a[:-1] + 1
    assert profile.missed > 0
    assert "were not kept" in str(profile.summary())


def test_short_commands_of_many_are_told_of_by_some(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ramba.runtime.overhearing.FIRST", 1e-4)
    monkeypatch.setattr("ramba.runtime.overhearing.COST", 1.0)  # as if it took so long
    with workers(2):
        a = ramba.zeros((600, 600))
        ramba.sync()
        with ProfilePage(), ramba.profile() as every:
            for _ in range(300):
                a[1:] += a[:-1] + 1
                ramba.sync()
        assert [s.stands_for for s in every.slices] == [1] * len(every.slices)  # who wants all of them has them
        with ProfilePage() as some:
            for _ in range(300):
                a[1:] += a[:-1] + 1
                ramba.sync()
    sent = [s for s in some.slices if isinstance(s.event, events.Sent) and s.member == 0 and s.event.target == 1]
    assert max(s.stands_for for s in sent) > 1
    assert len(sent) < 200
    exact = [s for s in every.slices if isinstance(s.event, events.Sent) and s.member == 0 and s.event.target == 1]
    assert 0.6 < sum(s.stands_for for s in sent) / len(exact) <= 1.1


def test_a_clock_that_is_off_is_corrected() -> None:
    profile = Profile()
    profile.begin = 1000.0
    for seconds, clock in [(0.4, 1062.0), (0.002, 1061.0), (0.6, 1063.0)]:
        profile._answers[1] = clock
        profile._answers[0] = 1000.9995
        profile._compare_clocks(1001.0 - seconds, 1001.0)
    near, far = (profile.clocks[rank] for rank in (0, 1))
    assert far.ahead == pytest.approx(60.001)
    assert far.doubt == pytest.approx(0.001)
    assert abs(near.ahead) <= near.doubt
    from ramba.engine.profile import Slice

    assert profile.when(Slice(1, 0, 1061.0, None)) == pytest.approx(0.999)
    assert profile.when(Slice(0, 0, 1001.0, None)) == 1.0


@pytest.mark.parametrize(
    "told",
    [
        messages.Told(0, 0.0, "Nothing", ()),
        messages.Told(0, 0.0, "Ran", ("a",)),
        messages.Told(0, 0.0, "Sent", (1, 2, "3", 0.5)),
        messages.Told(0, 0.0, "OnWorker", (0, 0.0, "x")),
    ],
)
def test_events_of_workers_are_checked(told: messages.Told) -> None:
    with pytest.raises(ProtocolError):
        messages.block(messages.overheard([told])).events()


def test_events_travel() -> None:
    told = messages.Told(3, 1.5, "Ran", ("add", "compiled", 7, 0.25, 64), 12)
    report = messages.report(messages.encode(messages.Report((), (), (), (messages.overheard([told]),))))
    assert report.events[0].count == 1
    [found] = messages.block(report.events[0]).events()
    assert found == events.OnWorker(3, 1.5, events.Ran("add", "compiled", 7, 0.25, 64), 12)


def test_threads_of_a_team_are_seen() -> None:
    with ramba.config.set(backend="threads", num_threads=3, kernels="compiled"):
        a = ramba.arange(4_000_000.0)
        ramba.sync()
        with ramba.profile() as p:
            for _ in range(5):
                b = ramba.sin(a) * 2
                ramba.sync()
            del b
    helped = [found for found in p.slices if isinstance(found.event, ramba.events.Helped)]
    assert helped
    assert all(p.when(s) >= -0.01 and p.when(s) + s.event.seconds <= p.end - p.begin + 0.01 for s in helped)
    names = {row["args"]["name"] for row in p.trace()["traceEvents"] if row["name"] == "thread_name"}
    assert "helper 1" in names
    assert spans.address() == 0


def test_python_threads_of_a_team_are_seen() -> None:
    spans.keep()
    try:
        Team(3).map(lambda _: time.sleep(0.02), 6)
        found = spans.taken()
        assert len({span.thread for span in found}) == 2
        assert all(0.01 < span.seconds < 5 and abs(span.begin - time.time()) < 10 for span in found)
        assert not spans.taken()
    finally:
        spans.stop()
    Team(3).map(lambda _: None, 6)
    assert not spans.taken()
