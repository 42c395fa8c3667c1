"""Programs of a test's own, run as a user would."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

Done = subprocess.CompletedProcess[str]


def write(folder: Path, name: str, source: str) -> Path:
    """A file of a program."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(textwrap.dedent(source).lstrip("\n"))
    return path


def python(folder: Path, *arguments: object, launcher: tuple[str, ...] = (), **variables: str) -> Done:
    """Runs Python in a folder, without settings but these."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("RAMBA_", "RAY_"))}
    return subprocess.run(
        [*launcher, sys.executable, *map(str, arguments)],
        cwd=folder, env=environment | variables, capture_output=True, text=True, timeout=200, check=False,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip


def both(folder: Path, *arguments: object) -> tuple[Done, Done]:
    """What a program does without and with Ramba."""
    return python(folder, *arguments), python(folder, "-m", "ramba", *arguments)
