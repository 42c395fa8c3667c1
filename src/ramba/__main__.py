"""``python -m ramba program.py``, and the commands ``compare``, ``doctor`` and ``info``."""

from __future__ import annotations

import argparse
import json
import sys

from ramba import __version__
from ramba.command import parsing, running
from ramba.session import facts


def main(arguments: list[str] | None = None) -> int:
    """Runs the command line; gives the exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    command = _COMMANDS.get(given[0]) if given else None
    try:
        return _run(given) if command is None else command(given[1:])
    except running.CannotRunError as problem:
        print(f"{sys.executable}: {problem}", file=sys.stderr)
        return problem.status


def _run(arguments: list[str]) -> int:
    options = parsing.parser("", parsing.RUN, parsing.COMMANDS)
    _, program = parsing.parsed(options, arguments or ["--help"])
    running.run(program)
    return 0


def _info(arguments: list[str]) -> int:
    info = argparse.ArgumentParser(
        prog="python -m ramba info", description="Versions, machine, backends, security and settings."
    )
    info.add_argument("--json", action="store_true", help="as JSON")
    chosen = info.parse_args(arguments)
    found = facts.information(__version__)
    print(json.dumps(found, indent=2) if chosen.json else facts.text(found))
    return 0


_COMMANDS = {"info": _info}

if __name__ == "__main__":
    sys.exit(main())
