"""The table of what came of NumPy's tests, in docs/numpy-coverage.md."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from tools.numpy_suite.run import Outcome

PAGE = Path(__file__).parents[2] / "docs" / "numpy-coverage.md"
BEGIN, END = "<!-- written by `make numpy-tests`: begin -->\n", "<!-- written by `make numpy-tests`: end -->\n"
HEADS = {"user": "as a user has it", "lazy": "all lazy", "workers": "3 workers, all lazy"}
BAD = ("failed", "hung", "crashed")
SLOW, SECONDS = 10, 0.05  # a test is slow if it takes so many times as long as with NumPy, and so long


def write(found: dict[str, dict[str, list[Outcome]]]) -> None:
    """Writes the table between its marks; `found` has the outcomes of each file, by mode."""
    before, _, rest = PAGE.read_text().partition(BEGIN)
    after = rest.partition(END)[2]
    PAGE.write_text(before + BEGIN + text_of(found) + END + after)


def text_of(found: dict[str, dict[str, list[Outcome]]]) -> str:
    """A row for each file, with passed, left out and failed tests in each mode, and the sums."""
    modes = [mode for mode in HEADS if found.get(mode)]
    head = "".join(f" {HEADS[mode]}: passed | left out | failed |" for mode in modes)
    files = sorted({file for mode in modes for file in found[mode]})
    lines = [f"| file |{head}", "|---|" + "---|---|---|" * len(modes)]
    lines += [f"| {file} |" + "".join(_cells(found[mode].get(file)) for mode in modes) for file in files]
    every = {mode: [outcome for outcomes in found[mode].values() for outcome in outcomes] for mode in modes}
    lines.append("| **all** |" + "".join(_cells(every[mode]) for mode in modes))
    lines += ["", *(f"{HEADS[mode].capitalize()}: {_share(every[mode])}" for mode in modes), ""]
    return "\n".join(lines)


def _cells(outcomes: list[Outcome] | None) -> str:
    if outcomes is None:
        return " not run | | |"
    count = Counter(outcome.outcome for outcome in outcomes)
    return f" {count['passed']} | {count['left out']} | {sum(count[bad] for bad in BAD)} |"


def _share(outcomes: list[Outcome]) -> str:
    count = Counter(outcome.outcome for outcome in outcomes)
    ran = count["passed"] + sum(count[bad] for bad in BAD)
    share = 100 * count["passed"] / max(ran, 1)
    text = f"{share:.2f} % of {ran} tests that ran and are not left out pass"
    return f"{text}; {count['crashed']} crashed, {count['hung']} hung, {count['skipped']} were skipped by NumPy.\n"


def slow(found: dict[str, dict[str, list[Outcome]]]) -> list[str]:
    """The tests that take more than ten times as long as with NumPy, whose outcomes are among those found."""
    usual = {outcome.test: outcome.seconds for outcomes in found.get("numpy", {}).values() for outcome in outcomes}
    lines = []
    for mode in [mode for mode in HEADS if mode in found]:
        several = [outcome for outcomes in found[mode].values() for outcome in outcomes if outcome.test in usual]
        several = [one for one in several if one.seconds > max(SLOW * usual[one.test], SECONDS)]
        several.sort(key=lambda one: -one.seconds)
        lines += [f"{mode}: {one.test} took {one.seconds:.2f} s, NumPy {usual[one.test]:.3f} s" for one in several]
    return lines
