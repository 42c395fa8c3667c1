"""When work is done, and who remembers it."""

from ramba.engine.buffer import Buffer
from ramba.engine.engine import ENGINE, Engine
from ramba.engine.explain import explain

__all__ = ["ENGINE", "Buffer", "Engine", "explain"]
