"""``python -m ramba info``: versions, machine and settings, for people or as JSON for bug reports."""

from __future__ import annotations

import argparse
import json
import platform
import sys
from importlib import metadata
from typing import Any

from ramba import __version__, config, machine

_PACKAGES = ("numpy", "llvmlite", "numba", "psutil", "mpi4py", "ray")


def information() -> dict[str, Any]:
    """Versions, machine and settings as plain data."""
    return {
        "ramba": __version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "processor": platform.machine(),
        "packages": {name: _version(name) for name in _PACKAGES},
        "threads": machine.processors(),
        "memory": {"total": machine.total_memory(), "free": machine.free_memory()},
        "settings": {row.name: {"value": row.value, "from": row.source} for row in config.describe()},
    }


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _text(info: dict[str, Any]) -> str:
    memory = info["memory"]
    lines = [
        f"ramba {info['ramba']}, Python {info['python']} on {info['platform']}",
        f"{info['threads']} processors, {memory['free'] / 1e9:.1f} GB free of {memory['total'] / 1e9:.1f} GB",
        ", ".join(f"{name} {version or 'not installed'}" for name, version in info["packages"].items()),
        "",
    ]
    for row in config.describe():
        lines += [f"{row.name:14} {row.value!s:12} ({row.source})", f"{'':14} {row.help}: {row.allowed}"]
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    """Runs the command line; gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m ramba", description="Ramba: a parallel, lazy NumPy.")
    commands = parser.add_subparsers(dest="command", required=True)
    info = commands.add_parser("info", help="versions, machine and settings")
    info.add_argument("--json", action="store_true", help="as JSON")
    chosen = parser.parse_args(arguments)
    found = information()
    print(json.dumps(found, indent=2) if chosen.json else _text(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
