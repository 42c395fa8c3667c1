"""What ``python -m ramba info`` says: versions, machine, backends, security, settings. Never a secret.

Nothing is started and nothing is imported that would start something: whether a backend can start is judged by what is
installed and by how the program was started.
"""

from __future__ import annotations

import os
import platform
import re
import stat
import tempfile
import warnings
from importlib import metadata
from pathlib import Path
from typing import Any

from ramba import config, machine
from ramba.codegen.native import disk_cache
from ramba.runtime.backend import chosen
from ramba.runtime.backends import descriptions
from ramba.runtime.description import CannotStartError
from ramba.runtime.mpi import launcher

_PACKAGES = ("numpy", "llvmlite", "numba", "psutil", "msgspec", "mpi4py", "ray", "pyzmq", "rich", "tqdm")
_SECRET = re.compile("password|token|secret|key", re.IGNORECASE)
_CREDENTIALS = re.compile(r"//[^/@\s]*@")  # user:password@ of an address


def information(version: str) -> dict[str, Any]:
    """All of it as plain data."""
    return {
        "ramba": version,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "processor": platform.machine(),
        "packages": {name: _version(name) for name in _PACKAGES},
        "threads": machine.processors(),
        "memory": {"total": machine.total_memory(), "free": machine.free_memory()},
        "backend": chosen(),
        "backends": {name: backend(name) for name in descriptions()},
        "launcher": _launcher(),
        "security": security(),
        "settings": {
            row.name: {"value": _public(row.name, row.value), "from": row.source} for row in config.describe()
        },
    }


def backend(name: str) -> dict[str, Any]:
    """Whether a backend can start here, and with how many workers of how many threads."""
    try:
        found = descriptions()[name].expected()
    except CannotStartError as why:
        return {"can start": False, "why": str(why)}
    return {"can start": True, "workers": found.workers, "threads": found.threads, "how": found.how}


def _launcher() -> str:
    place = launcher.place()
    return "none detected" if place is None else f"MPI: rank {place.rank} of {place.size}"


def security() -> dict[str, str]:
    """How traffic and files are protected."""
    runtime = Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir())
    found = {
        "traffic between hosts": {"curve": "encrypted, peers prove keys", "none": "NOT PROTECTED"}[
            config.current().transport_security
        ],
        "ray token": _ray_token(),
        "ray TLS": _ray_tls(),
        "cache": _cache(),
        "runtime directory": f"{runtime}: {permission(runtime)}",
    }
    if not os.environ.get("XDG_RUNTIME_DIR"):
        found["runtime directory"] += ", where Ramba makes private directories"
    return found


def _ray_token() -> str:
    """Whether Ray asks for a token, and where one would come from: never the token itself."""
    asked = "asked for" if os.environ.get("RAY_AUTH_MODE", "").lower() == "token" else "not asked for (RAY_AUTH_MODE)"
    path = Path(os.environ.get("RAY_AUTH_TOKEN_PATH") or "~/.ray/auth_token")
    if os.environ.get("RAY_AUTH_TOKEN"):
        return f"{asked}; set in RAY_AUTH_TOKEN, which other processes of this user can read"
    try:
        path = path.expanduser()
        return f"{asked}; in {path}: {permission(path)}" if path.exists() else f"{asked}; none found"
    except (OSError, RuntimeError):
        return f"{asked}; {path} cannot be read"


def _ray_tls() -> str:
    if os.environ.get("RAY_USE_TLS", "0").lower() not in ("1", "true"):
        return "off (RAY_USE_TLS)"
    names = ("RAY_TLS_SERVER_CERT", "RAY_TLS_SERVER_KEY", "RAY_TLS_CA_CERT")
    missing = [name for name in names if not Path(os.environ.get(name, "")).is_file()]
    return f"on, but {', '.join(missing)} name no file" if missing else "on"


def _cache() -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the verdict says it
        cache = disk_cache()
        return "off" if cache is None else f"{cache.directory}: {cache.verdict()}"


def permission(path: Path) -> str:
    """Who else may use a file or a directory, as a phrase."""
    try:
        facts = path.stat()
    except OSError as problem:
        return problem.strerror or str(problem)
    mode = stat.S_IMODE(facts.st_mode)
    if hasattr(os, "getuid") and facts.st_uid not in (os.getuid(), 0):
        return f"belongs to somebody else ({mode:04o})"
    if not mode & 0o077:
        return f"private ({mode:04o})"
    return f"shared, each keeps his own ({mode:04o})" if mode & stat.S_ISVTX else f"open to others ({mode:04o})"


def _public(name: str, value: object) -> object:
    """A setting's value, without what is nobody's business."""
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return "(set)" if _SECRET.search(name) else _CREDENTIALS.sub("//(hidden)@", str(value))


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def short(info: dict[str, Any]) -> str:
    """What fits on one screen, for people: settings only where somebody changed them."""
    changed = [
        f"  {setting.name:18} {info['settings'][setting.name]['value']!s:12} ({setting.source})"
        for setting in config.describe()
        if setting.source != "default"
    ]
    security = [f"  {name:22} {info['security'][name]}" for name in ("traffic between hosts", "cache")]
    lines = [*_machine(info), "", *security, "", "settings that are not the default", *(changed or ["  none"])]
    return "\n".join([*lines, "", "--all: every setting with what it means, and all about security; --json"])


def text(info: dict[str, Any]) -> str:
    """All of it for people."""
    lines = [
        *_machine(info),
        "",
        "security",
        *(f"  {name:22} {verdict}" for name, verdict in info["security"].items()),
        "",
        "settings",
    ]
    for setting in config.describe():
        value = info["settings"][setting.name]["value"]
        lines += [
            f"  {setting.name:18} {value!s:12} ({setting.source})",
            f"  {'':18} {setting.help}: {setting.allowed}",
        ]
    return "\n".join(lines)


def _machine(info: dict[str, Any]) -> list[str]:
    """Versions, processors, memory, backends."""
    memory = info["memory"]
    lines = [
        f"ramba {info['ramba']}, Python {info['python']} on {info['platform']}",
        f"{info['threads']} processors, {memory['free'] / 1e9:.1f} GB free of {memory['total'] / 1e9:.1f} GB",
        ", ".join(f"{name} {version or 'not installed'}" for name, version in info["packages"].items()),
        f"launcher: {info['launcher']}",
        "",
        "backends",
    ]
    for name, row in info["backends"].items():
        mark = "*" if name == info["backend"] else " "
        if row["can start"]:
            said = f"{_count(row['workers'], 'worker')} of {_count(row['threads'], 'thread')}, {row['how']}"
        else:
            said = f"no: {row['why']}"
        lines.append(f"{mark} {name:20} {said}")
    return lines


def _count(number: int, name: str) -> str:
    return f"{number} {name}" if number == 1 else f"{number} {name}s"


__all__ = ["backend", "information", "permission", "security", "short", "text"]
