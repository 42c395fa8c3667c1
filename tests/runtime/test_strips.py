"""What workers were sent of an array that has not changed is not sent again."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy
import pytest

from ramba.engine import ENGINE
from ramba.runtime import kept_strips
from ramba.runtime.joint import JointRun
from ramba.runtime.member import Member
from ramba.runtime.strips import tag_of
from ramba.runtime.transport.mailbox import Mailbox
from tests.runtime.fragile import session
from tests.runtime.test_recovery import quiet, settled, struck
from tests.subject import counts, ramba

pytestmark = pytest.mark.one_process

LENGTH = 607  # so many elements that blocks are uneven


@contextmanager
def workers(count: int, **settings: Any) -> Iterator[Callable[[Callable[[], object]], int]]:
    """Workers in this process, and how many bytes they send each other while something runs."""
    with ramba.config.set(backend="local", workers=count, eager_size=0, num_threads=1, verify=True, **settings):
        ramba.shutdown()
        try:

            def sent(run: Callable[[], object]) -> int:
                ramba.sync()
                post = ENGINE.backend.link.post
                before = post.bytes
                result = run()  # it is computed if somebody holds it
                ramba.sync()
                del result
                return int(post.bytes - before)

            yield sent
        finally:
            ramba.shutdown()


def member(rank: int) -> Member:
    """One of them."""
    found: Member = ENGINE.backend.link.workers[rank]
    return found


def held() -> int:
    """Bytes that all of them keep."""
    return sum(
        part.nbytes for m in ENGINE.backend.link.workers for one in m.strips.held.values() for part in one.values()
    )


def matrix(xp: Any, rows: int = 41, columns: int = 37) -> Any:
    return xp.arange(float(rows * columns)).reshape(rows, columns) * 1


READS: dict[str, Callable[[Any], Any]] = {
    "a step to either side": lambda x: x[2:] + x[:-2] - 2 * x[1:-1],
    "three rows": lambda x: x[3:] - x[:-3],
    "only from above": lambda x: x[1:] * 2,
    "backwards": lambda x: x[::-1] + x,
    "with steps": lambda x: x[::2][:20] + x[1::2][:20],
    "with negative steps": lambda x: x[:0:-2][:20] - x[::2][:20],
    "transposed": lambda x: x[:37].T + x[:37],
    "a row for all": lambda x: x[20] * x,
    "a column for all rows": lambda x: x[:37, 5] + x,
}


@pytest.mark.parametrize("name", READS)
@pytest.mark.parametrize("count", counts(1, 2, 3, 4))
def test_the_third_read_of_an_array_sends_nothing(count: int, name: str) -> None:
    read, x = READS[name], matrix(numpy)
    with workers(count) as sent:
        a = matrix(ramba)
        results: list[Any] = []
        found = [sent(lambda: results.append(read(a))) for _ in range(4)]
        assert found[2:] == [0, 0]
        assert (found[0] > 0) == (count > 1)
        for result in results:
            numpy.testing.assert_array_equal(numpy.asarray(result), read(x))
        a[3:9] += 1
        x[3:9] += 1
        assert (sent(lambda: results.append(read(a))) > 0) == (count > 1)
        numpy.testing.assert_array_equal(numpy.asarray(results[-1]), read(x))


@pytest.mark.parametrize("count", [2, 3, 4])
def test_the_second_read_of_thin_strips_sends_nothing(count: int) -> None:
    x = numpy.arange(float(LENGTH))
    with workers(count) as sent:
        a, results = ramba.arange(float(LENGTH)) * 1, []
        assert sent(lambda: results.append(a[2:] - a[:-2])) > 0
        assert sent(lambda: results.append(a[2:] * a[:-2])) == 0  # another kernel, which reads the same
        assert sent(lambda: results.append(a[:-2] / (1 + a[2:]))) == 0
        for result, expected in zip(results, [x[2:] - x[:-2], x[2:] * x[:-2], x[:-2] / (1 + x[2:])], strict=True):
            numpy.testing.assert_array_equal(numpy.asarray(result), expected)


@pytest.mark.parametrize("count", [2, 3, 4])
def test_what_stays_of_two_operands_is_not_sent_again(count: int) -> None:
    """Diffusion with coefficients that depend on the place: they are sent once, what is computed each time."""

    def step(u: Any, c: Any) -> None:
        u[1:-1] += c[2:] * (u[2:] - u[1:-1]) - c[:-2] * (u[1:-1] - u[:-2])

    v, d = (1000 * numpy.random.default_rng(n).random((LENGTH, 8)) for n in range(2))
    with workers(count) as sent:
        u, c = ramba.asarray(v.copy()) * 1, ramba.asarray(d.copy()) * 1
        found = []
        for _ in range(5):
            found.append(sent(lambda: step(u, c)))
            step(v, d)
        assert found[0] == found[1]
        assert found[2:] == [found[0] // 2] * 3
        numpy.testing.assert_array_equal(numpy.asarray(u), v)


def test_strips_go_with_their_array() -> None:
    with workers(3) as sent:
        a = ramba.arange(float(LENGTH)) * 1
        both = [a, ramba.arange(float(LENGTH)) * 2]
        for x in both:
            sent(lambda x=x: x[1:] + x[:-1])
        before = held()
        del x, both
        ramba.sync()
        ramba.sync()
        assert 0 < held() == before // 2
        a[1:-1] += 1  # another value
        ramba.sync()
        ramba.sync()
        assert held() == 0
        assert not any(m.strips.sent or m.strips.arrays for m in ENGINE.backend.link.workers)


def test_thick_strips_are_kept_if_there_is_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    with workers(3) as sent:
        a = matrix(ramba, 41, 41)
        first = sent(lambda: a.T + a)
        assert held() == 0  # it may be the only time
        monkeypatch.setattr(type(ENGINE.backend), "spare", lambda self: first)
        assert sent(lambda: a.T + a) == first
        assert held() == 0
        monkeypatch.setattr(type(ENGINE.backend), "spare", lambda self: kept_strips.SHARE * first)
        assert sent(lambda: a.T + a) == first
        assert held() == first
        monkeypatch.setattr(type(ENGINE.backend), "spare", lambda self: 0)  # each rank would have another answer
        assert sent(lambda: a.T + a) == 0


def test_what_is_kept_is_counted_and_spilled_as_arrays_are() -> None:
    with workers(2) as sent:
        a = matrix(ramba, 400, 400)
        sent(lambda: a.T + a)
        before = member(0).worker.pool.in_use
        sent(lambda: a.T + a)
        assert member(0).worker.pool.in_use - before >= held() // 2 > 0


def test_large_plans_get_the_memory_of_strips(monkeypatch: pytest.MonkeyPatch) -> None:
    with workers(2) as sent:
        a = ramba.arange(float(LENGTH)) * 1
        sent(lambda: a[1:] + a[:-1])
        monkeypatch.setattr(kept_strips, "_LARGE", 0)
        monkeypatch.setattr(type(ENGINE.backend), "spare", lambda self: 1)
        assert sent(lambda: a[1:] * a[:-1]) > 0
        monkeypatch.setattr(type(ENGINE.backend), "spare", lambda self: 1 << 30)
        assert sent(lambda: a[1:] * a[:-1]) == 0


@pytest.mark.parametrize("failing", [0, 1, 2])
@pytest.mark.parametrize("when", ["before it sends", "before it waits", "when something comes"])
def test_who_failed_has_what_he_needs_the_next_time(failing: int, when: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One worker fails, the others do not: all go on from what each of them has."""
    x = numpy.arange(float(LENGTH))
    with workers(3) as sent:
        a = ramba.arange(float(LENGTH)) * 1
        ramba.sync()
        run, receive, collect = Member.run, JointRun.receive, Mailbox.collect

        def running(self: Member, command: Any) -> Any:
            if self.rank == failing:
                raise MemoryError
            yield from run(self, command)

        def receiving(self: JointRun, *args: Any) -> Any:
            if self.group.rank == failing:
                raise MemoryError
            yield from receive(self, *args)

        def collecting(self: Mailbox, source: int, tag: int) -> Any:
            found = collect(self, source, tag)
            if self.rank == failing and found is not None and tag >= tag_of(0):
                raise MemoryError
            return found

        with monkeypatch.context() as patch:
            if when == "before it sends":
                patch.setattr(Member, "run", running)
            elif when == "before it waits":
                patch.setattr(JointRun, "receive", receiving)
            else:
                patch.setattr(Mailbox, "collect", collecting)
            b = a[2:] + a[:-2]
            ENGINE.flush()
        c = a[2:] * a[:-2]
        ENGINE.flush()  # nobody has asked how the first one went
        with pytest.raises(MemoryError):
            ramba.sync()
        if when != "when something comes":
            numpy.testing.assert_array_equal(numpy.asarray(c), x[2:] * x[:-2])
        numpy.testing.assert_array_equal(numpy.asarray(a[2:] - a[:-2]), x[2:] - x[:-2])
        del a, b, c
        sent(lambda: None)
        sent(lambda: None)
        assert held() == 0
        assert not ENGINE.backend.link.post.waiting


