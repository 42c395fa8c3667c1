"""Programs that say what NumPy has no words for give the same numbers on every backend, and those of NumPy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy
import pytest

from tests.command.programs import python
from tests.examples.test_examples import FOLDER, some
from tests.fault.mpi_jobs import MPIEXEC, needs_mpi

SIZES = {
    "climate": 20, "heat": 120, "images": 60, "kmeans": 20_000, "monte_carlo": 3_200, "pagerank": 4_000,
    "parameter_study": 2_000, "statistics": 2_000,
}  # fmt: skip
NEEDED = {"climate": ("xarray", "zarr", "pandas"), "images": ("tifffile",), "statistics": ("h5py",)}

pytestmark = [pytest.mark.own_modes, pytest.mark.timeout(300)]


def printed(folder: Path, name: str, launcher: tuple[str, ...] = (), **variables: str) -> str:
    """What a program prints; it warns of nothing."""
    for library in NEEDED.get(name, ()):
        pytest.importorskip(library)
    done = python(folder, FOLDER / "beyond" / f"{name}.py", SIZES[name], launcher=launcher, **variables)
    assert (done.returncode, done.stderr) == (0, "")
    assert not list(folder.iterdir())
    return done.stdout


def heat(n: int) -> str:
    plate = numpy.zeros((n, n))
    plate[0] = 100
    plate[:, -1] = numpy.linspace(100, 0, n)
    for _ in range(50):
        inner = plate[1:-1, 1:-1]
        around = plate[:-2, 1:-1] + plate[2:, 1:-1] + plate[1:-1, :-2] + plate[1:-1, 2:]
        plate[1:-1, 1:-1] = inner + 0.2 * (around - 4 * inner)
    diagonal = " ".join(f"{plate[k, -1 - k]:.4f}" for k in (1, 3, 10))
    return f"mean {plate.mean():.6f}\ndiagonal {diagonal}\n"


def kmeans(n: int) -> str:
    rng = numpy.random.default_rng(1)
    truth = numpy.array([[-8.0, 3.0], [-3.0, -7.0], [0.0, 6.0], [4.0, -1.0], [9.0, 8.0]])
    points = truth[rng.integers(0, 5, n)] + rng.normal(0, 0.5, (n, 2))
    centres = points[:5]
    for _ in range(10):
        labels = ((points[:, None] - centres) ** 2).sum(axis=2).argmin(axis=1)
        centres = numpy.stack([points[labels == k].mean(axis=0) for k in range(5)])
    squares = ((points[:, None] - centres) ** 2).sum(axis=2).min(axis=1)
    rows = "".join(f"{a:8.4f} {b:8.4f}\n" for a, b in sorted(centres.tolist()))
    return f"mean square {squares.mean():.6f}\n{rows}"


def pagerank(pages: int) -> str:
    rng = numpy.random.default_rng(3)
    origin, target = rng.integers(0, pages, 10 * pages), (pages * rng.random(10 * pages) ** 3).astype(int)
    out, rank = numpy.bincount(origin, minlength=pages), numpy.full(pages, 1 / pages)
    steps, change = 0, 1.0
    while change > 1e-9:
        share = numpy.where(out > 0, rank / numpy.maximum(out, 1), 0)
        got = numpy.bincount(target, weights=share[origin], minlength=pages)
        new = 0.15 / pages + 0.85 * (got + rank[out == 0].sum() / pages)
        change, rank = numpy.abs(new - rank).sum(), new
        steps += 1
    links = numpy.bincount(target, minlength=pages)
    best = [f"page {p}: {rank[p] * pages:.4f}, {links[p]} links\n" for p in numpy.argsort(-rank)[:3]]
    return f"{steps} steps, sum {rank.sum():.9f}\n{''.join(best)}"


def statistics(rows: int) -> str:
    made = numpy.arange(rows * 200.0).reshape(rows, 200)
    u = numpy.sin(made) + made / made.size
    return (
        f"{u.shape}: mean {u.mean():.6f}, spread {u.std(axis=0).mean():.6f}\n"
        f"least {u.min():.6f}, greatest {u.max():.6f}, above 1: {(u > 1).sum()}\n"
        f"of every tenth row {u[::10].mean():.6f}\n"
    )


def monte_carlo(n: int) -> str:
    home, squares, count = 0, 0, n // 32
    for block in range(32):
        steps = numpy.random.default_rng([7, block]).integers(0, 6, (count, 200))
        place = numpy.stack([((steps == 2 * d) * 1 - (steps == 2 * d + 1)).cumsum(axis=1) for d in range(3)])
        home += int((abs(place).sum(axis=0) == 0).any(axis=1).sum())
        squares += int((place[:, :, -1] ** 2).sum())
    first = f"{32 * count} walks of 200 steps: {home / (32 * count):.4f} came home\n"
    return f"{first}mean square of the distance {squares / (32 * count):.3f}\n"


def parameter_study(steps: int) -> str:
    lines = ""
    for coupling in (0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0):
        frequency = numpy.tan(numpy.pi * (numpy.arange(1, 61) / 61 - 0.5)) / 2
        phase, found = 2.399963 * numpy.arange(60), []
        for _ in range(steps):
            mean = numpy.exp(1j * phase).mean()
            found.append(abs(mean))
            phase = phase + 0.02 * (frequency + coupling * (mean * numpy.exp(-1j * phase)).imag)
        together = numpy.mean(found[steps // 2 :])
        lines += f"coupling {coupling:4.2f}: {together:.3f} {'#' * int(40 * together)}\n"
    return lines


BY_NUMPY: dict[str, Callable[[int], str]] = {
    "heat": heat, "kmeans": kmeans, "monte_carlo": monte_carlo, "pagerank": pagerank,
    "parameter_study": parameter_study, "statistics": statistics,
}  # fmt: skip
BY_HAND = {
    "climate": "warming by decades -0.30251 0.00956 0.29295\nstandard deviation 2.957693\n",
    "images": "(12, 60, 60) uint16, background 160.0907\nframe  0: 265 bright, centre 6.298 20.000\n"
    "frame  4: 318 bright, centre 23.019 20.000\nframe  8: 324 bright, centre 41.605 20.000\n",
}
"""What xarray and SciPy print for the same programs with NumPy's arrays."""


