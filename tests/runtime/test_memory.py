"""How much memory there is, and that what does not fit is refused in NumPy's words."""

from __future__ import annotations

import builtins
from math import prod
from pathlib import Path

import numpy as np
import psutil
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ramba import config, machine
from ramba.errors import MemoryError
from ramba.runtime import memory

TERABYTE = 10**12


def numpys_words(shape: tuple[int, ...], dtype: np.dtype) -> str:
    """What NumPy says when it cannot allocate this."""
    return str(np._core._exceptions._ArrayMemoryError(shape, dtype))


@given(
    st.lists(st.integers(1, 1 << 20), max_size=4).map(tuple), st.sampled_from(["f8", "i1", "c16", "f4", "b1", "S100"])
)
def test_the_complaint_is_numpys(shape: tuple[int, ...], name: str) -> None:
    dtype = np.dtype(name)
    assume(prod(shape) * dtype.itemsize <= np.iinfo(np.intp).max)  # what is larger NumPy refuses with other words
    assert str(memory.refusal(shape, dtype)) == numpys_words(shape, dtype)


def test_what_does_not_fit_is_refused() -> None:
    shape = (10**7, 10**7)
    with pytest.raises(MemoryError) as ours:
        memory.check(shape, np.dtype("f8"))
    with pytest.raises(builtins.MemoryError) as theirs:
        np.empty(shape)
    assert str(ours.value) == str(theirs.value)
    assert isinstance(ours.value, builtins.MemoryError)


def test_what_no_machine_could_hold_is_a_value_error() -> None:
    shape = (1 << 40, 1 << 40)
    with pytest.raises(ValueError, match="array is too big") as ours:
        memory.check(shape, np.dtype("f8"))
    with pytest.raises(ValueError, match="array is too big") as theirs:
        np.empty(shape)
    assert str(ours.value) == str(theirs.value)


def test_what_fits() -> None:
    assert memory.check((3, 4), np.dtype("f4")) == 48
    assert memory.check((0, 1 << 50), np.dtype("f8")) == 0
    assert memory.check((), np.dtype("c16")) == 16


def test_the_configured_limit() -> None:
    with config.set(memory_limit="1MB"):
        assert memory.available() == 10**6
        assert memory.available(held=999_000) == 1000
        assert memory.available(held=2_000_000) == 0
        with pytest.raises(MemoryError):
            memory.check((1000, 1000), np.dtype("f8"))
        memory.check((1000, 100), np.dtype("f8"))


def test_the_machine() -> None:
    assert 1 <= machine.processors() <= (psutil.cpu_count() or 1)
    assert 0 < machine.free_memory() <= machine.total_memory() <= psutil.virtual_memory().total
    if not machine._limited_groups():
        assert machine.free_memory() == pytest.approx(psutil.virtual_memory().available, rel=0.1)


@pytest.fixture
def cgroup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cgroup file system, and this process in its group /jobs/mine."""
    (tmp_path / "self").write_text("0::/jobs/mine\n5:memory:/jobs/mine\n4:cpu,cpuacct:/jobs/mine\n")
    monkeypatch.setattr(machine, "_PROC_CGROUP", tmp_path / "self")
    monkeypatch.setattr(machine, "_CGROUP", tmp_path / "fs")
    monkeypatch.setattr(machine, "_limited_groups", machine._limited_groups.__wrapped__)
    return tmp_path / "fs"


def write(folder: Path, **files: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text + "\n")


def test_memory_of_cgroup_version_2(cgroup: Path) -> None:
    write(cgroup / "jobs", memory__max="1000000", memory__current="300000", memory__stat="anon 5\ninactive_file 100000")
    write(cgroup / "jobs/mine", memory__max="max", memory__current="200000")
    assert machine.free_memory() == 800_000
    assert machine.total_memory() == 1_000_000


def test_memory_of_cgroup_version_1(cgroup: Path) -> None:
    write(cgroup / "memory", memory__limit_in_bytes="9223372036854771712", memory__usage_in_bytes="5")
    write(
        cgroup / "memory/jobs/mine",
        memory__limit_in_bytes="1000000",
        memory__usage_in_bytes="300000",
        memory__stat="total_inactive_file 1000",
    )
    assert machine.free_memory() == 701_000


@pytest.mark.parametrize(("quota", "granted"), [("max 100000", None), ("150000 100000", 2), ("50000 100000", 1)])
def test_processors_of_cgroup_version_2(
    cgroup: Path, monkeypatch: pytest.MonkeyPatch, quota: str, granted: int | None
) -> None:
    monkeypatch.setattr(machine, "_affinity", lambda: list(range(1000, 1064)))  # no such processors: all are cores
    write(cgroup / "jobs/mine", cpu__max=quota)
    assert machine.processors() == (granted or 64)


def test_processors_of_cgroup_version_1(cgroup: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "_affinity", lambda: list(range(1000, 1064)))
    write(cgroup / "cpu/jobs", cpu__cfs_quota_us="300000", cpu__cfs_period_us="100000")
    write(cgroup / "cpu/jobs/mine", cpu__cfs_quota_us="-1", cpu__cfs_period_us="100000")
    assert machine.processors() == 3
