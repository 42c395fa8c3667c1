"""Writes the gallery: every program of examples/ that has a picture is run with NumPy and with Ramba, drawn, and shown.

That the results agree is tested (`tests/examples`); here they are timed. What came of a program is kept under the
digest of its text, so that a second build of the site runs only what has changed.
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
# arguments of programs that are larger here than they are by themselves, so that NumPy takes a second or more
SIZES = {
    "fdtd": 800, "fir_bank": 500_000, "image_pipeline": 2000, "ising": 400, "life": 1200, "option_pricing": 100_000,
    "ray_marcher": 800, "wave_equation": 800,
}  # fmt: skip


class Shown(NamedTuple):
    """What came of a program."""

    numpy: float  # seconds, the least of some runs in one process
    first: float  # of Ramba's first one, which may compile
    ramba: float  # the least of the others
    output: str


def programs() -> list[Path]:
    """The programs that have a picture."""
    return [path for path in sorted(EXAMPLES.glob("*.py")) if path.stem in PICTURES]


def command(path: Path) -> str:
    """What comes after `python` to run a program as it was run here."""
    return " ".join([path.name, *([str(SIZES[path.stem])] if path.stem in SIZES else [])])


def shown(path: Path) -> Shown:
    """Runs a program with both, or remembers what came of it."""
    digest = hashlib.sha256(path.read_bytes() + command(path).encode()).hexdigest()[:16]
    kept = KEPT / f"{path.stem}-{digest}.json"
    if kept.exists():
        return Shown(**json.loads(kept.read_text()))
    theirs, _ = _timed("numpy", path)
    ours, output = _timed("ramba", path)
    result = Shown(min(theirs), ours[0], min(ours[1:]), output)
    kept.write_text(json.dumps(result._asdict()))
    return result


def _timed(system: str, path: Path) -> tuple[list[float], str]:
    """Seconds of some runs in one process, and what the first printed."""
    KEPT.mkdir(parents=True, exist_ok=True)
    arguments = [str(EXAMPLES / path.name), *command(path).split()[1:]]
    child = [
        sys.executable,
        "-c",
        f"import sys; sys.path.insert(0, {str(ROOT)!r})\nfrom tools.site.once import main; main()",
    ]
    done = subprocess.run([*child, system, *arguments], cwd=KEPT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{path.name} with {system} failed:\n{done.stderr}")
    answer = json.loads(done.stdout.splitlines()[-1])
    return answer["seconds"], answer["output"]


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
    return re.split(r":| \(| by | that |, (?:around|by|from|with) ", _description(path))[0].strip().rstrip(".")


def _description(path: Path) -> str:
    return ast.get_docstring(ast.parse(path.read_text())) or path.stem


def page(path: Path, result: Shown) -> str:
    """The page of one program."""
    return f"""# {title(path)}

{_description(path)}

![{title(path)}]({path.stem}.png)

| | seconds | |
|---|---|---|
| `python {command(path)}` | {result.numpy:.2f} | NumPy, the shortest of three runs in one process |
| `python -m ramba {command(path)}` | {result.ramba:.2f} | Ramba, the shortest of the later ones: {_said(result)} |
| | {result.first:.2f} | Ramba, the first run: kernels that no run before has compiled are compiled |

It prints:

```text
{result.output.rstrip()}
```

The program, which knows nothing of Ramba:

```{{literalinclude}} ../../examples/{path.name}
:language: python
```
"""


def _said(result: Shown) -> str:
    times = result.numpy / result.ramba
    return f"{times:.1f} times as fast" if times >= 1 else f"{1 / times:.1f} times as slow"


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

{len(rows)} programs that say `import numpy` and know nothing of Ramba, with NumPy and with `python -m ramba`: the
shortest of some runs in one process while this page was built. Programs that gain nothing are shown, too: small arrays,
loops over few elements, one decomposition.

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
