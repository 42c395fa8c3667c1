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

    patterns: tuple[tuple[re.Pattern[str], str], ...]

    @classmethod
    def read(cls, mode: str, path: Path = LIST) -> Reasons:
        """The lines of a list that hold in a mode: `pattern | reason`, or `pattern | reason | modes`."""
        found = []
        for line in path.read_text().splitlines():
            if not line.strip() or line.startswith("#"):
                continue
            pattern, reason, *modes = [word.strip() for word in line.split(" | ")]
            if mode != "numpy" and (not modes or mode in modes[0].split()):
                found.append((_compiled(pattern), reason))
        return cls(tuple(found))

    def of(self, test: str) -> str | None:
        """Why a test is on the list; None if it is not."""
        return next((reason for pattern, reason in self.patterns if pattern.fullmatch(test)), None)


def _compiled(pattern: str) -> re.Pattern[str]:
    """A file, class, or test with all that is in it; `*` stands for anything."""
    return re.compile(".*".join(map(re.escape, pattern.split("*"))) + r"(::.*|\[.*)?", re.DOTALL)
