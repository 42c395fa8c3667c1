"""`python -m tools.numpy_suite [FILE ...] [--modes user lazy workers] [-k WORD]`; see `--help`."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from tools.numpy_suite import table
from tools.numpy_suite.copies import copy_tests
from tools.numpy_suite.run import MODES, ROOT, Outcome, files, run_file

BUILD = ROOT / "build" / "numpy-tests"


def main() -> None:
    """Runs files of NumPy's tests, and says what came of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", help="such as lib/test_io.py; none: all, and the table is written")
    parser.add_argument("--modes", nargs="+", choices=MODES, default=["numpy", "user", "lazy", "workers"])
    parser.add_argument("--table", action="store_true", help="writes the table from what earlier runs have left")
    parser.add_argument("--resume", action="store_true", help="leaves out files that earlier runs have been through")
    parser.add_argument(
        "--again", action="store_true", help="runs what failed, or was not run, in earlier runs of files"
    )
    parser.add_argument("-k", default="", help="runs only tests of such names, and shows what pytest says")
    arguments = parser.parse_args()
    if arguments.table:
        write()
        return
    for mode in arguments.modes:
        copies = BUILD / ("numpy" if mode == "numpy" else "ramba")
        if not copies.exists() or not (arguments.files or arguments.resume or arguments.again):
            copy_tests(copies, ours=mode != "numpy")
        chosen = [f for f in arguments.files or files(copies) if not (arguments.resume and kept_in(mode, f).exists())]
        if arguments.k:
            for file in chosen:
                run_file(copies, file, mode, arguments.k)
            continue
        for file in chosen:
            before = [outcome for outcome in kept_of(mode, file) if outcome.outcome not in table.BAD]
            outcomes = run_file(copies, file, mode, before=before if arguments.again else ())
            keep(mode, file, outcomes)
            bad = [outcome for outcome in outcomes if outcome.outcome in table.BAD]
            print(f"{mode} {file}: {len(bad)} of {len(outcomes)} failed", *(f"    {b.test}" for b in bad), sep="\n")
    if not arguments.k and not arguments.files:  # the page's table is that of whole runs
        write()


def write() -> None:
    """Writes the table, and says which tests are slow."""
    found = kept()
    table.write(found)
    print(*table.slow(found), sep="\n")


def kept() -> dict[str, dict[str, list[Outcome]]]:
    """What was written down: by mode, then by file."""
    found: dict[str, dict[str, list[Outcome]]] = {}
    for path in sorted((BUILD / "outcomes").glob("*/*.jsonl")):
        outcomes = read(path)
        if outcomes:
            found.setdefault(path.parent.name, {})[outcomes[0].test.split("::")[0]] = outcomes
    return found


def kept_of(mode: str, file: str) -> list[Outcome]:
    """What was written down of a file; nothing if it was not run."""
    path = kept_in(mode, file)
    return read(path) if path.exists() else []


def read(path: Path) -> list[Outcome]:
    """What is written down in a file of outcomes."""
    return [Outcome(**json.loads(line)) for line in path.read_text().splitlines()]


def kept_in(mode: str, file: str) -> Path:
    """Where it is written down what came of a file."""
    return (BUILD / "outcomes" / mode / file.replace("/", "-")).with_suffix(".jsonl")


def keep(mode: str, file: str, outcomes: list[Outcome]) -> None:
    """Writes down what came of a file."""
    path = kept_in(mode, file)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(asdict(outcome)) + "\n" for outcome in outcomes))


if __name__ == "__main__":
    main()
