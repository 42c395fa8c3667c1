"""The table of what came of NumPy's tests, in docs/numpy-coverage.md."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import numpy

from tools.numpy_suite import left_out
from tools.numpy_suite.run import Outcome

PAGE = Path(__file__).parents[2] / "docs" / "numpy-coverage.md"
BEGIN, END = "<!-- written by `make numpy-tests`: begin -->\n", "<!-- written by `make numpy-tests`: end -->\n"
HEADS = {"user": "as a user has it", "lazy": "all lazy", "workers": "3 workers, all lazy"}
BEFORE = "\N{DAGGER}"  # beside the number of a row that was not run again
BAD = ("failed", "hung", "crashed")
SLOW, SECONDS = 10, 0.05  # a test is slow if it takes so many times as long as with NumPy, and so long

Found = dict[str, dict[str, list[Outcome]]]


class Cells(NamedTuple):
    """What came of a file in a mode."""

    passed: int
    left_out: int
    failed: int  # crashed and hung ones among them
    before: bool = False  # what an earlier version of Ramba gave, and the page has since

    @classmethod
    def of(cls, outcomes: list[Outcome]) -> Cells:
        """Counts outcomes."""
        count = Counter(outcome.outcome for outcome in outcomes)
        return cls(count["passed"], count["left out"], sum(count[bad] for bad in BAD))


def write(found: Found) -> None:
    """Writes the table; `found` has the outcomes of each file, by mode. What it has not stays as the page has it."""
    before, _, rest = PAGE.read_text().partition(BEGIN)
    old, _, after = rest.partition(END)
    cells = {mode: _rows(old).get(mode, {}) for mode in HEADS}
    for mode in HEADS:
        cells[mode] |= {file: Cells.of(outcomes) for file, outcomes in found.get(mode, {}).items()}
    PAGE.write_text(before + BEGIN + text_of(cells) + END + after)


def _rows(text: str) -> dict[str, dict[str, Cells]]:
    """The cells of a table, by mode and file."""
    found: dict[str, dict[str, Cells]] = {}
    for line in text.splitlines():
        file, *words = [word.strip() for word in line.strip("| ").split("|")]
        if not file.endswith(".py"):
            continue
        for mode, place in zip(HEADS, range(0, len(words), 3), strict=False):
            three = words[place : place + 3]
            three = [word.removesuffix(BEFORE) for word in three]
            if len(three) == 3 and all(word.isdigit() for word in three):
                found.setdefault(mode, {})[file] = Cells(*map(int, three), before=True)
    return found


def text_of(cells: dict[str, dict[str, Cells]]) -> str:
    """A row for each file, with passed, left out and failed tests in each mode, and the sums."""
    head = "".join(f" {HEADS[mode]}: passed | left out | failed |" for mode in HEADS)
    files = sorted({file for mode in HEADS for file in cells[mode]})
    lines = [f"| file |{head}", "|---|" + "---|---|---|" * len(HEADS)]
    lines += [f"| {file} |" + "".join(_written(cells[mode].get(file)) for mode in HEADS) for file in files]
    sums = {mode: _sum(list(cells[mode].values())) for mode in HEADS if cells[mode]}
    lines.append("| **all** |" + "".join(_written(sums.get(mode)) for mode in HEADS))
    lines += ["", *(f"{HEADS[mode].capitalize()}: {_share(sums[mode], list(cells[mode].values()))}" for mode in sums)]
    python = ".".join(map(str, sys.version_info[:3]))
    lines += [f"{BEFORE} as an earlier version had it. NumPy {numpy.__version__}, Python {python}.", "", ""]
    return "\n".join(lines)


def _sum(rows: list[Cells]) -> Cells:
    return Cells(sum(row.passed for row in rows), sum(row.left_out for row in rows), sum(row.failed for row in rows))


def _written(cells: Cells | None) -> str:
    if cells is None:
        return " not run | | |"
    return f" {cells.passed}{BEFORE if cells.before else ''} | {cells.left_out} | {cells.failed} |"


def _share(total: Cells, rows: list[Cells]) -> str:
    ran, before = total.passed + total.failed, sum(row.before for row in rows)
    share = 100 * total.passed / max(ran, 1)
    rest = f"; {before} of the files ran with an earlier version ({BEFORE})" if before else ""
    return f"{share:.2f} % of {ran} tests in {len(rows)} files that ran and are not left out pass{rest}.\n"


def slow(found: Found) -> list[str]:
    """The tests found that take more than ten times as long as with NumPy, with the reasons that are listed."""
    usual = {outcome.test: outcome.seconds for outcomes in found.get("numpy", {}).values() for outcome in outcomes}
    lines = []
    for mode in [mode for mode in HEADS if mode in found]:
        several = [outcome for outcomes in found[mode].values() for outcome in outcomes if outcome.test in usual]
        several = [one for one in several if one.seconds > max(SLOW * usual[one.test], SECONDS)]
        several.sort(key=lambda one: -one.seconds)
        reasons = left_out.Reasons.read(mode, left_out.SLOW)
        for one in several:
            why = reasons.of(one.test, one.seconds) or "?"
            lines.append(f"{mode}: {one.test} took {one.seconds:.2f} s, NumPy {usual[one.test]:.3f} s: {why}")
    return lines
