"""Questions about speed, their answers, and how they are asked: one file in `questions/` each, in a process of its own.

Usage:

    python -m benchmarks.ask NAME           one question, as a table
    python -m benchmarks.ask NAME --json    one line of JSON for each answer
"""

from __future__ import annotations

import importlib
import json
import pkgutil
import subprocess
import sys
from typing import NamedTuple

from benchmarks import measure, questions

COLUMNS = ("question", "NumPy", "Ramba", "measured", "budget", "kept")


class Answer(NamedTuple):
    """One line of the table."""

    question: str
    numpy: str
    ramba: str
    measured: str  # in the unit of the budget: a ratio of one run, wherever a ratio exists
    budget: str
    kept: bool | None  # None: nothing to hold it against

    def row(self) -> tuple[str, ...]:
        """As the cells of the table."""
        kept = "" if self.kept is None else "yes" if self.kept else "NO"
        return (self.question, self.numpy, self.ramba, self.measured, self.budget, kept)


def at_least(question: str, numpy: float, ramba: float, ratio: float) -> Answer:
    """Seconds of both, and how many times faster Ramba has to be."""
    times = numpy / ramba
    shown = measure.duration(numpy), measure.duration(ramba)
    return Answer(question, *shown, f"{times:.2f}x", f"at least {ratio:g}x", times >= ratio)


def at_most(question: str, numpy: float | None, ramba: float, value: float, limit: float) -> Answer:
    """Seconds of both, and a number of seconds that must not be exceeded."""
    shown = "" if numpy is None else measure.duration(numpy)
    budget = f"at most {measure.duration(limit)}"
    return Answer(question, shown, measure.duration(ramba), measure.duration(value), budget, value <= limit)


def names() -> list[str]:
    """All questions."""
    return sorted(module.name for module in pkgutil.iter_modules(questions.__path__))


def ask(name: str) -> list[Answer]:
    """The answers to one question, found in a fresh process."""
    command = [sys.executable, "-m", "benchmarks.ask", name, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        return [Answer(name, "", "", f"failed: {reason}"[:120], "", False)]
    return [Answer(*json.loads(line)) for line in done.stdout.splitlines() if line.startswith("[")]


def main() -> None:
    """Ask one question here."""
    name, *options = sys.argv[1:]
    answers: list[Answer] = importlib.import_module(f"benchmarks.questions.{name}").answers()
    if options == ["--json"]:
        print("\n".join(json.dumps(answer) for answer in answers))
    else:
        measure.show(name, COLUMNS, (answer.row() for answer in answers))


if __name__ == "__main__":
    main()
