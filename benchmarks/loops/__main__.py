"""`python -m benchmarks.loops [--scale 2] [NAME ...]`: every program, first turns and later ones.

The figures of the first turn depend on the kernels that earlier runs left on the disk: `RAMBA_CACHE=/some/empty/folder`
begins without any.
"""

from __future__ import annotations

import argparse

import ramba
from benchmarks import measure
from benchmarks.loops.table import LOOPS
from benchmarks.loops.turns import Turns, geometric_mean, measured

_COLUMNS = ("program", "NumPy first", "best later", "median", "Ramba first", "best later", "median", "ratio", "agrees")


def main() -> None:
    """Run all programs, or those that are named."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.loops")
    parser.add_argument("names", nargs="*", choices=[[], *(loop.name for loop in LOOPS)], metavar="NAME")
    parser.add_argument("--scale", type=float, default=1.0)
    options = parser.parse_args()
    ramba.config.set(on_fallback="ignore")  # what NumPy computes for Ramba shows in the figures
    found: list[Turns] = []
    for loop in LOOPS:
        if not options.names or loop.name in options.names:
            measure.progress(loop.name)
            found.append(measured(loop, options.scale, ramba))
    measure.progress("")
    rows = [
        (
            turns.name,
            *(measure.duration(seconds) for seconds in (*turns.numpy, *turns.ramba)),
            f"{turns.ratio:.2f}x",
            "yes" if turns.agrees else "NO",
        )
        for turns in found
    ]
    measure.show(f"Programs that loop, scale {options.scale:g} ({measure.machine()})", _COLUMNS, rows)
    ratios = [turns.ratio for turns in found]
    print(f"Geometric mean {geometric_mean(ratios):.2f}x, lowest {min(ratios):.2f}x.")


if __name__ == "__main__":
    main()
