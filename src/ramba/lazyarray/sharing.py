"""Whether two arrays share elements."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ramba.layout import ghost
from ramba.lazyarray.convert import unwrap
from ramba.lazyarray.core import is_lazy, ndarray
from ramba.lazyarray.dispatch import implements


def _shares(np_func: Callable[..., bool]) -> Callable[..., Any]:
    def body(a: Any, b: Any, *args: Any, **kwargs: Any) -> bool:
        if not (is_lazy(a) and is_lazy(b)):
            # a lazy array's memory may hold other values as well, but only those of its own kind
            pinned = [x for x in (a, b) if not isinstance(x, ndarray) or not is_lazy(x)]
            if len(pinned) == 1:
                return False
            return np_func(unwrap(a), unwrap(b), *args, **kwargs)
        if a._buffer is not b._buffer:
            return False
        if a._part and b._part and a._part != b._part:
            return False
        return np_func(ghost(a._view), ghost(b._view), *args, **kwargs)

    return implements(np_func)(body)


shares_memory = _shares(np.shares_memory)
may_share_memory = _shares(np.may_share_memory)
