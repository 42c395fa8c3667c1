"""The command line: a command's own options stand before the program, everything after it is the program's."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from ramba.command.running import Program

RUN = """\
Run a program that says `import numpy` with Ramba: in the program, and in modules outside of site-packages, imports of
numpy become imports of Ramba. Everybody else keeps NumPy."""

DEMO = """\
Three programs with NumPy and with Ramba, side by side, as large as memory and the given seconds allow: a table, and a
picture of letters. The exit code is 0 if the results are the same, else 1."""

DOCTOR = """\
Without a program: check the installation, and say what to change. The exit code is 0 if nothing has to be.

With one: run it with Ramba, and say at its end (on stderr) where its seconds went, by its own lines: looks inside of
loops, loops over elements, what NumPy computes alone, gathers, kernels and plans made over and over, redistributions,
Python's built-in functions over arrays; and what to write instead. What took less than 1 % is not mentioned."""

COMPARE = """\
Run a program with NumPy, then with Ramba; compare the exit code, what it prints and the files it writes; say in one
screen whether the results are the same, how long both took, and what held Ramba back.

Each run has an empty folder of its own as the current one, so that nothing of yours is written over: files that the
program reads from the current folder are named with --with, and are copied. Files that it writes elsewhere are not
compared; standard input is empty. The exit code is 0 if the results are the same, else 1."""

COMMANDS = """\
other commands (--help after each tells more):
  python -m ramba demo                    three programs with NumPy and with Ramba, on this machine, in a minute
  python -m ramba compare program.py ...  run it with NumPy and with Ramba: the same results? how long did both take?
  python -m ramba doctor program.py ...   where its seconds went, by its own lines, and what to write instead
  python -m ramba doctor                  is the installation as fast as it can be?
  python -m ramba info                    versions, machine, backends, security and settings
"""

OVERVIEW = """\
Ramba {version}: NumPy programs, unchanged, fused into few loops, compiled, on all cores or on the workers of a cluster.

  python -m ramba demo                    three programs with NumPy and with Ramba, on this machine, in a minute
  python -m ramba doctor                  is the installation as fast as it can be? what should be changed?
  python -m ramba info                    versions, machine, backends, security and settings

with a program of yours, which may say `import numpy`:
  python -m ramba program.py ...          run it; also -m module
  python -m ramba compare program.py ...  run it with NumPy and with Ramba: the same results? how long did both take?
  python -m ramba doctor program.py ...   where its seconds went, by its own lines, and what to write instead

on workers:
  mpiexec -n 9 python -m ramba program.py
  RAMBA_BACKEND=ray python -m ramba program.py

in a program: `import ramba as np`; in a notebook: `%load_ext ramba`. --help after each command tells more."""


def parser(command: str, description: str, epilog: str | None = None) -> argparse.ArgumentParser:
    """A parser for a command that runs a program."""
    made = argparse.ArgumentParser(
        prog=f"python -m ramba {command}".rstrip(),
        usage=f"python -m ramba {command + ' ' if command else ''}[options] (program.py | -m module) [arguments ...]",
        description=description,
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("-m", dest="module", metavar="module", help="run a module, or a package's __main__")
    made.add_argument(
        "--include", metavar="package", action="append", default=[],
        help="an installed package whose imports become Ramba's, too; may be given several times",
    )  # fmt: skip
    made.add_argument("program", nargs="?", help=argparse.SUPPRESS)
    return made


def parsed(made: argparse.ArgumentParser, arguments: Sequence[str]) -> tuple[argparse.Namespace, Program]:
    """The options, and the program with its arguments."""
    own, rest = _divided(made, arguments)
    chosen = made.parse_args(own)
    if chosen.module is None and chosen.program is None:
        made.error("no program was named")
    name = chosen.program if chosen.module is None else chosen.module
    return chosen, Program(name, tuple(rest), chosen.module is not None, tuple(chosen.include))


def _divided(made: argparse.ArgumentParser, arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """What belongs to the command, the program's name included, and what belongs to the program."""
    valued = {name for action in made._actions if action.nargs != 0 for name in action.option_strings}
    place = 0
    while place < len(arguments) and arguments[place].startswith("-"):
        if arguments[place] == "-m":
            return list(arguments[: place + 2]), list(arguments[place + 2 :])
        place += 2 if arguments[place] in valued else 1
    return list(arguments[: place + 1]), list(arguments[place + 1 :])


__all__ = ["COMMANDS", "COMPARE", "DEMO", "DOCTOR", "OVERVIEW", "RUN", "parsed", "parser"]
