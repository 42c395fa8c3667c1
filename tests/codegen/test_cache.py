"""The cache on disk: what it keeps, and that damage, strangers and full disks are misses."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ramba.codegen import cache as cache_module
from ramba.codegen.cache import DiskCache, default_directory
from ramba.errors import CacheWarning

CONTENT = os.urandom(3000)
as_root = os.geteuid() == 0


@pytest.fixture
def cache(tmp_path: Path) -> DiskCache:
    return DiskCache(tmp_path / "ramba")


def entry(cache: DiskCache) -> Path:
    (found,) = cache.directory.glob("*.o")
    return found


def test_keeps_what_was_put(cache: DiskCache) -> None:
    assert cache.get("a") is None
    assert not cache.has("a")
    cache.put("a", CONTENT)
    cache.put("b", b"")
    assert cache.has("a")
    assert cache.get("a") == CONTENT
    assert cache.get("b") == b""
    assert DiskCache(cache.directory).get("a") == CONTENT


def test_everything_is_private(cache: DiskCache) -> None:
    cache.put("a", CONTENT)
    assert stat.S_IMODE(cache.directory.stat().st_mode) == 0o700
    for file in cache.directory.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert cache.verdict() == "private"


@pytest.mark.fault
@pytest.mark.parametrize("length", [0, 5, 20, 47, 100, 3046])
def test_truncated_is_a_miss(cache: DiskCache, length: int) -> None:
    cache.put("a", CONTENT)
    os.truncate(entry(cache), length)
    assert cache.get("a") is None
    cache.put("a", CONTENT)
    assert cache.get("a") == CONTENT


@pytest.mark.fault
@pytest.mark.parametrize("position", [0, 14, 15, 46, 47, 2000, 3046])
def test_one_flipped_bit_is_a_miss(cache: DiskCache, position: int) -> None:
    cache.put("a", CONTENT)
    damaged = bytearray(entry(cache).read_bytes())
    damaged[position] ^= 4
    entry(cache).write_bytes(damaged)
    assert cache.get("a") is None


@pytest.mark.fault
def test_planted_entries_are_misses(cache: DiskCache, tmp_path: Path) -> None:
    cache.put("a", CONTENT)
    stranger = DiskCache(tmp_path / "other")  # has another key
    stranger.put("a", b"evil")
    entry(cache).write_bytes(entry(stranger).read_bytes())
    assert cache.get("a") is None


@pytest.mark.fault
def test_renamed_entries_are_misses(cache: DiskCache) -> None:
    cache.put("a", CONTENT)
    entry(cache).rename(cache.directory / cache_module._name("b"))
    assert cache.get("b") is None


@pytest.mark.fault
@pytest.mark.parametrize("mode", [0o777, 0o770, 0o722, 0o1777])
def test_a_directory_that_others_may_write_is_refused(cache: DiskCache, mode: int) -> None:
    cache.put("a", CONTENT)
    cache.directory.chmod(mode)
    fresh = DiskCache(cache.directory)
    with pytest.warns(CacheWarning, match="can be written by others"):
        assert fresh.get("a") is None
    assert fresh.get("a") is None  # without a second warning
    fresh.put("b", CONTENT)
    assert len(list(cache.directory.glob("*.o"))) == 1


@pytest.mark.fault
def test_a_symbolic_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "target").mkdir(mode=0o700)
    (tmp_path / "ramba").symlink_to(tmp_path / "target")
    linked = DiskCache(tmp_path / "ramba")
    with pytest.warns(CacheWarning, match="symbolic link"):
        linked.put("a", CONTENT)
    assert not list((tmp_path / "target").iterdir())


@pytest.mark.fault
@pytest.mark.skipif(not as_root, reason="only root can give a directory away")
def test_a_strangers_directory_is_refused(cache: DiskCache) -> None:
    cache.put("a", CONTENT)
    os.chown(cache.directory, 12345, 12345)
    fresh = DiskCache(cache.directory)
    with pytest.warns(CacheWarning, match="belongs to another user"):
        assert fresh.get("a") is None


@pytest.mark.fault
def test_an_entry_that_is_not_a_file_is_a_miss(cache: DiskCache) -> None:
    cache.put("a", CONTENT)
    name = entry(cache)
    other = name.with_name("other")
    name.rename(other)
    name.symlink_to(other)
    assert cache.get("a") is None
    name.unlink()
    os.mkfifo(name)
    assert cache.get("a") is None
    cache.put("a", CONTENT)
    assert cache.get("a") == CONTENT


@pytest.mark.fault
def test_a_damaged_key_is_replaced(cache: DiskCache) -> None:
    cache.put("a", CONTENT)
    (cache.directory / "key").write_bytes(b"short")
    fresh = DiskCache(cache.directory)
    assert fresh.get("a") is None
    fresh.put("a", CONTENT)
    assert fresh.get("a") == CONTENT


@pytest.mark.fault
def test_a_key_that_others_know_is_replaced(cache: DiskCache) -> None:
    cache.put("a", CONTENT)
    (cache.directory / "key").chmod(0o644)
    fresh = DiskCache(cache.directory)
    assert fresh.get("a") is None
    assert stat.S_IMODE((cache.directory / "key").stat().st_mode) == 0o600


@pytest.mark.fault
@pytest.mark.parametrize("operation", ["os.open", "os.replace"])
def test_a_disk_that_refuses_is_a_miss(cache: DiskCache, monkeypatch: pytest.MonkeyPatch, operation: str) -> None:
    """Full, read-only or gone."""

    def refuse(*args: object, **kwargs: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(operation, refuse)
    cache.put("a", CONTENT)
    assert cache.get("a") is None


@pytest.mark.fault
def test_a_read_only_cache_still_serves(cache: DiskCache, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.put("a", CONTENT)
    os.utime(entry(cache), (0, 0))  # old enough that a hit wants to renew its age
    really_open = os.open

    def read_only(path: str, flags: int, *args: int, **kwargs: int) -> int:
        if flags & (os.O_WRONLY | os.O_RDWR):
            raise OSError(30, "Read-only file system")
        return really_open(path, flags, *args, **kwargs)

    def refuse(*args: object, **kwargs: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(os, "open", read_only)
    monkeypatch.setattr(os, "utime", refuse)
    fresh = DiskCache(cache.directory)
    fresh.put("b", CONTENT)
    assert fresh.get("b") is None
    assert fresh.get("a") == CONTENT


@pytest.mark.fault
def test_no_place_for_a_directory(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    nowhere = DiskCache(tmp_path / "file" / "ramba")
    nowhere.put("a", CONTENT)
    assert nowhere.get("a") is None
    assert nowhere.verdict() != "private"


def test_bounded_by_count(tmp_path: Path) -> None:
    cache = DiskCache(tmp_path / "ramba", max_entries=8)
    for number in range(20):
        cache.put(str(number), CONTENT)
        age = time.time() - 1000 + number
        for file in cache.directory.glob("*.o"):
            if file.stat().st_mtime > age + 100:
                os.utime(file, (age, age))
    DiskCache(tmp_path / "ramba", max_entries=8).put("last", CONTENT)  # the first store of a process prunes
    assert len(list(cache.directory.glob("*.o"))) <= 8
    assert cache.get("last") == CONTENT
    assert cache.get("19") == CONTENT
    assert cache.get("0") is None


def test_bounded_by_bytes(tmp_path: Path) -> None:
    for number in range(10):
        DiskCache(tmp_path / "ramba", max_bytes=10_000).put(str(number), CONTENT)
    assert sum(file.stat().st_size for file in (tmp_path / "ramba").glob("*.o")) <= 10_000


@pytest.mark.fault
def test_what_a_killed_writer_left_is_removed(cache: DiskCache) -> None:
    cache.put("a", CONTENT)
    left = cache.directory / "0123.tmp"
    left.write_bytes(b"half")
    os.utime(left, (0, 0))
    DiskCache(cache.directory).put("b", CONTENT)
    assert not left.exists()


@pytest.mark.fault
def test_several_processes_at_once(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from ramba.codegen.cache import DiskCache\n"
        "c = DiskCache(Path(sys.argv[1]))\n"
        "for i in range(200):\n"
        "    k = str(i % 5); c.put(k, k.encode() * 5000); v = c.get(k); assert v is None or v == k.encode() * 5000"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "ramba")]
    processes = [subprocess.Popen(command, stderr=subprocess.PIPE) for _ in range(4)]
    for process in processes:
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors


def test_default_directory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/x")
    assert default_directory() == Path("/x/ramba")
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    monkeypatch.setenv("HOME", "/h")
    assert default_directory() == Path("/h/.cache/ramba")
