"""`python -m tools.site`: writes the gallery, has Sphinx build the site, and looks at what came of it.

A warning is an error, and so is a page that loads something from another host.
"""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

from sphinx.cmd.build import main as sphinx

from tools.site import gallery

DOCS = Path(__file__).parents[2] / "docs"
OUT = DOCS / "_build" / "html"
_LOADED = re.compile(r"""<(?:script|img|iframe|source|link)\b[^>]*\b(?:src|href)=["']?(?:https?:)?//[^"' >]+""")
_IMPORTED = re.compile(r"""(?:@import|url\()\s*["']?(?:https?:)?//[^"') ]+""")


def strangers(folder: Path) -> list[str]:
    """What pages and style sheets of a folder would load from other hosts."""
    found = []
    for path in sorted(folder.rglob("*")):
        if path.suffix in (".html", ".css"):
            pattern = _LOADED if path.suffix == ".html" else _IMPORTED
            found += [f"{path.relative_to(folder)}: {hit[0]}" for hit in pattern.finditer(path.read_text())]
    return found


def main() -> int:
    """Builds; the exit code is 0 if all is well."""
    gallery.write()
    shutil.rmtree(OUT, ignore_errors=True)
    failed = sphinx(["-b", "html", "-W", "--keep-going", "-q", "-j", "auto", str(DOCS), str(OUT)])
    if failed:
        return failed
    loaded = strangers(OUT)
    print("\n".join(loaded), file=sys.stderr, end="\n" if loaded else "")
    if not loaded:
        print(f"The site: {OUT / 'index.html'}")
    return int(bool(loaded))


if __name__ == "__main__":
    sys.exit(main())
