"""The pages of the documentation, their programs and their links."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
MADE = ("_build", "gallery", "generated")  # by `make docs`
_BLOCK = re.compile(r"^( *)```(\w*|\{code-cell\})\n(.*?)^\1```", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"(?<!`)\]\(([^)\s]+)\)")


class Block(NamedTuple):
    """A piece of a page that is fenced, and not marked by a comment that says why it is not run."""

    line: int
    language: str
    text: str


def pages() -> list[Path]:
    """All that people write, of the site and of the repository."""
    written = [path for path in DOCS.rglob("*.md") if not set(path.relative_to(DOCS).parts) & set(MADE)]
    return sorted([*written, *ROOT.glob("*.md"), ROOT / "benchmarks" / "README.md"])


def name(path: Path) -> str:
    """A page as tests name it."""
    return str(path.relative_to(ROOT))


def blocks(text: str) -> list[Block]:
    """The fenced pieces of a page."""
    return [
        Block(
            text[: found.start()].count("\n") + 1,
            "python" if "cell" in found[2] else found[2],
            textwrap.dedent(found[3]),
        )
        for found in _BLOCK.finditer(text)
        if not text[: found.start()].rstrip().rpartition("\n")[2].startswith("<!-- not run: ")
    ]


def links(text: str) -> list[str]:
    """Where a page leads, outside of fences; other hosts are left out."""
    plain = _BLOCK.sub("", text)
    return [found[1] for found in _LINK.finditer(plain) if not re.match(r"\w+:", found[1])]


def anchors(text: str) -> set[str]:
    """What links into a page may name: its headings, as GitHub and MyST call them."""
    plain = _BLOCK.sub("", text)
    headings = re.findall(r"(?m)^#+ +(.*)$", plain)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
