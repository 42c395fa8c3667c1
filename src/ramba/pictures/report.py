"""``ramba.profile("report.html")``: a profile that becomes a page when its block is over."""

from __future__ import annotations

import os
from pathlib import Path

from ramba.pictures import page
from ramba.pictures.recording import Recording


class Report(Recording):
    """A recording that is written as a page."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        super().__init__()
        self.page = Path(path)

    def __exit__(self, kind: object, *exception: object) -> None:
        super().__exit__(kind, *exception)
        self.page.write_text(page.text(self), encoding="utf-8")


__all__ = ["Report"]
