"""``%load_ext ramba``: from that cell on, `import numpy` means Ramba, in cells and in the user's own modules.

It also brings ``%%ramba_profile``, at the top of a cell: the cell is run, and below it stands the page of its profile.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from ramba.command import importing
from ramba.command.importing import Finder
from ramba.command.rewriting import Rewriter
from ramba.pictures import ProfilePage

_installed: dict[int, tuple[Rewriter, Finder]] = {}  # by the shell's identity


class Shell(Protocol):
    """What is asked of IPython."""

    ast_transformers: list[Rewriter]

    def register_magic_function(self, func: Callable[..., object], magic_kind: str, magic_name: str) -> None:
        """Makes a function a command of cells."""

    def run_cell(self, raw_cell: str) -> object:
        """Runs a cell; what it raises is shown, not raised."""


def load_ipython_extension(shell: Shell) -> None:
    """Rewrites the imports of all cells to come; loading it twice does no harm."""
    if id(shell) not in _installed:
        rewriter = Rewriter()
        shell.ast_transformers.append(rewriter)
        _installed[id(shell)] = rewriter, importing.install()
        shell.register_magic_function(profiled(shell), "cell", "ramba_profile")


def unload_ipython_extension(shell: Shell) -> None:
    """Leaves later cells alone; what was imported stays as it is."""
    if id(shell) in _installed:
        rewriter, finder = _installed.pop(id(shell))
        shell.ast_transformers.remove(rewriter)
        importing.uninstall(finder)


def profiled(shell: Shell) -> Callable[[str, str], ProfilePage]:
    """The command that runs a cell and gives its profile."""

    def ramba_profile(line: str, cell: str) -> ProfilePage:
        """Run the cell, and show what was done when, by whom, and how fast: `%%ramba_profile [report.html]`."""
        report = ProfilePage(line.strip() or None)
        with report:
            shell.run_cell(cell)
        return report

    return ramba_profile


__all__ = ["load_ipython_extension", "profiled", "unload_ipython_extension"]
