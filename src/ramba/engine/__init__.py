"""When work is done, and who remembers it."""

from ramba.engine.buffer import Buffer
from ramba.engine.engine import ENGINE, Engine
from ramba.engine.explain import explain, lying
from ramba.engine.one_operation import FEW, shown
from ramba.engine.profile import Profile, Summary

__all__ = ["ENGINE", "FEW", "Buffer", "Engine", "Profile", "Summary", "explain", "lying", "shown"]
