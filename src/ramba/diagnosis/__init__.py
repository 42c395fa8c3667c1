"""The doctor: where a program's seconds went, by its own lines, why, and what to write instead.

`sampling` looks at the program every few milliseconds, `listening` hears what the engine tells and notes on which line
of the program it happened, `findings` judges what was noted, `report` says it.
"""

from __future__ import annotations

from ramba.diagnosis.doctor import Doctor, attend

__all__ = ["Doctor", "attend"]
