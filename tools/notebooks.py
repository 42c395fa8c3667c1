"""Runs notebooks without Jupyter: ``python -m tools.notebooks FILE...`` writes their outputs anew."""

from __future__ import annotations

import ast
import contextlib
import io
import json
import sys
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent.parent / "examples" / "notebooks"


def read(path: Path) -> dict[str, Any]:
    """A notebook."""
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def outputs(notebook: dict[str, Any]) -> list[str]:
    """What each cell of code prints and shows when all of them are run in one namespace."""
    names: dict[str, Any] = {"__name__": "__main__"}
    return [_run("".join(cell["source"]), names) for cell in notebook["cells"] if cell["cell_type"] == "code"]


def stored(notebook: dict[str, Any]) -> list[str]:
    """What each cell of code showed when the notebook was written."""
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    return ["".join(line for output in cell["outputs"] for line in output["text"]) for cell in cells]


def _run(source: str, names: dict[str, Any]) -> str:
    """What a cell prints, and its last expression if that is one."""
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(compile(tree, "<cell>", "exec"), names)
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), "<cell>", "eval"), names)
            if value is not None:
                said.write(f"{value!r}\n")
    return said.getvalue()


def write(path: Path, notebook: dict[str, Any]) -> None:
    """Writes a notebook with what its cells show now."""
    shown = iter(outputs(notebook))
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            text = next(shown)
            lines = text.splitlines(keepends=True)
            cell["outputs"] = [{"name": "stdout", "output_type": "stream", "text": lines}] if text else []
    path.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    for name in sys.argv[1:] or sorted(map(str, FOLDER.glob("*.ipynb"))):
        write(Path(name), read(Path(name)))
