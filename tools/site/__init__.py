"""What `make docs` writes before Sphinx reads the pages, and how it finds files that lie outside of their folder."""

from __future__ import annotations

import re

# files of the repository that a page of the site includes: the end of the link, and the page from the root
PAGES = {
    "CHANGELOG.md": "project/changelog",
    "CONTRIBUTING.md": "project/contributing",
    "SECURITY.md": "guide/security",
    "README.md": "index",
    "benchmarks/README.md": "project/benchmarks",
}
_LINK = re.compile(r"\]\(((?:\.\./)+)([\w./-]+)(#[\w-]+)?\)")
_FOLDER = re.compile(r"\]\(decisions\)")


def redirect_links(app: object, name: str, source: list[str]) -> None:
    """Sphinx's `source-read`: links to files outside of docs/ become links to their pages, or plain words."""
    up = name.count("/")

    def replaced(found: re.Match[str]) -> str:
        climbs, path, anchor = found[1].count("../"), found[2], found[3] or ""
        if climbs <= up:
            return found[0]  # stays in docs/
        if path in PAGES:
            return f"]({'../' * up}{PAGES[path]}.md{anchor})"
        return f"]({'../' * up}project/repository.md)"

    text = _FOLDER.sub("](decisions/index.md)", source[0])
    source[0] = _LINK.sub(replaced, text)


__all__ = ["PAGES", "redirect_links"]
