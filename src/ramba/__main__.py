"""``python -m ramba program.py``, and the commands ``compare``, ``demo``, ``doctor`` and ``info``."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

from ramba import __version__
from ramba.command import checkup, comparing, demo, parsing, running
from ramba.command.agreement import Tolerance
from ramba.diagnosis import Doctor
from ramba.session import facts


def main(arguments: list[str] | None = None) -> int:
    """Runs the command line; gives the exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    command = _COMMANDS.get(given[0]) if given else None
    try:
        return _run(given) if command is None else _told(command, given[1:])
    except running.CannotRunError as problem:
        print(f"{sys.executable}: {problem}", file=sys.stderr)
        return problem.status


def _told(command: Callable[[list[str]], int], arguments: list[str]) -> int:
    """Runs a command of ours; who reads what it says may stop, as `head` does."""
    try:
        status = command(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is left to say is said to nobody
        return 1
    return status


def _run(arguments: list[str]) -> int:
    if not arguments:
        print(parsing.OVERVIEW.format(version=__version__))
        return 0
    options = parsing.parser("", parsing.RUN, parsing.COMMANDS)
    _, program = parsing.parsed(options, arguments)
    running.run(program)
    return 0


def _info(arguments: list[str]) -> int:
    info = argparse.ArgumentParser(
        prog="python -m ramba info", description="Versions, machine, backends, security and settings."
    )
    info.add_argument("--all", action="store_true", help="every setting with what it means, and all about security")
    info.add_argument("--json", action="store_true", help="all of it as JSON")
    chosen = info.parse_args(arguments)
    found = facts.information(__version__)
    print(json.dumps(found, indent=2) if chosen.json else facts.text(found) if chosen.all else facts.short(found))
    return 0


def _demo(arguments: list[str]) -> int:
    options = argparse.ArgumentParser(prog="python -m ramba demo", description=parsing.DEMO)
    options.add_argument("--seconds", type=float, default=demo.SECONDS, help="that it may take, about (%(default)g)")
    options.add_argument("--picture", metavar="file", help="draw it there, too (.png, .svg); needs matplotlib")
    chosen = options.parse_args(arguments)
    return demo.demo(chosen.seconds, chosen.picture)


def _doctor(arguments: list[str]) -> int:
    if not arguments:
        return checkup.check_up()
    options = parsing.parser("doctor", parsing.DOCTOR)
    options.add_argument("--json", metavar="file", help="write the report there, as JSON")
    chosen, program = parsing.parsed(options, arguments)
    doctor = Doctor()
    doctor.begin()
    try:
        running.run(program)
    finally:
        doctor.end()
        if chosen.json is None:
            print(doctor, file=sys.stderr)
        else:
            Path(chosen.json).write_text(json.dumps(doctor.data(), indent=1))
    return 0


def _compare(arguments: list[str]) -> int:
    usual = Tolerance()
    options = parsing.parser("compare", parsing.COMPARE)
    options.add_argument("--rtol", type=float, default=usual.relative, help="relative tolerance (%(default)g)")
    options.add_argument("--atol", type=float, default=usual.absolute, help="absolute tolerance (%(default)g)")
    options.add_argument(
        "--with", dest="beside", metavar="path", action="append", default=[],
        help="a file or folder that the program reads from the current folder; may be given several times",
    )  # fmt: skip
    chosen, program = parsing.parsed(options, arguments)
    return comparing.compare(program, Tolerance(chosen.rtol, chosen.atol), chosen.beside)


_COMMANDS = {"compare": _compare, "demo": _demo, "doctor": _doctor, "info": _info}

if __name__ == "__main__":
    sys.exit(main())
