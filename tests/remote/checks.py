"""What holds of remote functions and actors on every backend; each check is a function that fails or not."""

from __future__ import annotations

import asyncio
import concurrent.futures
import time
from typing import Any

import numpy as np

import ramba
from tests.remote.functions import OwnError, add, fail

STEP = 10


@ramba.remote
def square(x: Any) -> Any:
    return x * x


@ramba.remote
def slow(seconds: float, value: Any = None) -> Any:
    time.sleep(seconds)
    return value


@ramba.remote
class Counter:
    """Remembers what it was given."""

    def __init__(self, start: int = 0) -> None:
        if start < 0:
            raise OwnError(start)
        self.total = start
        self.order: list[int] = []

    def add(self, k: int) -> int:
        self.total += k
        self.order.append(k)
        return self.total

    def seen(self) -> list[int]:
        return self.order

    def fail(self) -> None:
        raise OwnError(self.total)

    def wait(self, seconds: float) -> None:
        time.sleep(seconds)


@ramba.remote
class Walker:
    """A compiled method that writes fields."""

    def __init__(self) -> None:
        self.at = np.zeros(3)
        self.steps = 0
        self.scale = 0.5

    @ramba.jit
    def step(self, n: int, seed: int = 1) -> int:
        x = seed
        for _ in range(n):
            x = (x * 1103515245 + 12345) % 2147483648
            self.at[x % 3] += self.scale
            self.steps += 1
        return self.steps

    def ends(self) -> Any:
        return self.at, self.steps


def raises(kind: type[BaseException], call: Any) -> BaseException:
    try:
        call()
    except kind as problem:
        return problem
    raise AssertionError(f"no {kind.__name__}")


def check_values() -> None:
    assert ramba.get(square.remote(3)) == 9
    assert ramba.get([square.remote(i) for i in range(20)]) == [i * i for i in range(20)]
    assert ramba.get(ramba.remote(add).remote(1, b=5)) == 6
    assert square(4) == 16
    found = ramba.get(square.remote(np.arange(4.0)))
    assert type(found) is np.ndarray
    assert found.tolist() == [0, 1, 4, 9]


def check_closures_travel() -> None:
    here = 5
    assert ramba.get(ramba.remote(lambda x: x + here + STEP).remote(1)) == 16


def check_futures_are_arguments() -> None:
    one = slow.remote(0.05, 3)
    two = square.remote(one)
    assert ramba.get(ramba.remote(add).remote(two, b=one)) == 12
    assert ramba.get(square.remote(ramba.put(6))) == 36


def check_failures_are_what_they_were() -> None:
    ref = ramba.remote(fail).remote(7)
    problem: Any = raises(OwnError, lambda: ramba.get(ref))
    text = "".join(getattr(problem, "__notes__", [])) + "".join(_frames(problem)) + str(problem)
    assert "fail" in text
    raises(OwnError, lambda: ramba.get(square.remote(ramba.remote(fail).remote(8))))  # and of what depends on it


def _frames(problem: BaseException) -> list[str]:
    trace, names = problem.__traceback__, []
    while trace is not None:
        names.append(trace.tb_frame.f_code.co_name)
        trace = trace.tb_next
    return names


def check_waiting() -> None:
    refs = [slow.remote(0.3, 1), slow.remote(0.0, 2)]
    done, left = ramba.wait(refs)
    assert (len(done), len(left)) == (1, 1)
    done, left = ramba.wait(refs, num_returns=2)
    assert (done, left) == (refs, [])
    slowest = slow.remote(0.5)
    assert ramba.wait([slowest], timeout=0.01)[0] == []
    raises(TimeoutError, lambda: ramba.get(slowest, timeout=0.01))
    raises(ValueError, lambda: ramba.wait([slowest], num_returns=2))
    ramba.get(slowest)


def check_await() -> None:
    async def all_of_them() -> list[Any]:
        return [*await asyncio.gather(*[_awaited(square.remote(i)) for i in range(5)])]

    assert asyncio.run(all_of_them()) == [0, 1, 4, 9, 16]


async def _awaited(ref: Any) -> Any:
    return await ref


def check_map() -> None:
    taken: list[int] = []

    def items() -> Any:
        for i in range(1000):
            taken.append(i)
            yield i

    found = ramba.map(square, items(), ahead=5)
    assert taken == []
    assert next(found) == 0
    assert len(taken) <= 6
    assert list(found) == [i * i for i in range(1, 1000)]
    assert list(ramba.map(add, [])) == []
    raises(ValueError, lambda: ramba.map(add, [], ahead=0))


def check_actors_keep_order_and_state() -> None:
    counter = Counter.remote(10)
    refs = [counter.add.remote(k) for k in range(50)]
    assert ramba.get(refs) == [10 + sum(range(k + 1)) for k in range(50)]
    assert ramba.get(counter.seen.remote()) == list(range(50))
    later = counter.add.remote(slow.remote(0.2, 1000))
    soon = counter.add.remote(1)
    assert ramba.get(soon) == ramba.get(later) + 1
    raises(OwnError, lambda: ramba.get(counter.fail.remote()))
    assert ramba.get(counter.add.remote(0)) == ramba.get(soon)
    raises(AttributeError, lambda: counter.nothing)


def check_actors_are_many() -> None:
    counters = [Counter.remote(k) for k in range(6)]
    assert ramba.get([counter.add.remote(1) for counter in counters]) == [k + 1 for k in range(6)]


def check_actors_that_cannot_be_made() -> None:
    counter = Counter.remote(-1)
    raises(Exception, lambda: ramba.get(counter.add.remote(1)))


def check_compiled_methods() -> None:
    walker, here = Walker.remote(), Walker()
    assert ramba.get(walker.step.remote(100)) == here.step(100) == 100
    assert ramba.get(walker.step.remote(50, 7)) == here.step(50, seed=7) == 150
    at, steps = ramba.get(walker.ends.remote())
    assert at.tolist() == here.at.tolist()
    assert steps == 150


def check_compiled_functions() -> None:
    @ramba.remote(numba={"fastmath": True})
    def total(x: Any) -> Any:
        found = 0.0
        for i in range(x.size):
            found += x[i]
        return found

    assert ramba.get(total.remote(np.ones(1000))) == 1000.0
    raises(Exception, lambda: ramba.get(ramba.remote(numba=True)(add).remote("a", 1)))


def check_options() -> None:
    raises(TypeError, lambda: ramba.remote(square.__wrapped__, color="red"))
    raises(ValueError, lambda: square.options(num_cpus=-1))
    raises(TypeError, lambda: ramba.remote(3))
    assert ramba.get(square.options(num_cpus=0).remote(5)) == 25
    assert ramba.get(square.options(num_cpus=0.5, max_restarts=2).remote(5)) == 25


def check_arrays_go_on_meanwhile() -> None:
    refs = [slow.remote(0.3, k) for k in range(2)]
    begin = time.monotonic()
    x = ramba.arange(100_000.0)
    assert float((x * 2).sum()) == 100_000.0 * 99_999
    assert time.monotonic() - begin < 20
    assert ramba.get(refs) == [0, 1]


def check_other_threads() -> None:
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda k: ramba.get(square.remote(k)), range(40))) == [k * k for k in range(40)]


CHECKS = {name: check for name, check in list(globals().items()) if name.startswith("check_")}
