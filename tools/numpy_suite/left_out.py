"""The lists of tests that are not run, and of those that take long: each line with its reason."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

LIST = Path(__file__).with_name("left_out.txt")
SLOW = Path(__file__).with_name("slow.txt")


@dataclass(frozen=True)
class Reasons:
    """Patterns of tests, and why these are left out, or slow."""

    patterns: tuple[tuple[re.Pattern[str], str, float], ...]  # and the seconds up to which they hold

    @classmethod
    def read(cls, mode: str, path: Path = LIST) -> Reasons:
        """The lines of a list that hold in a mode: `pattern | reason`, `... | modes`, `... | modes | most seconds`."""
        found = []
        for line in path.read_text().splitlines():
            if not line.strip() or line.startswith("#"):
                continue
            pattern, reason, modes, most = [*[word.strip() for word in line.split(" | ")], "", ""][:4]
            if mode != "numpy" and (not modes or mode in modes.split()):
                found.append((_compiled(pattern), reason, float(most or "inf")))
        return cls(tuple(found))

    def of(self, test: str, seconds: float = 0.0) -> str | None:
        """Why a test is on the list, that takes so long; None if it is not."""
        found = (reason for pattern, reason, most in self.patterns if seconds <= most and pattern.fullmatch(test))
        return next(found, None)


def _compiled(pattern: str) -> re.Pattern[str]:
    """A file, class, or test with all that is in it; `*` stands for anything."""
    return re.compile(".*".join(map(re.escape, pattern.split("*"))) + r"(::.*|\[.*)?", re.DOTALL)
