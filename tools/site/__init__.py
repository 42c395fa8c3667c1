"""What `make docs` writes before Sphinx reads the pages, and how it finds files that lie outside of their folder."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[2]

# files of the repository that are pages of the site, too
PAGES = {
    "CHANGELOG.md": "project/changelog",
    "CODE_OF_CONDUCT.md": "project/conduct",
    "CONTRIBUTING.md": "project/contributing",
    "SECURITY.md": "guide/security",
    "README.md": "index",
    "benchmarks/README.md": "project/benchmarks",
}
_LINK = re.compile(r"\]\((?!\w+:|#)([\w./-]+)(#[\w-]+)?\)")
_INCLUDED = re.compile(r"\A```\{include\} (?:\.\./)+(\S+)\n```\n\Z")


def redirect_links(app: object, name: str, source: list[str]) -> None:
    """Sphinx's `source-read`: links that leave docs/ lead to the pages of the site.

    A page that does nothing but include a file of the repository is that file, with its links seen from there.
    """
    up = name.count("/")
    included = _INCLUDED.match(source[0])
    if included is not None:
        text = (ROOT / included[1]).read_text()
        home = ROOT / included[1]
    else:
        text, home = source[0], ROOT / "docs" / f"{name}.md"
    source[0] = _LINK.sub(_redirected(home.parent, "../" * up), text)


def _redirected(folder: Path, climb: str) -> Callable[[re.Match[str]], str]:
    """The same link for a page that is so many folders below docs/."""

    def link(found: re.Match[str]) -> str:
        path, anchor = (folder / found[1]).resolve(), found[2] or ""
        if path == ROOT / "docs" / "decisions":
            return f"]({climb}decisions/index.md)"
        if path.is_relative_to(ROOT / "docs"):
            return f"]({climb}{path.relative_to(ROOT / 'docs')}{anchor})"
        page = PAGES.get(str(path.relative_to(ROOT)), "project/repository") if path.is_relative_to(ROOT) else ""
        return f"]({climb}{page}.md{anchor})" if page else found[0]

    return link


__all__ = ["PAGES", "redirect_links"]
