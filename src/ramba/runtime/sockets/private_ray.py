"""A Ray cluster of our own on this machine: reached over loopback only, with a token, in a private directory.

Ray itself would listen on all addresses, let anybody in, run workers at low priority, leave its directory behind, and
two of its processes for a minute where the driver is killed. What this sets is given back when the cluster is closed.
"""

from __future__ import annotations

import contextlib
import importlib
import logging
import os
import secrets
import subprocess
import sys
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from ramba import config
from ramba.runtime import reaper
from ramba.runtime.sockets.folder import Folder

_OBJECTS = 80 << 20  # bytes of Ray's object store, which is not used: the least that Ray takes
_SERVERS = ("gcs_server", "raylet")  # without one of them nothing can be asked of the cluster
_FAREWELL = 5.0  # s that leftovers may take to be ended

_ENVIRONMENT = {
    "RAY_AUTH_MODE": "token",
    "RAY_worker_niceness": "0",
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",  # else it warns that it will change its mind about GPUs
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",  # Ray's switch between loopback and all addresses
}


class PrivateRay:
    """Started when it is made."""

    def __init__(self, processors: int) -> None:
        self._pid = os.getpid()
        self.folder = Folder("ray-")
        self._reaper = _start_reaper(self.folder.path)
        self._servers: dict[str, reaper.Named] = {}
        _clusters.append(self)
        token = self.folder.path / "token"
        with open(os.open(token, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            file.write(secrets.token_hex(32))
        try:
            with _environment({**_ENVIRONMENT, "RAY_AUTH_TOKEN_PATH": str(token)}):
                _read_environment()
                self._start(processors)
            roots = reaper.marked(str(self.folder.path))
            self._servers = {name: each for each in roots if (name := _program(each[0])) in _SERVERS}
            self.name(reaper.family(roots))
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Ends it, waits for what is left, and removes the directory."""
        if self not in _clusters or self._pid != os.getpid():
            return
        _clusters.remove(self)
        with contextlib.suppress(Exception):
            import ray

            ray.shutdown()
            _read_environment()  # for another cluster, that the user may start
        assert self._reaper.stdin is not None
        self._reaper.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._reaper.wait(_FAREWELL)
        self.folder.close()

    def name(self, processes: Iterable[reaper.Named]) -> None:
        """Tells the reaper of processes that are the cluster's."""
        assert self._reaper.stdin is not None
        with contextlib.suppress(OSError):  # somebody ended it
            self._reaper.stdin.write("".join(f"{process} {start}\n" for process, start in processes).encode())
            self._reaper.stdin.flush()

    def broken(self) -> str | None:
        """The first of its servers that has ended."""
        ended = (name for name, (process, start) in self._servers.items() if reaper.started(process) != start)
        return next(ended, None)

    def after_fork(self) -> None:
        """In the child: the reaper watches the parent."""
        assert self._reaper.stdin is not None
        self._reaper.stdin.close()
        self._reaper.returncode = 0

    def _start(self, processors: int) -> None:
        import ray

        ray_constants: Any = importlib.import_module("ray._private.ray_constants")
        clusters = getattr(ray_constants, "ENABLE_RAY_CLUSTER", None)  # read from the environment at import
        ray_constants.ENABLE_RAY_CLUSTER = False
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                ray.init(
                    address="local",
                    include_dashboard=False,
                    num_cpus=processors,
                    object_store_memory=_OBJECTS,
                    logging_level=log_level(),
                    log_to_driver=log_level() == logging.INFO,
                    _temp_dir=str(self.folder.path / "r"),  # opened to everybody by Ray, but nobody gets there
                    **redis_password(),
                )
        finally:
            ray_constants.ENABLE_RAY_CLUSTER = clusters


def _read_environment() -> None:
    """Ray has read its variables when it was imported; this lets it do so again."""
    inner: Any = importlib.import_module("ray._raylet")
    with contextlib.suppress(AttributeError):  # a Ray without tokens
        inner.Config.initialize("")
        inner.AuthenticationTokenLoader.instance().reset_cache()


def log_level() -> int:
    """How much Ray says of its own."""
    return logging.INFO if config.current().log in ("debug", "info") else logging.CRITICAL


def redis_password() -> dict[str, Any]:
    """The older setting, where it is given."""
    password = config.current().ray_redis_password
    return {"_redis_password": password} if password else {}


def _program(process: int) -> str:
    """The name of what a process runs."""
    with contextlib.suppress(OSError):
        return Path(os.fsdecode(Path(f"/proc/{process}/cmdline").read_bytes().partition(b"\0")[0])).name
    return ""


def _start_reaper(folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-I", "-S", reaper.__file__, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
        cwd="/",
    )


@contextlib.contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
    """These variables, for as long as processes are started."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


_clusters: list[PrivateRay] = []


def _after_fork() -> None:
    for cluster in _clusters:
        cluster.after_fork()


os.register_at_fork(after_in_child=_after_fork)
