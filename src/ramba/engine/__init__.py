"""When work is done, and who remembers it."""

from ramba.engine.buffer import Buffer
from ramba.engine.engine import ENGINE, Engine, floating_point_state
from ramba.engine.explain import explain, lying
from ramba.engine.one_operation import FEW, MOST_ALONE, shown
from ramba.engine.period import Period
from ramba.engine.profile import Profile, Summary

__all__ = [
    "ENGINE",
    "FEW",
    "MOST_ALONE",
    "Buffer",
    "Engine",
    "Period",
    "Profile",
    "Summary",
    "explain",
    "floating_point_state",
    "lying",
    "shown",
]
