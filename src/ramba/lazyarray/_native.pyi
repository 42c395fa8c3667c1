from collections.abc import Callable
from typing import Any

class Array: ...

class Function:
    def __init__(self, numpy: Callable[..., Any], general: Callable[..., Any], most: int, nin: int) -> None: ...
    def __call__(self, *args: Any, **kwargs: Any) -> Any: ...

def bind(name: str, forward: Any, reflected: Any, in_place: Any, most: int) -> None: ...
def attribute(name: str, getter: Callable[[Any], Any], setter: Callable[[Any, Any], None] | None) -> None: ...
def begin(
    ndarray: type,
    stored: type,
    block: type,
    config: dict[str, Any],
    sizes: Callable[[], tuple[int, int]],
    finished: Callable[[Any], Any],
    view_of_memory: Callable[..., Any],
    ours: Callable[..., Any],
    array_ufunc: Callable[..., Any],
) -> None: ...
