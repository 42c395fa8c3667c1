"""``%load_ext ramba``: from that cell on, `import numpy` means Ramba, in cells and in the user's own modules."""

from __future__ import annotations

from typing import Protocol

from ramba.command import importing
from ramba.command.importing import Finder
from ramba.command.rewriting import Rewriter

_installed: dict[int, tuple[Rewriter, Finder]] = {}  # by the shell's identity


class Shell(Protocol):
    """What is asked of IPython."""

    ast_transformers: list[Rewriter]


def load_ipython_extension(shell: Shell) -> None:
    """Rewrites the imports of all cells to come; loading it twice does no harm."""
    if id(shell) not in _installed:
        rewriter = Rewriter()
        shell.ast_transformers.append(rewriter)
        _installed[id(shell)] = rewriter, importing.install()


def unload_ipython_extension(shell: Shell) -> None:
    """Leaves later cells alone; what was imported stays as it is."""
    if id(shell) in _installed:
        rewriter, finder = _installed.pop(id(shell))
        shell.ast_transformers.remove(rewriter)
        importing.uninstall(finder)


__all__ = ["load_ipython_extension", "unload_ipython_extension"]
