"""Who asks for a whole array that lies on workers, in order to let NumPy compute on it, is told so once per line."""

from __future__ import annotations

from collections.abc import Iterable

from ramba import config, events
from ramba.engine import ENGINE
from ramba.errors import FallbackWarning, warn
from ramba.lazyarray.core import Array, is_lazy
from ramba.lazyarray.sequences import is_of_numbers


def any_lazy(items: Iterable[object], above: int = -1) -> bool:
    """Whether an argument, or an item of a list or tuple among them, is a lazy array of more than so many elements."""
    for item in items:
        if isinstance(item, Array):
            if is_lazy(item) and item.size > above:
                return True
        elif isinstance(item, list | tuple) and not is_of_numbers(item) and any_lazy(item, above):
            return True
    return False


def many(items: Iterable[object]) -> bool:
    """Whether a lazy array among the arguments is large: a sum that nobody has looked at yet is no burden."""
    return any_lazy(items, max(config.current().eager_size, 1))


def on_workers(*items: object) -> bool:
    """Whether some of the arrays are large ones, whose blocks lie on workers."""
    return any_lazy(items) and ENGINE.distributed


def _bytes(items: Iterable[object]) -> int:
    """How much large arrays among the arguments hold."""
    total = 0
    for item in items:
        if isinstance(item, list | tuple):
            total += 0 if is_of_numbers(item) else _bytes(item)
        elif many((item,)):
            total += item.nbytes  # type: ignore[attr-defined]
    return total


def name_of(function: object) -> str:
    """What a function of NumPy's is called in a warning."""
    function = getattr(function, "func", function)  # of a partial one
    name = getattr(function, "__qualname__", str(function))
    module = getattr(function, "__module__", None) or "numpy"
    return f"{module}.{name}"


def tell_gathered(name: str, *items: object) -> None:
    """Warns, or raises, if arrays on workers are about to be gathered for a call."""
    if config.current().on_fallback == "ignore" and not events.listeners:
        return
    if many(items) and ENGINE.distributed:
        text = "is not distributed yet: the whole array is gathered, and NumPy computes it alone."
        fell_back(name, "gathers", text, items)


def fell_back(name: str, reason: str, text: str, items: Iterable[object]) -> None:
    """Tells who listens, and does what the setting ``on_fallback`` says."""
    setting = config.current().on_fallback
    if events.listeners:
        events.tell(events.FellBack(name, reason, _bytes(items)))
    if setting == "raise":
        raise FallbackWarning(f"{name} {text}")
    if setting == "warn":
        warn(f"{name} {text}", FallbackWarning)


__all__ = ["any_lazy", "fell_back", "many", "name_of", "on_workers", "tell_gathered"]
