"""The kernel cache on disk: damaged, planted, insecure, shared, interrupted (F52). Never wrong, never an error."""

from __future__ import annotations

import os
import pathlib
import shutil
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


@pytest.fixture(scope="module")
def compiled_once(tmp_path_factory: pytest.TempPathFactory) -> tuple[pathlib.Path, list[str]]:
    """A folder whose cache a session has filled, and what that session said."""
    folder = tmp_path_factory.mktemp("compiled")
    return folder, session(folder).stdout.split()


@pytest.fixture
def filled(compiled_once: tuple[pathlib.Path, list[str]], tmp_path: pathlib.Path) -> pathlib.Path:
    """A folder with a cache of its own, as a session left it."""
    shutil.copytree(compiled_once[0] / "cache", tmp_path / "cache")
    return tmp_path


def entries(folder: pathlib.Path) -> list[pathlib.Path]:
    return [path for path in (folder / "cache").rglob("*") if path.is_file() and path.name != "key"]


def test_a_second_session_loads_what_the_first_compiled(compiled_once: tuple[pathlib.Path, list[str]]) -> None:
    folder, first = compiled_once
    assert first[0] == "False"
    assert entries(folder)
    assert (folder / "cache").stat().st_mode & 0o777 == 0o700
    assert session(folder).stdout.split() == ["True", first[1], "False"]


def test_a_cache_that_was_copied_is_loaded(filled: pathlib.Path) -> None:
    """So it is the damage that the tests below see."""
    assert session(filled).stdout.split()[0] == "True"


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
def test_damaged_entries_are_compiled_again(filled: pathlib.Path, damage: str) -> None:
    for path in entries(filled):
        DAMAGES[damage](path)
    session(filled)


def test_an_entry_under_another_name_is_not_executed(filled: pathlib.Path) -> None:
    """Foreign bytes: one kernel's file in the place of another's."""
    paths = sorted(entries(filled))
    contents = [path.read_bytes() for path in paths]
    assert len(paths) > 1
    for path, content in zip(paths, contents[1:] + contents[:1], strict=True):
        path.write_bytes(content)
    assert session(filled).stdout.split()[0] == "False"


def test_a_planted_key_makes_old_entries_worthless(filled: pathlib.Path) -> None:
    for path in (filled / "cache").rglob("key"):
        path.write_bytes(b"x" * path.stat().st_size)
    assert session(filled).stdout.split()[0] == "False"


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o722])
def test_an_insecure_directory_is_refused(filled: pathlib.Path, mode: int) -> None:
    (filled / "cache").chmod(mode)
    first, _, warned = session(filled).stdout.split()
    assert (first, warned) == ("False", "True")


def test_a_directory_of_somebody_else_is_refused(filled: pathlib.Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give files away")
    os.chown(filled / "cache", 12345, 12345)
    first, _, warned = session(filled).stdout.split()
    assert (first, warned) == ("False", "True")


def test_a_link_in_the_place_of_the_directory(filled: pathlib.Path) -> None:
    (filled / "cache").rename(filled / "elsewhere")
    (filled / "elsewhere").chmod(0o777)
    (filled / "cache").symlink_to(filled / "elsewhere")
    assert session(filled).stdout.split()[0] == "False"


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
