"""How much faster do whole programs run?"""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks.ask import Answer, at_least, at_most
from benchmarks.programs import BY_NAME
from benchmarks.run import run

_STEPS = 4
_FLOORS = {  # times NumPy's speed on two cores
    "sin_cos": 9.0,
    "star_stencil": 9.0,
    "nstream": 2.5,
    "transpose": 1.5,
    "black_scholes": 8.0,
    "jacobi": 6.0,
    "game_of_life": 5.0,
    "n_body": 6.0,
    "mandelbrot": 8.0,
}
_SIZES = {"sin_cos": 20_000_000}  # where the demo's is more than a benchmark needs


def answers() -> list[Answer]:
    """Later steps, first steps with an empty kernel cache, and first steps with a filled one."""
    table = []
    with tempfile.TemporaryDirectory() as name:
        cache = Path(name) / "kernels"
        cache.mkdir(mode=0o700)
        for program, floor in _FLOORS.items():
            size = _SIZES.get(program, BY_NAME[program].size)
            theirs, cold, warm = (
                run(system, program, size, _STEPS, Path(name), {"RAMBA_CACHE": str(cache)})
                for system in ("numpy", "ramba", "ramba")
            )
            table += [
                at_least(f"{program}, later steps", theirs.later, warm.later, floor),
                at_most(f"{program}, first step", theirs.first, cold.first, cold.first - theirs.first, 0.5),
                at_least(f"{program}, first step, kernels on disk", theirs.first, warm.first, 1.0),
            ]
    return table
