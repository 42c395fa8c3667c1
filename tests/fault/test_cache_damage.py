"""The kernel cache on disk: damaged, planted, insecure, shared, interrupted (F52). Never wrong, never an error."""

from __future__ import annotations

import os
import pathlib
import signal
import time
from collections.abc import Callable

import pytest

from tests.fault.harness import Finished, run, start

pytestmark = [pytest.mark.fault]

PROGRAM = """
import warnings
from ramba import events
from_disk = []
events.subscribe(lambda event: from_disk.append(event.cached) if isinstance(event, events.Compiled) else None)
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    a = np.arange(100_000) * 0.5
    assert float((np.sqrt(a) * np.sqrt(a) - a + 1).sum()).__round__(3) == 100_000
    assert int((np.arange(100_000) % 7 + 3).max()) == 9
print(all(from_disk) and bool(from_disk), len(from_disk), any(issubclass(w.category, np.CacheWarning) for w in caught))
"""


def session(folder: pathlib.Path) -> Finished:
    return run(folder, PROGRAM, RAMBA_KERNELS="compiled", timeout=60)


def entries(folder: pathlib.Path) -> list[pathlib.Path]:
    return [path for path in (folder / "cache").rglob("*") if path.is_file() and path.name != "key"]


def test_a_second_session_loads_what_the_first_compiled(tmp_path: pathlib.Path) -> None:
    first = session(tmp_path).stdout.split()
    assert first[0] == "False"
    assert entries(tmp_path)
    assert (tmp_path / "cache").stat().st_mode & 0o777 == 0o700
    assert session(tmp_path).stdout.split() == ["True", first[1], "False"]


def flip(path: pathlib.Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0x40
    path.write_bytes(data)


DAMAGES: dict[str, Callable[[pathlib.Path], object]] = {
    "truncated": lambda path: os.truncate(path, path.stat().st_size // 2),
    "empty": lambda path: path.write_bytes(b""),
    "a flipped bit": flip,
    "junk": lambda path: path.write_bytes(b"\x7fELF" + os.urandom(5000)),
    "a directory": lambda path: (path.unlink(), path.mkdir()),
    "a dangling link": lambda path: (path.unlink(), path.symlink_to("/nonexistent/file")),
    "unreadable": lambda path: path.chmod(0),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_entries_are_compiled_again(tmp_path: pathlib.Path, damage: str) -> None:
    session(tmp_path)
    for path in entries(tmp_path):
        DAMAGES[damage](path)
    session(tmp_path)


def test_an_entry_under_another_name_is_not_executed(tmp_path: pathlib.Path) -> None:
    """Foreign bytes: one kernel's file in the place of another's."""
    session(tmp_path)
    paths = sorted(entries(tmp_path))
    contents = [path.read_bytes() for path in paths]
    assert len(paths) > 1
    for path, content in zip(paths, contents[1:] + contents[:1], strict=True):
        path.write_bytes(content)
    assert session(tmp_path).stdout.split()[0] == "False"


def test_a_planted_key_makes_old_entries_worthless(tmp_path: pathlib.Path) -> None:
    session(tmp_path)
    for path in (tmp_path / "cache").rglob("key"):
        path.write_bytes(b"x" * path.stat().st_size)
    assert session(tmp_path).stdout.split()[0] == "False"


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o722])
def test_an_insecure_directory_is_refused(tmp_path: pathlib.Path, mode: int) -> None:
    session(tmp_path)
    (tmp_path / "cache").chmod(mode)
    first, _, warned = session(tmp_path).stdout.split()
    assert (first, warned) == ("False", "True")


def test_a_directory_of_somebody_else_is_refused(tmp_path: pathlib.Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give files away")
    session(tmp_path)
    os.chown(tmp_path / "cache", 12345, 12345)
    first, _, warned = session(tmp_path).stdout.split()
    assert (first, warned) == ("False", "True")


def test_a_link_in_the_place_of_the_directory(tmp_path: pathlib.Path) -> None:
    session(tmp_path)
    (tmp_path / "cache").rename(tmp_path / "elsewhere")
    (tmp_path / "elsewhere").chmod(0o777)
    (tmp_path / "cache").symlink_to(tmp_path / "elsewhere")
    assert session(tmp_path).stdout.split()[0] == "False"


@pytest.mark.parametrize("place", ["file", "read-only", "missing parent"])
def test_a_directory_that_cannot_be_used(tmp_path: pathlib.Path, place: str) -> None:
    match place:
        case "file":
            (tmp_path / "cache").write_text("a file")
        case "read-only":
            (tmp_path / "cache").mkdir(mode=0o500)
        case _:
            (tmp_path / "cache").symlink_to(tmp_path / "nowhere" / "deep")
    session(tmp_path)


def test_many_sessions_at_once(tmp_path: pathlib.Path) -> None:
    folders = [tmp_path / str(i) for i in range(4)]
    for folder in folders:
        folder.mkdir()
    sessions = [start(f, PROGRAM, RAMBA_KERNELS="compiled", RAMBA_CACHE=tmp_path / "shared") for f in folders]
    for one in sessions:
        done = one.finish(60)
        assert done.status == 0, done.stderr


def test_killed_while_writing(tmp_path: pathlib.Path) -> None:
    loop = """
    print("go", flush=True)
    a = np.arange(30_000) * 0.5
    for i in range(10_000):
        b = a
        for bit in range(12):
            b = b + a if i >> bit & 1 else b * a
        (b > 3).any().item()
    """
    for delay in (0.02, 0.15, 0.3):
        running = start(tmp_path, loop, RAMBA_KERNELS="compiled")
        running.wait_for("go")
        time.sleep(delay)
        running.process.send_signal(signal.SIGKILL)
        running.finish(5)
    session(tmp_path)
    assert session(tmp_path).stdout.split()[0] == "True"
