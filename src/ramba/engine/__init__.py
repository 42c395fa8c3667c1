"""When work is done, and who remembers it."""

from ramba.engine.buffer import Buffer
from ramba.engine.choice import few, most_for, sizes
from ramba.engine.engine import ENGINE, Engine, floating_point_state
from ramba.engine.explain import explain, lying
from ramba.engine.one_operation import is_few_picked, shown
from ramba.engine.period import Period
from ramba.engine.profile import Profile, Summary, ask_workers

__all__ = [
    "ENGINE",
    "Buffer",
    "Engine",
    "Period",
    "Profile",
    "Summary",
    "ask_workers",
    "explain",
    "few",
    "floating_point_state",
    "is_few_picked",
    "lying",
    "most_for",
    "shown",
    "sizes",
]
