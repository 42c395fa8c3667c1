"""Which kernels a call runs, and how often."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable
from typing import Any

from ramba import events
from tests.subject import ramba


def counted(call: Callable[[], Any]) -> tuple[Any, Counter[str]]:
    """What a call gives, computed, and how often which kernel was called, or a fused one ran."""
    ramba.sync()
    gc.collect()
    found: list[Any] = []
    with events.subscribe(found.append, workers=True):
        result = call()
        ramba.sync()
    names: Counter[str] = Counter()
    for event in found:
        if isinstance(event, events.OnWorker):
            if event.rank:
                continue
            event = event.event
        if isinstance(event, events.Called | events.Ran):
            names[event.function if isinstance(event, events.Called) else "kernel"] += 1
    return result, names
