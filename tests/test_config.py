"""Settings: what they accept, where they come from, and what they say when they cannot be used."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from ramba import config
from ramba.errors import ConfigError, RambaWarning, UnknownSettingError


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    before = config.current()
    yield
    monkeypatch.undo()
    config.reload()
    config.set(**{row.name: getattr(before, row.name) for row in config.describe()})


@pytest.mark.parametrize(
    ("variable", "text", "value"),
    [
        ("RAMBA_NUM_THREADS", "3", 3),
        ("RAMBA_EAGER", "1", True),
        ("RAMBA_EAGER", "Off", False),
        ("RAMBA_EXACT", "true", True),
        ("RAMBA_KERNELS", "interpreted", "interpreted"),
        ("RAMBA_CACHE", "off", "off"),
        ("RAMBA_CACHE", "/some/where", "/some/where"),
        ("RAMBA_MEMORY_LIMIT", "4GB", 4 * 10**9),
        ("RAMBA_MEMORY_LIMIT", "1.5 GiB", 3 << 29),
        ("RAMBA_MEMORY_LIMIT", "1000000", 1000000),
        ("RAMBA_MEMORY_LIMIT", "none", None),
        ("RAMBA_EAGER_SIZE", "0", 0),
        ("RAMBA_ON_FALLBACK", "raise", "raise"),
    ],
)
def test_environment(monkeypatch: pytest.MonkeyPatch, variable: str, text: str, value: object) -> None:
    monkeypatch.setenv(variable, text)
    settings = config.reload()
    name = variable.removeprefix("RAMBA_").lower()
    assert getattr(settings, name) == value
    assert {row.name: row.source for row in config.describe()}[name] == f"environment {variable}"


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("RAMBA_NUM_THREADS", "abc"),
        ("RAMBA_NUM_THREADS", "-1"),
        ("RAMBA_NUM_THREADS", "0"),
        ("RAMBA_NUM_THREADS", "1e9"),
        ("RAMBA_NUM_THREADS", "1000000000"),
        ("RAMBA_NUM_THREADS", ""),
        ("RAMBA_EAGER", "perhaps"),
        ("RAMBA_EAGER", ""),
        ("RAMBA_KERNELS", "fast"),
        ("RAMBA_CACHE", "relative/path"),
        ("RAMBA_CACHE", ""),
        ("RAMBA_MEMORY_LIMIT", "4XB"),
        ("RAMBA_MEMORY_LIMIT", "-4GB"),
        ("RAMBA_MEMORY_LIMIT", "nan"),
        ("RAMBA_MEMORY_LIMIT", "GB"),
        ("RAMBA_MEMORY_LIMIT", ""),
    ],
)
def test_what_cannot_be_used_is_named(monkeypatch: pytest.MonkeyPatch, variable: str, text: str) -> None:
    monkeypatch.setenv(variable, text)
    with pytest.raises(ConfigError) as caught:
        config.reload()
    problem = caught.value
    assert isinstance(problem, ValueError)
    assert (problem.name, problem.value, problem.source) == (variable, text, "the environment")
    for part in (variable, repr(text), problem.allowed, "environment"):
        assert part in str(problem)


@pytest.mark.parametrize(
    ("variable", "meant"), [("RAMBA_NUM_THREAD", "RAMBA_NUM_THREADS"), ("ramba_eager", "RAMBA_EAGER")]
)
def test_unknown_variables_are_reported(monkeypatch: pytest.MonkeyPatch, variable: str, meant: str) -> None:
    monkeypatch.setenv(variable, "1")
    with pytest.warns(RambaWarning, match=f"{variable} means nothing.*did you mean {meant}"):
        config.reload()


def test_set_holds_until_the_end_of_the_block() -> None:
    before = config.current()
    with config.set(eager=True, memory_limit="1KB") as settings:
        assert settings.eager
        assert config.current().memory_limit == 1000
        with config.set(eager=False):
            assert not config.current().eager
            assert config.current().memory_limit == 1000
        assert config.current().eager
    assert config.current() == before


def test_set_for_good() -> None:
    config.set(exact=True)
    assert config.current().exact
    assert {row.name: row.source for row in config.describe()}["exact"] == "ramba.config.set"


def test_a_block_takes_back_only_its_own_change() -> None:
    with config.set(eager=True):
        config.set(verify=True)
    assert config.current().verify


def test_set_refuses() -> None:
    with pytest.raises(UnknownSettingError, match="Did you mean 'num_threads'"):
        config.set(num_thread=2)
    for value in (0, True, 2.5, None, "many"):
        with pytest.raises(ConfigError, match=r"num_threads=.*from ramba\.config\.set"):
            config.set(num_threads=value)


def test_nothing_is_read_at_import() -> None:
    program = "import ramba.config as c\ntry: c.current()\nexcept ValueError as e: print(type(e).__name__)"
    run = subprocess.run(
        [sys.executable, "-c", program], env={"RAMBA_EAGER": "x"}, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "ConfigError"


def test_a_pool_process_gets_one_thread() -> None:
    program = (
        "import multiprocessing as m, ramba.config as c\n"
        "def f(_): return c.current().num_threads\n"
        "if __name__ == '__main__':\n"
        "    with m.get_context('fork').Pool(2) as p: print(p.map(f, [0, 1]))"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[1, 1]"
