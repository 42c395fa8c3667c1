"""Ranks NumPy's functions by how often programs call them, into tools/names_by_use.txt.

``python -m tools.ranking FOLDER ...`` counts calls by name (``np.sum(...)``, ``numpy.linalg.norm(...)``) in the Python
files below the folders: our examples, and libraries as they are installed, with their tests.
"""

from __future__ import annotations

import argparse
import ast
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tools.coverage import rows

LIST = Path(__file__).with_name("names_by_use.txt")
MODULES = ("np", "numpy")


def calls(path: Path) -> Iterator[str]:
    """The functions of NumPy's that a file calls, as often as it does: `sum`, `linalg.norm`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            tree = ast.parse(path.read_bytes())
        except (SyntaxError, ValueError):
            return
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func) if isinstance(node.func, ast.Attribute) else ""
            module, _, function = name.partition(".")
            if module in MODULES:
                yield function


def ranked(folders: list[Path]) -> Counter[str]:
    """How often each function is called, of those that docs/numpy-coverage.md lists."""
    known = {name for name, _ in rows()}
    found: Counter[str] = Counter()
    for folder in folders:
        for path in sorted(folder.rglob("*.py")):
            found.update(name for name in calls(path) if name in known)
    return found


def version(folder: Path) -> str:
    """What a folder holds: a library and its version, if it is one that was installed."""
    found = next(folder.parent.glob(f"{folder.name}-*.dist-info"), None)
    return folder.name if found is None else found.name.removesuffix(".dist-info").replace("-", " ")


def names() -> list[str]:
    """The functions, the most called first, as the list has them."""
    lines = LIST.read_text().splitlines()
    return [line.split()[0] for line in lines if line and not line.startswith("#")]


def main() -> None:
    """Writes the list."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    folders = parser.parse_args().folders
    counted = sorted({version(folder) for folder in folders})
    head = f"# calls of NumPy's functions in {', '.join(counted)}; written by `python -m tools.ranking`\n"
    order = sorted(ranked(folders).items(), key=lambda item: (-item[1], item[0]))
    LIST.write_text(head + "".join(f"{name} {count}\n" for name, count in order))


if __name__ == "__main__":
    main()