@pytest.mark.parametrize("count", [2, 3, 4])
def test_what_is_written_over_in_one_flush_is_sent_again(count: int) -> None:
    x = numpy.arange(float(LENGTH))
    with workers(count) as sent:
        a = ramba.arange(float(LENGTH)) * 1
        found = []
        for _ in range(4):
            results: list[Any] = []

            def turn(results: list[Any] = results) -> None:
                results.append(a[2:] - a[:-2])
                a[3:-3] = a[3:-3] * 0.5
                results.append(a[2:] - a[:-2])

            found.append(sent(turn))
            first = x[2:] - x[:-2]
            x[3:-3] = x[3:-3] * 0.5
            for result, expected in zip(results, [first, x[2:] - x[:-2]], strict=True):
                numpy.testing.assert_array_equal(numpy.asarray(result), expected)
        assert len(set(found)) == 1


def test_functions_that_write_are_seen() -> None:
    def doubled(part: Any) -> None:
        part[...] *= 2

    with workers(3) as sent:
        x = numpy.arange(float(LENGTH))
        a = ramba.arange(float(LENGTH)) * 1
        for _ in range(3):
            assert float((a[2:] - a[:-2]).max()) == (x[2:] - x[:-2]).max()
            ramba.spmd(doubled, a)
            x *= 2
        assert sent(lambda: a[2:] - a[:-2]) > 0