def expected(name: str) -> str:
    return BY_NUMPY[name](SIZES[name]) if name in BY_NUMPY else BY_HAND[name]


def test_all_are_here_and_short() -> None:
    paths = sorted((FOLDER / "beyond").glob("*.py"))
    assert [path.stem for path in paths] == sorted(SIZES)
    assert all(path.read_text().count("\n") <= 60 for path in paths)


@pytest.mark.parametrize("name", some(SIZES, ("heat",)))
def test_on_threads(tmp_path: Path, name: str) -> None:
    assert printed(tmp_path, name) == expected(name)


@pytest.mark.parametrize("name", some(SIZES, ("parameter_study",)))
def test_on_processes(tmp_path: Path, name: str) -> None:
    pytest.importorskip("zmq")
    variables = {"RAMBA_BACKEND": "processes", "RAMBA_WORKERS": "2", "RAMBA_NUM_THREADS": "1"}
    assert printed(tmp_path, name, **variables) == expected(name)


@needs_mpi
@pytest.mark.parametrize("name", some(SIZES, ("monte_carlo",)))
def test_under_mpi(tmp_path: Path, name: str) -> None:
    assert printed(tmp_path, name, (str(MPIEXEC), "-n", "3"), RAMBA_NUM_THREADS="1") == expected(name)


@pytest.mark.slow
@pytest.mark.parametrize("name", SIZES)
def test_on_ray(tmp_path: Path, name: str) -> None:
    pytest.importorskip("ray")
    variables = {"RAMBA_BACKEND": "ray", "RAMBA_WORKERS": "2", "RAMBA_NUM_THREADS": "1"}
    assert printed(tmp_path, name, **variables) == expected(name)
