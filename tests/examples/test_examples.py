"""Twenty-one programs that people know give NumPy's results with Ramba, without changing a line."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest
from _pytest.mark.structures import ParameterSet

from tests.command.programs import python
from tests.fault.mpi_jobs import MPIEXEC, needs_mpi

FOLDER = Path(__file__).parent.parent.parent / "examples"
SIZES = {
    "bootstrap": 200, "climate_anomalies": 60, "conjugate_gradients": 60, "fdtd": 150, "fir_bank": 20_000,
    "image_pipeline": 200, "ising": 140, "kalman_filter": 400, "kmeans": 20_000, "life": 160,
    "logistic_regression": 5_000, "lstm": 300, "metropolis": 300, "n_queens": 8, "option_pricing": 2_000,
    "pagerank": 20_000, "pca": 5_000, "poisson_fft": 200, "power_iteration": 200, "ray_marcher": 200,
    "spectral_clustering": 200, "sudoku": 1, "wave_equation": 160,
}  # fmt: skip
NEEDED = {"climate_anomalies": ("xarray", "zarr")}
# what each has of its own: recurrences, index arrays, calls of LAPACK, files
FEW = ("image_pipeline", "pagerank", "wave_equation")

pytestmark = [pytest.mark.own_modes, pytest.mark.timeout(300)]


def some(names: Iterable[str], quick: Sequence[str]) -> list[ParameterSet]:
    """All of the names; those that are not among the quick ones are left to long runs."""
    return [pytest.param(name, marks=() if name in quick else pytest.mark.slow) for name in names]


def compare(folder: Path, name: str, launcher: tuple[str, ...] = (), **variables: str) -> str:
    """What `compare` says of an example."""
    for library in NEEDED.get(name, ()):
        if "site-packages" not in pytest.importorskip(library).__file__:  # else its imports are rewritten, too
            pytest.skip(f"{library} is not installed")
    path = FOLDER / f"{name}.py"
    done = python(folder, "-m", "ramba", "compare", path, SIZES[name], launcher=launcher, **variables)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "DIFFERENT" not in done.stdout
    assert "output                  the same" in done.stdout
    return done.stdout


def test_all_are_here_and_short() -> None:
    paths = sorted(FOLDER.glob("*.py"))
    assert [path.stem for path in paths] == sorted(SIZES)
    for path in paths:
        text = path.read_text()
        assert text.count("\n") <= 60, path.name
        assert "import numpy as np" in text
        assert "ramba" not in text


@pytest.mark.parametrize("name", some(SIZES, FEW))
def test_on_threads(tmp_path: Path, name: str) -> None:
    said = compare(tmp_path, name)
    assert ("small.npy" in said) == (name == "image_pipeline")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", some(FEW, FEW[2:]))
def test_on_processes(tmp_path: Path, name: str) -> None:
    compare(tmp_path, name, RAMBA_BACKEND="processes", RAMBA_WORKERS="2", RAMBA_NUM_THREADS="1")


@needs_mpi
@pytest.mark.parametrize("name", some(FEW, ()))
def test_under_mpi(tmp_path: Path, name: str) -> None:
    compare(tmp_path, name, launcher=(str(MPIEXEC), "-n", "3"), RAMBA_NUM_THREADS="1")


@pytest.mark.repeats
@pytest.mark.parametrize("name", SIZES)
def test_on_ray(tmp_path: Path, name: str) -> None:
    pytest.importorskip("ray")
    compare(tmp_path, name, RAMBA_BACKEND="ray", RAMBA_WORKERS="2", RAMBA_NUM_THREADS="1")


@needs_mpi
def test_run_and_doctor_under_mpi(tmp_path: Path) -> None:
    path, launcher = FOLDER / "pca.py", (str(MPIEXEC), "-n", "3")
    plain = python(tmp_path, path, 20_000)
    for command in ((), ("doctor",)):
        done = python(tmp_path, "-m", "ramba", *command, path, 20_000, launcher=launcher, RAMBA_NUM_THREADS="1")
        assert done.returncode == 0, done.stderr
        assert done.stdout == plain.stdout
        assert ("Ramba's doctor" in done.stderr) == bool(command)
    failed = python(tmp_path, "-m", "ramba", path, "many", launcher=launcher)
    assert failed.returncode == 1
    assert failed.stderr.count("ValueError") == 1
    assert sys.executable not in failed.stderr


@pytest.mark.slow
@pytest.mark.parametrize("command", [(), ("doctor",)])
def test_run_and_doctor_on_ray(tmp_path: Path, command: tuple[str, ...]) -> None:
    pytest.importorskip("ray")
    path, variables = FOLDER / "pca.py", {"RAMBA_BACKEND": "ray", "RAMBA_WORKERS": "2", "RAMBA_NUM_THREADS": "1"}
    plain = python(tmp_path, path, 20_000)
    done = python(tmp_path, "-m", "ramba", *command, path, 20_000, **variables)
    assert (done.returncode, done.stdout) == (0, plain.stdout), done.stderr
    assert ("Ramba's doctor" in done.stderr) == bool(command)
