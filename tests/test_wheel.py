"""The wheel and the source archive: what is in them, and that they work in an environment of their own."""

from __future__ import annotations

import email
import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from collections.abc import Iterator
from email.message import Message
from importlib import metadata
from pathlib import Path

import pytest

from tests.subject import ramba

ROOT = Path(__file__).parent.parent
FOLDERS = "native src benchmarks examples tests tools docs".split()
FILES = (
    "pyproject.toml setup.py MANIFEST.in README.md LICENSE CHANGELOG.md CONTRIBUTING.md SECURITY.md Makefile".split()
)
LIGHT = {"numpy", "numba", "llvmlite", "psutil", "msgspec"}
BUILD = """
import sys
out = sys.argv.pop()
from setuptools import build_meta
build_meta.build_sdist(out)
build_meta.build_wheel(out)
"""


def can_build() -> bool:
    """Whether what the build needs is here, so that it can be done without the network."""
    try:
        return int(metadata.version("setuptools").partition(".")[0]) >= 77
    except metadata.PackageNotFoundError:
        return False


pytestmark = [pytest.mark.own_modes, pytest.mark.timeout(300), pytest.mark.repeats]
if not can_build():
    pytestmark.append(pytest.mark.slow)


def built(tree: Path, out: Path) -> tuple[Path, Path]:
    """Source archive and wheel of a tree."""
    environment = os.environ | {"CFLAGS": "-O0", "SOURCE_DATE_EPOCH": "1700000000"}
    if can_build():
        command = [sys.executable, "-c", BUILD, str(out)]
    else:
        command = [sys.executable, "-m", "build", "--outdir", str(out)]
    done = subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    (archive,), (wheel,) = out.glob("*.tar.gz"), out.glob("*.whl")
    return archive, wheel


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A copy of what is in the repository, without what was made from it."""
    folder = tmp_path_factory.mktemp("tree")
    made = shutil.ignore_patterns("__pycache__", "*.so", "*.egg-info", "_build")
    for name in FOLDERS:
        shutil.copytree(ROOT / name, folder / name, ignore=made)
    for name in FILES:
        shutil.copy(ROOT / name, folder / name)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def products(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return built(tree, tmp_path_factory.mktemp("dist"))


def described(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as file:
        (name,) = [name for name in file.namelist() if name.endswith(".dist-info/METADATA")]
        return email.message_from_bytes(file.read(name))


def test_the_wheel_holds_the_package_and_nothing_else(products: tuple[Path, Path]) -> None:
    with zipfile.ZipFile(products[1]) as file:
        names = file.namelist()
    assert {name.split("/")[0] for name in names} == {
        "ramba", "ramba_xarray", f"ramba-{ramba.__version__}.dist-info",
    }  # fmt: skip
    ours = [name for name in names if ".dist-info/" not in name]
    assert {Path(name).suffix for name in ours} == {".py", ".pyi", ".typed", ".so", ".css", ".html", ".js"}
    assert "ramba/py.typed" in ours
    suffix = sysconfig.get_config_var("EXT_SUFFIX")
    assert [name for name in ours if name.endswith(".so")] == [
        f"ramba/files/_text{suffix}",
        f"ramba/lazyarray/_native{suffix}",
    ]
    source = {path.relative_to(ROOT / "src").as_posix() for path in (ROOT / "src").rglob("*.[pchj]*") if path.is_file()}
    missing = {name for name in source if "__pycache__" not in name and ".egg-info" not in name} - set(ours)
    assert not missing


def test_what_it_says_of_itself_is_complete(products: tuple[Path, Path]) -> None:
    said = described(products[1])
    assert said["Name"] == "ramba"
    assert said["Version"] == ramba.__version__
    assert said["License-Expression"] == "BSD-3-Clause"
    assert said["Requires-Python"] == ">=3.11"
    assert "parallel" in said["Summary"]
    assert {"Typing :: Typed", "Programming Language :: Python :: 3.13"} <= set(said.get_all("Classifier") or ())
    assert "# Ramba" in str(said.get_payload())
    needed = {row.split(";")[0] for row in said.get_all("Requires-Dist") or () if "extra ==" not in row}
    assert {row.split(">")[0] for row in needed} == LIGHT


def test_the_archive_builds_the_same(products: tuple[Path, Path]) -> None:
    with tarfile.open(products[0]) as file:
        names = {name.partition("/")[2] for name in file.getnames()}
    assert {"native/module.c", "tests/test_wheel.py", "examples/life.py", "benchmarks/programs.py"} <= names
    assert not [name for name in names if name.endswith((".so", ".pyc"))]


def test_the_version_is_the_tags(tree: Path, tmp_path: Path) -> None:
    """In a repository with a tag both say it; one commit later they say that, too."""
    code = (
        "import runpy, sys, setuptools; setuptools.setup = lambda **k: print(k['version']); runpy.run_path('setup.py')"
    )
    git = ["git", "-c", "user.name=x", "-c", "user.email=x@example.org"]

    def version(folder: Path) -> str:
        command = [sys.executable, "-c", code]
        return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout.strip()

    small = tmp_path / "small"
    (small / "src" / "ramba").mkdir(parents=True)
    for name in ("setup.py", "src/ramba/release.py"):
        shutil.copy(tree / name, small / name)
    assert version(small) == ramba.__version__
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "x"]):
        subprocess.run([*git, *command], cwd=small, check=True)
    assert version(small) == ramba.__version__
    subprocess.run([*git, "tag", "v7.8.9"], cwd=small, check=True)
    assert version(small) == "7.8.9"
    subprocess.run([*git, "commit", "-qm", "y", "--allow-empty"], cwd=small, check=True)
    assert version(small).startswith("7.8.9.post1+g")


def test_it_works_in_an_environment_of_its_own(products: tuple[Path, Path], tmp_path: Path) -> None:
    """What it needs is lent by this environment, by a path that comes last."""
    place = tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(place)], check=True)
    python = str(place / "bin" / "python")
    install = [sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", "--no-index", "--quiet"]
    subprocess.run([*install, "--disable-pip-version-check", str(products[1])], check=True)
    (site,) = place.glob("lib/python*/site-packages")
    numpy = Path(sys.modules["numpy"].__file__ or "").parent.parent
    (site / "lent.pth").write_text(f"{numpy}\n")

    def said(*arguments: str) -> str:
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("RAMBA_", "PYTHON"))}
        command = [python, *arguments]
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    where = said("-c", "import ramba; print(ramba.__file__, ramba.__version__)").split()
    assert where == [str(site / "ramba" / "__init__.py"), ramba.__version__]
    assert said("-c", "from ramba.lazyarray import NATIVE; print(NATIVE.__name__)").strip() == "ramba.lazyarray._native"
    assert "yes, exactly" in said("-m", "ramba", "demo", "--seconds", "0.3")
