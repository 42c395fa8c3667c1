"""`python -m ramba compare` says on one screen whether results are the same, both times, and what held it back."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.command.programs import python, write

DIFFERENT = """
import numpy as np
print("array of", type(np.zeros(3)).__module__)
open("kind.txt", "w").write(type(np.zeros(3)).__module__)
"""


def test_the_same(tmp_path: Path) -> None:
    write(
        tmp_path,
        "program.py",
        """
        import os, sys
        import numpy as np
        data = np.loadtxt("data.txt")
        print(sys.argv[1:], float(np.sin(np.arange(300_000) * data.sum()).sum()), os.getcwd())
        np.savetxt("out.txt", data * 2)
        sys.exit(3)
        """,
    )
    write(tmp_path, "data.txt", "1\n2\n3\n")
    before = sorted(tmp_path.iterdir())
    done = python(tmp_path, "-m", "ramba", "compare", "--with", "data.txt", "program.py", "--with", "x")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "exit code               the same, 3" in done.stdout
    assert "output                  the same, 1 lines" in done.stdout
    assert "out.txt                 the same" in done.stdout
    assert "seconds in all" in done.stdout
    assert done.stdout.count("\n") < 30
    assert sorted(tmp_path.iterdir()) == before


def test_different(tmp_path: Path) -> None:
    write(tmp_path, "program.py", DIFFERENT)
    done = python(tmp_path, "-m", "ramba", "compare", "program.py")
    assert done.returncode == 1
    assert "line 1: NumPy 'array of numpy', Ramba 'array of ramba.lazyarray.core'" in done.stdout
    assert "kind.txt                DIFFERENT" in done.stdout
    assert "The results DIFFER" in done.stdout


def test_modules_and_failures(tmp_path: Path) -> None:
    write(tmp_path, "package/__main__.py", "from package import part\nraise KeyError(part.x)\n")
    write(tmp_path, "package/part.py", "import numpy as np\nx = int(np.arange(5)[3])\n")
    write(tmp_path, "package/__init__.py", "")
    done = python(tmp_path, "-m", "ramba", "compare", "-m", "package")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "exit code               the same, 1" in done.stdout
    assert done.stdout.count("KeyError: 3") == 2


def test_what_held_it_back(tmp_path: Path) -> None:
    write(
        tmp_path,
        "program.py",
        """
        import numpy as np
        a = np.random.default_rng(0).random(600_000)
        print(f"{sum(a):.6f}")
        """,
    )
    done = python(tmp_path, "-m", "ramba", "compare", "program.py")
    assert "program.py:3  Python's sum() over an array, once: 600,000 elements" in done.stdout, done.stdout
    assert "instead: np.sum(x)" in done.stdout


@pytest.mark.parametrize("arguments", [("nothing.py",), ()])
def test_no_program(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    done = python(tmp_path, "-m", "ramba", "compare", *arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
