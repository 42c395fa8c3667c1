"""``ramba.profile("report.html")``: a profile that becomes a page when its block is over."""

from __future__ import annotations

import os
from html import escape
from pathlib import Path

from ramba.pictures import page
from ramba.pictures.recording import Recording

HEIGHT = 640  # pixels, in a notebook


class ProfilePage(Recording):
    """A recording that is written as a page, if there is a path, and that notebooks show."""

    def __init__(self, path: str | os.PathLike[str] | None = None) -> None:
        super().__init__()
        self.page = None if path is None else Path(path)

    def __exit__(self, kind: object, *exception: object) -> None:
        super().__exit__(kind, *exception)
        if self.page is not None:
            self.page.write_text(page.text(self), encoding="utf-8")

    def __repr__(self) -> str:
        return repr(self.summary())

    def _repr_html_(self) -> str:
        """The page in a frame: its style and its script stay its own."""
        style = f"width:100%;height:{HEIGHT}px;border:0"
        return f'<iframe title="Profile" style="{style}" srcdoc="{escape(page.text(self))}"></iframe>'


__all__ = ["ProfilePage"]
