"""`%load_ext ramba` rewrites the imports of cells, as IPython runs them."""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy
import pytest

import ramba
from tests.command.programs import write


class Shell(SimpleNamespace):
    """What an extension sees of IPython: cells pass through its transformers as trees."""

    def run(self, cell: str) -> None:
        tree = ast.parse(cell)
        for transformer in self.ast_transformers:
            tree = transformer.visit(tree)
            ast.fix_missing_locations(tree)
        exec(compile(tree, "<ipython-input-1>", "exec"), self.user_ns)

    run_cell = run

    def register_magic_function(self, function: Any, kind: str, name: str) -> None:
        assert kind == "cell"
        self.magics[name] = function


@pytest.fixture
def shell() -> Any:
    return Shell(ast_transformers=[], user_ns={}, magics={})


def test_cells_and_own_modules(shell: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "helper_of_a_notebook.py", "import numpy\nzeros = numpy.zeros(3)\n")
    monkeypatch.syspath_prepend(tmp_path)
    finders = list(sys.meta_path)
    names = shell.user_ns
    shell.run("import numpy as np; before = np")
    for _ in range(2):
        ramba.load_ipython_extension(shell)
    shell.run("import numpy as np, helper_of_a_notebook as helper\nfrom numpy import ones")
    assert names["before"] is numpy
    assert isinstance(names["np"].zeros(3), ramba.ndarray)
    assert isinstance(names["ones"](3), ramba.ndarray)
    assert isinstance(names["helper"].zeros, ramba.ndarray)
    for _ in range(2):
        ramba.unload_ipython_extension(shell)
    shell.run("import numpy as np")
    assert names["np"] is numpy
    assert (shell.ast_transformers, sys.meta_path) == ([], finders)


def test_a_profiled_cell(shell: Any, tmp_path: Path) -> None:
    ramba.load_ipython_extension(shell)
    path = tmp_path / "report.html"
    try:
        report = shell.magics["ramba_profile"](f" {path}", "import numpy as np\ns = float(np.ones(300_000).sum())")
    finally:
        ramba.unload_ipython_extension(shell)
    assert shell.user_ns["s"] == 300_000
    text = report._repr_html_()
    assert text.startswith("<iframe ")
    assert text.count('"') == 6  # what stands in the frame is escaped
    assert "fold add" in repr(report)
    assert "fold add" in path.read_text()


def test_with_ipython_itself() -> None:
    shell = pytest.importorskip("IPython.core.interactiveshell").InteractiveShell()
    shell.run_line_magic("load_ext", "ramba")
    try:
        shell.run_cell("import numpy as np\na = np.zeros(3)")
        assert isinstance(shell.user_ns["a"], ramba.ndarray)
        found = shell.run_cell_magic("ramba_profile", "", "b = float(np.ones(300_000).sum())")
        assert shell.user_ns["b"] == 300_000
        assert "fold add" in found._repr_html_()
    finally:
        shell.run_line_magic("unload_ext", "ramba")
