"""Imports of NumPy become Ramba's, on their lines; everything else in a program stays."""

from __future__ import annotations

import ast
from typing import Any

import numpy
import pytest

import ramba.numpy
from ramba.command.importing import compiled
from ramba.command.rewriting import as_numpys, module_for, rewritten
from tests.subject import ramba as subject


def run(source: str) -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": "program"}
    exec(compiled(source, "program.py"), names)
    return names


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("import numpy", "import ramba.numpy as numpy"),
        ("import numpy as np", "import ramba.numpy as np"),
        ("import numpy.linalg", "import ramba.numpy as numpy"),
        ("import numpy.linalg as la", "import ramba.linalg as la"),
        ("import numpy.typing as npt", "import ramba.typing as npt"),
        ("import os, numpy as np, sys", "import os\nimport ramba.numpy as np\nimport sys"),
        ("from numpy import sin, cos as c", "from ramba.numpy import sin, cos as c"),
        ("from numpy.fft import fft", "from ramba.fft import fft"),
        ("from numpy.lib.stride_tricks import as_strided", "from ramba.lib.stride_tricks import as_strided"),
        ("from numpy import _core, pi", "from numpy import _core\nfrom ramba.numpy import pi"),
        ("import numpy._core.umath", "__import__('numpy._core.umath')\nimport ramba.numpy as numpy"),
        ("import numpy.f2py", "__import__('numpy.f2py')\nimport ramba.numpy as numpy"),
        ("import numpy.nothing", "__import__('numpy.nothing')\nimport ramba.numpy as numpy"),
        ("def f():\n    import numpy as np", "def f():\n    import ramba.numpy as np"),
        (
            "try:\n    from numpy import sin\nexcept ImportError:\n    sin = None",
            "try:\n    from ramba.numpy import sin\nexcept ImportError:\n    sin = None",
        ),
        ("if TYPE_CHECKING:\n    import numpy as np", "if TYPE_CHECKING:\n    import ramba.numpy as np"),
    ],
)  # fmt: skip
def test_statements(before: str, after: str) -> None:
    assert ast.unparse(rewritten(ast.parse(before))) == after


@pytest.mark.parametrize(
    "source",
    [
        "import numpy._core as core",
        "import numpy.f2py as f2py",
        "from numpy._core import umath",
        "from numpy.nothing import x",
        "from numpy import __version__",
        "from . import numpy",
        "from .numpy import sin",
        "import numpyro, scipy.fft",
        "import importlib\nimportlib.import_module('numpy')",
        "exec('import numpy')",
    ],
)
def test_what_stays(source: str) -> None:
    assert ast.dump(rewritten(ast.parse(source))) == ast.dump(ast.parse(source))


def test_methods_that_give_arrays_give_numpys() -> None:
    source = """
class A:
    def __array__(self, dtype=None):
        def other():
            return 1
        if dtype:
            return f(dtype)
        for x in self:
            return x
    def __len__(self):
        return 2
def __array__():
    return 3
"""
    call = "__import__('ramba.command.rewriting', fromlist=['x']).as_numpys"
    expected = source.replace("f(dtype)", f"{call}(f(dtype))").replace("return x", f"return {call}(x)")
    assert ast.unparse(rewritten(ast.parse(source))) == ast.unparse(ast.parse(expected))
    assert as_numpys(3) == 3
    assert type(as_numpys(ramba.numpy.arange(3))) is numpy.ndarray


def test_names_of_modules() -> None:
    assert module_for("numpy") == "ramba.numpy"
    assert module_for("numpy.random") == "ramba.random"
    for name in ("numpy.config", "numpy.events", "numpy.session", "numpy.linalg.lapack_lite", "numpy.core", "scipy"):
        assert module_for(name) is None


def test_every_line_stays_where_it_was() -> None:
    source = '"""Doc."""\nfrom __future__ import annotations\n\nimport os, numpy.linalg, \\\n    numpy._core\nx = 1\n'
    names = run(source)
    assert names["__doc__"] == "Doc."
    assert compiled(source, "p").co_flags & 0x1000000  # annotations
    lines = {line for *_, line in compiled(source, "p").co_lines()}
    assert lines - {0} == {1, 2, 4, 6}


def test_a_star_brings_numpys_names_alone() -> None:
    names = run("config = events = sync = 7\nfrom numpy import *\nfrom numpy.linalg import *")
    assert names["config"] == names["events"] == names["sync"] == 7
    assert set(numpy.__all__) | set(numpy.linalg.__all__) <= names.keys()
    assert isinstance(names["zeros"](3), subject.ndarray)
    assert isinstance(names["inv"](names["eye"](2)), subject.ndarray)


def test_missing_modules_and_names_are_missing() -> None:
    with pytest.raises(ModuleNotFoundError, match=r"numpy\.nothing"):
        run("import numpy.nothing")
    with pytest.raises(ImportError, match="nothing"):
        run("from numpy import nothing")
    with pytest.raises(AttributeError, match="module 'numpy' has no attribute 'sync'"):
        run("import numpy\nnumpy.sync")


def test_the_namespace_is_numpys() -> None:
    ours = ramba.numpy
    assert ours.__version__ == numpy.__version__
    assert ours.__all__ == list(numpy.__all__)
    assert set(dir(numpy)) <= set(dir(ours))
    for name in set(numpy.__all__) - {"__version__"}:
        assert getattr(ours, name) is getattr(subject, name), name
