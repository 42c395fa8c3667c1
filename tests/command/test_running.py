"""`python -m ramba program.py` runs a program as Python does, with Ramba's arrays."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import pytest

from tests.command.programs import both, python, write
from tests.subject import repeats


def test_a_program_and_its_modules_get_ramba_and_nobody_else(tmp_path: Path) -> None:
    write(tmp_path, "own/__init__.py", "import numpy\nzeros = numpy.zeros(3)\n")
    write(tmp_path, "lib/site-packages/installed/__init__.py", "import numpy\nzeros = numpy.zeros(3)\n")
    write(
        tmp_path,
        "program.py",
        """
        import sys
        sys.path.append("lib/site-packages")
        import importlib, numpy as np, own, installed, scipy.fft
        print(type(np.zeros(3)).__module__.split(".")[0], type(own.zeros).__module__.split(".")[0])
        print(type(installed.zeros).__module__, type(scipy.fft.fft([1.0])).__module__)
        print(type(importlib.import_module("numpy").zeros(3)).__module__)
        """,
    )
    done = python(tmp_path, "-m", "ramba", "program.py")
    assert done.stdout == "ramba ramba\nnumpy numpy\nnumpy\n", done.stderr
    done = python(tmp_path, "-m", "ramba", "--include", "installed", "program.py")
    assert done.stdout.splitlines()[1] == "ramba.lazyarray.core numpy", done.stderr
    assert not list(tmp_path.rglob("__pycache__/own*"))
    assert not (tmp_path / "own" / "__pycache__").exists()


def test_folders_where_an_installer_put_packages_are_not_his_own(tmp_path: Path) -> None:
    for name in ("target/one/__init__.py", "target/one/part.py", "target/single.py", "mine/own/__init__.py"):
        write(tmp_path, name, "import numpy\nzeros = numpy.zeros(3)\n")
    write(tmp_path, "target/one-1.0.dist-info/METADATA", "")
    write(
        tmp_path,
        "program.py",
        """
        import sys
        sys.path += ["target", "mine"]
        import one, one.part, single, own
        for module in (one, one.part, single, own):
            print(type(module.zeros).__module__)
        """,
    )
    done = python(tmp_path, "-m", "ramba", "program.py")
    assert done.stdout.split() == ["numpy", "numpy", "numpy", "ramba.lazyarray.core"], done.stderr


def test_cached_code_of_plain_python_is_not_used_and_stays(tmp_path: Path) -> None:
    write(tmp_path, "own.py", "import numpy\nzeros = numpy.zeros(3)\n")
    write(tmp_path, "program.py", "import own\nprint(type(own.zeros).__module__)\n")
    plain, ours = both(tmp_path, "program.py")
    assert (plain.stdout, ours.stdout) == ("numpy\n", "ramba.lazyarray.core\n")
    assert python(tmp_path, "program.py").stdout == "numpy\n"


FACTS = """
'''Doc.'''
import os, sys
print(__name__, __file__, __doc__, __package__, __spec__ and __spec__.name, type(__loader__).__mro__[-2])
print(sys.argv, os.path.realpath(sys.path[0]), sys.modules["__main__"].__dict__ is globals())
"""


@pytest.mark.parametrize(
    "arguments", [("program.py",), ("-m", "sub"), *repeats(("sub/program.py",), ("-m", "sub.program"), ("sub",))]
)
def test_main_is_what_it_is_for_python(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    for name in ("program.py", "sub/program.py", "sub/__main__.py", "sub/__init__.py"):
        write(tmp_path, name, FACTS)
    plain, ours = both(tmp_path, *arguments, "--flag", "-m", "x")
    assert ours.stdout == plain.stdout, ours.stderr
    assert plain.stdout.count("--flag")


@pytest.mark.parametrize(
    ("last", "status"),
    [
        ("sys.exit(3)", 3), ("deep(3)", 1), ("import broken", 1), ("raise KeyboardInterrupt", -signal.SIGINT),
        ("np.zeros(3) + np.zeros(4)", 1),
        ("sys.excepthook = lambda *x: print('hook', x[1], x[2].tb_lineno); deep(1)", 1),
        *repeats(
            ("sys.exit()", 0), ("sys.exit('no')", 1), ("raise SystemExit(4)", 4), ("os._exit(5)", 5),
            ("raise KeyError('x') from OSError(2)", 1), ("os.kill(os.getpid(), 9)", -signal.SIGKILL),
            ("import atexit; atexit.register(print, 'bye'); deep(0)", 1),
            rows=True,
        ),
    ],
)  # fmt: skip
def test_ends(tmp_path: Path, last: str, status: int) -> None:
    """Exit codes and tracebacks are Python's to the letter."""
    write(tmp_path, "broken.py", "import numpy\nx = = 3\n")
    source = "import os, sys\nimport numpy as np\ndef deep(n):\n    return deep(n - 1) if n else 1 / 0\nprint(1)\n"
    write(tmp_path, "program.py", source + last + "\n")
    plain, ours = both(tmp_path, "program.py")
    assert plain.returncode == ours.returncode == status
    assert ours.stdout == plain.stdout
    own = [line for line in ours.stderr.splitlines() if "ramba" in line and str(tmp_path) not in line]
    assert not own
    if "np" not in last:
        assert ours.stderr == plain.stderr


@pytest.mark.parametrize(
    "arguments", [("nothing.py",), ("-m", "nothing.more"), *repeats(("-m", "nothing"), ("-m", "os.path.x"))]
)
def test_programs_that_are_not_there(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    plain, ours = both(tmp_path, *arguments)
    assert (ours.returncode, ours.stderr) == (plain.returncode, plain.stderr)


@pytest.mark.parametrize("arguments", [("program.py",), *repeats(("-m", "program"))])
def test_classes_and_functions_of_the_program_travel(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    write(
        tmp_path,
        "program.py",
        """
        import multiprocessing, pickle
        from concurrent.futures import ProcessPoolExecutor
        import numpy as np

        class Point:
            def __init__(self):
                self.x = np.arange(3.0)

        def total(x):
            return float((x * 2).sum())

        if __name__ == "__main__":
            print(pickle.loads(pickle.dumps(Point())).x, pickle.dumps(total)[:20])
            for method in ("fork", "spawn", "forkserver"):
                with multiprocessing.get_context(method).Pool(2) as pool:
                    print(pool.map(total, [np.arange(5), np.arange(100_000.0)]))
            with ProcessPoolExecutor(1) as pool:
                print(pool.submit(total, np.ones(50_000)).result())
        """,
    )
    plain, ours = both(tmp_path, *arguments)
    assert ours.stdout == plain.stdout, ours.stderr
    assert plain.stdout.count("9999900000.0") == 3


def test_threads_and_source_are_found(tmp_path: Path) -> None:
    write(
        tmp_path,
        "program.py",
        """
        import inspect, threading
        import numpy as np
        def late():
            print(np.arange(20_000).sum())
        print(inspect.getsource(late))
        threading.Timer(0.2, late).start()
        """,
    )
    plain, ours = both(tmp_path, "program.py")
    assert ours.stdout == plain.stdout
    assert not ours.stderr


def test_help() -> None:
    for arguments, said in (
        (("--help",), "python -m ramba compare"),
        ((), "python -m ramba doctor"),
        (("info", "--help"), "--json"),
    ):
        done = python(Path.cwd(), "-m", "ramba", *arguments)
        assert done.returncode == 0
        assert said in done.stdout
    done = python(Path.cwd(), "-m", "ramba", "--include")
    assert done.returncode == 2
    assert sys.executable  # the interpreter that the programs above ran in
