"""Writes the gallery: every program of examples/ is run with NumPy and with Ramba, drawn, and shown.

`python -m ramba compare` runs both, compares what they print and takes the times. What came of a program is kept under
the digest of its text, so that a second build of the site runs only what has changed.
"""

from __future__ import annotations

import ast
import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from tools.site.pictures import PICTURES

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
GALLERY = ROOT / "docs" / "gallery"
KEPT = ROOT / "docs" / "_build" / "gallery"
LEAST = 0.02  # seconds that can be compared
_TIMES = re.compile(r"after its first imports +([\d.]+) +([\d.]+)")


class Shown(NamedTuple):
    """What came of a program."""

    numpy: float  # seconds, after its first imports
    ramba: float
    output: str


def programs() -> list[Path]:
    """The programs that have a picture."""
    return [path for path in sorted(EXAMPLES.glob("*.py")) if path.stem in PICTURES]


def shown(path: Path) -> Shown:
    """Runs a program twice, or remembers what came of it."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
    kept = KEPT / f"{path.stem}-{digest}.json"
    if kept.exists():
        return Shown(**json.loads(kept.read_text()))
    said = _run("-m", "ramba", "compare", str(path))
    found = _TIMES.search(said)
    if found is None:
        raise RuntimeError(f"{path.name}: no times in what compare says:\n{said}")
    result = Shown(float(found[1]), float(found[2]), _run("-m", "ramba", str(path)))
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(json.dumps(result._asdict()))
    return result


def _run(*arguments: str) -> str:
    KEPT.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, *arguments]
    done = subprocess.run(command, cwd=KEPT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def draw(names: list[str]) -> None:
    """All pictures that are missing, in one process."""
    sources = {name: (EXAMPLES / f"{name}.py").read_bytes() for name in names}
    tools = Path(__file__).with_name("pictures.py").read_bytes()
    marks = {name: GALLERY / f".{name}-{hashlib.sha256(sources[name] + tools).hexdigest()[:16]}" for name in names}
    missing = [name for name in names if not (marks[name].exists() and (GALLERY / f"{name}.png").exists())]
    if missing:
        command = [sys.executable, "-m", "ramba", "-m", "tools.site.pictures", str(GALLERY), *missing]
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)  # what the programs print
    for name in missing:
        marks[name].touch()


def title(path: Path) -> str:
    """The first words of a program's own description."""
    return _description(path).partition(":")[0].rstrip(".")


def _description(path: Path) -> str:
    return ast.get_docstring(ast.parse(path.read_text())) or path.stem


def page(path: Path, result: Shown) -> str:
    """The page of one program."""
    return f"""# {title(path)}

{_description(path)}

![{title(path)}]({path.stem}.png)

| | seconds | |
|---|---|---|
| `python {path.name}` | {result.numpy:.2f} | with NumPy |
| `python -m ramba {path.name}` | {result.ramba:.2f} | {_said(result)} |

Seconds after the program's first imports, one run of each while this page was built; what both printed was compared:

```text
{result.output.rstrip()}
```

The program, which knows nothing of Ramba:

```{{literalinclude}} ../../examples/{path.name}
:language: python
```
"""


def _said(result: Shown) -> str:
    if min(result.numpy, result.ramba) < LEAST:
        return "with Ramba"
    times = result.numpy / result.ramba
    return f"with Ramba: {times:.1f} times as fast" if times >= 1 else f"with Ramba: {1 / times:.1f} times as slow"


def write() -> None:
    """All of it."""
    GALLERY.mkdir(exist_ok=True)
    rows = [(path, shown(path)) for path in programs()]
    draw([path.stem for path, _ in rows])
    cards = []
    for path, result in rows:
        (GALLERY / f"{path.stem}.md").write_text(page(path, result))
        cards.append(
            f":::{{grid-item-card}} {title(path)}\n:link: {path.stem}\n:link-type: doc\n:img-top: {path.stem}.png\n\n"
            f"NumPy {result.numpy:.2f} s, Ramba {result.ramba:.2f} s\n:::"
        )
    names = "\n".join(path.stem for path, _ in rows)
    (GALLERY / "index.md").write_text(f"""# Gallery

{len(rows)} programs that say `import numpy` and know nothing of Ramba, with NumPy and with `python -m ramba`: seconds
after their first imports, one run of each while this page was built. Most of them work on less than a million elements,
some on a few; a program that gains nothing is shown, too.

::::{{grid}} 1 2 3 3
:gutter: 3

{chr(10).join(cards)}
::::

```{{toctree}}
:hidden:

{names}
```
""")


__all__ = ["page", "programs", "shown", "title", "write"]
