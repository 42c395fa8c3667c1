"""Functions and methods that Numba compiles: the same values, compiled once for all processes, errors as they are."""

from __future__ import annotations

import pathlib
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import cloudpickle
import hypothesis
import hypothesis.strategies as st
import numba
import numpy
import pytest

import ramba
from ramba import events
from tests.remote import functions

pytestmark = [pytest.mark.own_modes, pytest.mark.timeout(120)]


@pytest.fixture
def found() -> Iterator[list[str]]:
    """How functions came by their machine code."""
    how: list[str] = []

    def listen(event: events.Event) -> None:
        if isinstance(event, events.FunctionCompiled):
            how.append(event.found)

    with events.subscribe(listen):
        yield how


SCALE = 3


@ramba.jit
def helper(x: Any) -> Any:
    return x * SCALE


@ramba.jit
def calls_helper(x: Any, y: Any = 2) -> Any:
    return helper(x) + y


@ramba.jit
def factorial(n: int) -> int:
    if n < 2:
        return 1
    return n * factorial(n - 1)


@ramba.jit
def picky(x: Any) -> Any:
    if x < 0:
        raise ValueError("negative")
    return x


class Body:
    """Fields of several types."""

    def __init__(self) -> None:
        self.at = numpy.arange(4.0)
        self.n = 0
        self.small = numpy.float32(0.5)
        self.__own = 1
        self.done = False

    @ramba.jit
    def move(self, k: int, by: float = 1.0, *, twice: bool = False) -> Any:
        for i in range(k):
            self.at[i % 4] += by
            if self.at[i % 4] > 1e6:
                self.done = True
                return -1.0
        self.n += k * (2 if twice else 1)
        self.__own, self.n, self.small = self.__own + 1, self.n + 0, -self.small
        return self.at.sum()

    @ramba.jit
    def new_array(self) -> None:
        self.at = self.at[::2] + 1

    @ramba.jit
    def only_reads(self, x: float) -> float:
        return self.n + x

    @ramba.jit
    def spoils(self) -> None:
        self.n = self.n + 0.5

    @ramba.jit
    def fails(self, k: int) -> None:
        self.n = k
        if k > 2:
            raise IndexError("too many")

    @ramba.jit
    def calls(self) -> float:
        return self.only_reads(1.0)

    @ramba.jit
    def leaks(self) -> Any:
        return self

    @ramba.jit
    def lacks(self) -> Any:
        return self.nothing

    @property
    def own(self) -> int:
        return self.__own


def plain(name: str) -> Any:
    return vars(Body)[name].__wrapped__


def test_functions() -> None:
    assert calls_helper(4) == 14
    assert calls_helper(4, y=5) == 17
    assert factorial(10) == 3628800
    with pytest.raises(ValueError, match="negative"):
        picky(-1)
    with pytest.raises(numba.core.errors.TypingError):
        helper({1: 2})
    with pytest.raises(TypeError, match="written in Python"):
        ramba.jit(abs)
    with pytest.raises(ValueError, match="parallel"):
        ramba.jit(numba={"parallel": True})(lambda x: x)(1)


def test_arrays_of_ours_are_numpys_within_it() -> None:
    @ramba.jit
    def total(x: Any) -> Any:
        return x.sum()

    assert total(ramba.arange(100_000.0)) == numpy.arange(100_000.0).sum()


@hypothesis.given(st.integers(0, 50), st.floats(-5, 5), st.booleans())
def test_methods_do_what_they_do_in_python(k: int, by: float, twice: bool) -> None:
    compiled, python = Body(), Body()
    assert compiled.move(k, by, twice=twice) == plain("move")(python, k, by, twice=twice)
    assert compiled.at.tolist() == python.at.tolist()
    assert (compiled.n, compiled.own, compiled.done) == (python.n, python.own, python.done)
    assert type(compiled.n) is int
    assert type(compiled.done) is bool
    assert type(compiled.small) is numpy.float32
    assert compiled.small == -0.5
    compiled.new_array()
    assert compiled.at.tolist() == (python.at[::2] + 1).tolist()
    assert compiled.only_reads(0.5) == compiled.n + 0.5