def test_functions_that_write_and_fail_are_seen() -> None:
    def broken(part: Any) -> None:
        part[...] *= 2
        raise ValueError

    with workers(3):
        x = numpy.arange(float(LENGTH))
        a = ramba.arange(float(LENGTH)) * 1
        for _ in range(3):
            numpy.testing.assert_array_equal(numpy.asarray(a[2:] - a[:-2]), x[2:] - x[:-2])
            with pytest.raises(ValueError):
                ramba.spmd(broken, a)
            x *= 2


@pytest.mark.parametrize("rank", range(3))
def test_a_new_worker_is_sent_what_the_lost_one_had(rank: int) -> None:
    x = numpy.arange(float(LENGTH))
    link = quiet(3)
    with session(link):
        a = settled(ramba.arange(float(LENGTH)) * 1)
        for turn in range(4):
            assert float(((a[2:] - a[:-2]) * turn).sum()) == ((x[2:] - x[:-2]) * turn).sum()
            if turn in (1, 2):
                struck(link, rank)
            if turn == 2:
                a[5:] += 1
                x[5:] += 1


def test_another_number_of_workers() -> None:
    x = numpy.arange(float(LENGTH))
    with workers(3):
        a = ramba.arange(float(LENGTH)) * 1
        for count in (2, 4, 3, 1, 3):
            for _ in range(2):
                numpy.testing.assert_array_equal(numpy.asarray(a[2:] - a[:-2]), x[2:] - x[:-2])
            ramba.resize(workers=count)


def view(chance: random.Random) -> str:
    """A window of 100 rows, somewhere."""
    step = chance.choice([1, 1, 1, 2, -1, -2])
    first = chance.randrange(0, 40)
    window = slice(first, first + 100 * abs(step), abs(step))
    return f"[{window.start}:{window.stop}:{window.step}]" + ("" if step > 0 else "[::-1]")


def written(seed: int) -> list[str]:
    """A program that reads few arrays through few windows again and again, and changes them now and then."""
    chance = random.Random(seed)
    windows = [view(chance) for _ in range(4)]

    def operand() -> str:
        return chance.choice("abc") + chance.choice(windows)

    lines = []
    for _ in range(25):
        match chance.randrange(6):
            case 0:
                lines.append(f"{operand()}[{chance.randrange(50)}:] *= 0.5")
            case 1:
                lines.append(f"{chance.choice('abc')} = {chance.choice('abc')} + 1.0")
            case 2:
                lines.append(f"results.append(({operand()} - {operand()}).max())")
            case 3:
                lines.append(f"{operand()} = {operand()} * 0.5 + {operand()}")
            case _:
                lines.append(f"results.append({operand()} * {operand()} + {operand()})")
        if chance.randrange(2):
            lines.append("sync()")
    return lines


def ran(lines: list[str], xp: Any, sync: Callable[[], object]) -> list[Any]:
    rng = numpy.random.default_rng(0)
    names: dict[str, Any] = {name: xp.asarray(rng.integers(0, 9, (260, 3)).astype(float)) * 1 for name in "abc"}
    names |= {"results": [], "sync": sync}
    exec("\n".join(lines), names)
    return [numpy.asarray(result) for result in [*names["results"], *(names[name] for name in "abc")]]


@pytest.mark.parametrize("count", counts(2, 3, 4))
@pytest.mark.parametrize("seed", range(12))
def test_random_programs_that_read_again(seed: int, count: int) -> None:
    lines = written(seed)
    expected = ran(lines, numpy, lambda: None)
    with workers(count):
        found = ran(lines, ramba, ramba.sync)
    for a, b in zip(found, expected, strict=True):
        numpy.testing.assert_array_equal(a, b)
