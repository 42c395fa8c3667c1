"""`make bench`, or `python -m benchmarks [NAME ...]`: one table of all answers, NumPy as the baseline."""

from __future__ import annotations

import sys

from benchmarks import measure
from benchmarks.ask import COLUMNS, ask, names


def main() -> None:
    """Ask all questions, or those that are named."""
    unknown = set(sys.argv[1:]) - set(names())
    if unknown:
        raise SystemExit(f"No such question: {', '.join(sorted(unknown))}. There are: {', '.join(names())}.")
    rows: list[tuple[str, ...]] = []
    for name in sys.argv[1:] or names():
        measure.progress(name)
        rows += [answer.row() for answer in ask(name)]
    measure.progress("")
    measure.show(f"Budgets ({measure.machine()})", COLUMNS, rows)
    missed = sum(row[-1] == "NO" for row in rows)
    print(f"{missed} of {len(rows)} budgets missed." if missed else "All budgets kept.")


if __name__ == "__main__":
    main()