def test_methods_that_cannot_be_compiled_say_why() -> None:
    body = Body()
    with pytest.raises(TypeError, match="would make a float64 of field 'n', which is a int64"):
        body.spoils()
    assert body.n == 0
    with pytest.raises(IndexError, match="too many"):
        body.fails(3)
    assert body.n == 0  # what a call that raises assigned is not kept
    body.fails(2)
    assert body.n == 2
    with pytest.raises(TypeError, match=r"calls self\.only_reads"):
        body.calls()
    with pytest.raises(TypeError, match="uses self itself"):
        body.leaks()
    with pytest.raises(AttributeError, match="nothing"):
        body.lacks()


def test_what_was_compiled_is_sent_with_the_function(found: list[str], tmp_path: pathlib.Path) -> None:
    with ramba.config.set(cache="off"):
        shift = 5
        made = ramba.jit(lambda x: x * 2 + shift)
        assert made(4) == 13
        again = cloudpickle.loads(cloudpickle.dumps(made))
        assert again(5) == 15
        assert again(5.0) == 15.0
    assert found == ["numba", "sent", "numba"]


def test_the_disk_cache_knows_closures(found: list[str], tmp_path: pathlib.Path) -> None:
    def made(k: int) -> Any:
        return ramba.jit(lambda x: x + k)

    with ramba.config.set(cache=str(tmp_path)):
        assert [made(k)(1) for k in (1, 2, 1)] == [2, 3, 2]
    assert found == ["numba", "numba", "disk"]


def test_functions_of_modules_that_others_do_not_have(found: list[str]) -> None:
    names = {"__name__": "nowhere", "ramba": ramba}
    exec("f = ramba.jit(lambda x: x + len(word)); word = 'abc'", names)
    with ramba.config.set(cache="off"):
        assert names["f"](1) == 4  # type: ignore[operator]
        assert cloudpickle.loads(cloudpickle.dumps(names["f"]))(2) == 5
    assert found == ["numba", "sent"]


def test_planted_machine_code_is_not_loaded(found: list[str], tmp_path: pathlib.Path) -> None:
    with ramba.config.set(cache=str(tmp_path)):
        assert ramba.jit(lambda x: x - 7)(9) == 2
        for file in tmp_path.glob("*.o"):
            content = bytearray(file.read_bytes())
            content[-3] ^= 1
            file.write_bytes(content)
        assert ramba.jit(lambda x: x - 7)(9) == 2
    assert found == ["numba", "numba"]


PROGRAM = """
import ramba
from ramba import events
@ramba.remote
@ramba.jit
def f(x):
    return x * 2.5
class Walker:
    def __init__(self):
        self.n = 0
    @ramba.jit
    def step(self):
        self.n += 1
events.subscribe(lambda event: print(event.found) if isinstance(event, events.FunctionCompiled) else None)
assert ramba.get(f.remote(2)) == 5.0
Walker().step()
"""


def test_the_second_process_compiles_nothing(tmp_path: pathlib.Path) -> None:
    script = tmp_path / "program.py"
    script.write_text(PROGRAM)
    for wanted in ("numba", "disk"):
        done = subprocess.run(
            [sys.executable, str(script)],
            env={"RAMBA_CACHE": str(tmp_path / "cache"), "PATH": "", "PYTHONPATH": ":".join(sys.path)},
            capture_output=True,
            text=True,
            timeout=100,
            check=True,
        )
        assert done.stdout.split() == [wanted] * 2


def test_workers_load_what_the_driver_compiled(found: list[str]) -> None:
    pytest.importorskip("zmq")
    with ramba.config.set(backend="processes", workers=1, num_threads=1, cache="off"):
        ramba.shutdown()
        try:
            ramba.get(ramba.remote(functions.listen).remote())
            doubled = ramba.remote(numba=True)(lambda x: x * 2)
            assert ramba.get([doubled.remote(3), doubled.remote(4), doubled.remote(1.5)]) == [6, 8, 3.0]
            assert ramba.get(ramba.remote(functions.heard).remote()) == ["sent", "sent"]
        finally:
            ramba.shutdown()
    assert found == ["numba", "numba"]
