"""``python -m ramba info``: versions, machine, backends, security and settings, for people or as JSON."""

from __future__ import annotations

import argparse
import json
import sys

from ramba import __version__
from ramba.session import facts


def main(arguments: list[str] | None = None) -> int:
    """Runs the command line; gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m ramba", description="Ramba: a parallel, lazy NumPy.")
    commands = parser.add_subparsers(dest="command", required=True)
    info = commands.add_parser("info", help="versions, machine, backends, security and settings")
    info.add_argument("--json", action="store_true", help="as JSON")
    chosen = parser.parse_args(arguments)
    found = facts.information(__version__)
    print(json.dumps(found, indent=2) if chosen.json else facts.text(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
