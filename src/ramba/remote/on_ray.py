"""Ray's own tasks and actors: its futures are what calls give, and its own functions take them."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import ray

from ramba import config, machine
from ramba.lazyarray import Array, unwrap
from ramba.remote.jit import Jitted
from ramba.remote.options import Options


class OnRay:
    """Hands calls and classes to Ray."""

    processors = machine.processors()

    def __init__(self) -> None:
        self._functions: weakref.WeakKeyDictionary[Any, dict[Any, Any]] = weakref.WeakKeyDictionary()
        self._kinds: weakref.WeakKeyDictionary[type, Any] = weakref.WeakKeyDictionary()

    def submit(
        self, function: Callable[..., Any], options: Options, args: tuple[Any, ...], named: dict[str, Any]
    ) -> Any:
        """Makes a task of Ray's."""
        if args or named:
            args, named = _travelling(args, named)
        compiled = 0
        if isinstance(function, Jitted):
            if not any(isinstance(arg, ray.ObjectRef) for arg in (*args, *named.values())):
                function.prepare(args, named)
            compiled = function.variants
        known = self._functions.setdefault(function, {})
        key = id(options), compiled
        found = known.get(key)
        if found is None:
            # Ray sends a function once: what was compiled since then needs another one
            task = ray.remote(_function(function) if isinstance(function, Jitted) else function)
            found = known[key] = (task.options(**_ray_options(options, "max_retries")), options)
        return found[0].remote(*args, **named)

    def start(self, kind: type, options: Options, args: tuple[Any, ...], named: dict[str, Any]) -> Any:
        """Makes an actor of Ray's, and gives Ray's handle."""
        if kind not in self._kinds:
            self._kinds[kind] = ray.remote(_with_plain_methods(kind))
        args, named = _travelling(args, named)
        return self._kinds[kind].options(**_ray_options(options, "max_restarts")).remote(*args, **named)

    def put(self, value: object) -> Any:
        """Puts a value into Ray's object store."""
        (value,), _ = _travelling((value,), {})
        return ray.put(value)

    def get(self, refs: Any, timeout: float | None) -> Any:
        """Ray's."""
        return ray.get(refs, timeout=timeout)

    def wait(self, refs: Sequence[Any], count: int, timeout: float | None) -> tuple[list[Any], list[Any]]:
        """Ray's."""
        done, left = ray.wait(list(refs), num_returns=count, timeout=timeout)
        return done, left


def open_on(backend: object) -> OnRay:
    """Who runs calls, on a cluster that the backend has joined."""
    return OnRay()


def _ray_options(options: Options, restarts: str) -> dict[str, Any]:
    found: dict[str, Any] = {restarts: options.max_restarts, **options.ray}
    if options.num_cpus is not None:
        found["num_cpus"] = options.num_cpus
    if options.resources:
        found["resources"] = dict(options.resources)
    return found


def _with_plain_methods(kind: type) -> type:
    """The same class, whose compiled methods are functions: Ray sees no others."""
    methods = {name: value for name in dir(kind) if isinstance(value := getattr(kind, name), Jitted)}
    if not methods:
        return kind
    made: type = type(kind)(kind.__name__, (kind,), {name: _plain(value) for name, value in methods.items()})
    made.__module__, made.__qualname__ = kind.__module__, kind.__qualname__
    return made


def _function(compiled: Jitted) -> Callable[..., Any]:
    """The same as a function: Ray takes nothing else."""

    def call(*args: object, **named: object) -> Any:
        return compiled(*args, **named)

    call.__name__ = call.__qualname__ = compiled.py_func.__name__
    return call


def _plain(method: Jitted) -> Callable[..., Any]:
    def call(self: object, *args: object, **named: object) -> Any:
        return method(self, *args, **named)

    return call


def _travelling(args: tuple[Any, ...], named: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Arguments for a process that is none of Ramba's workers. Raises TypeError for an array that lies on those."""
    if not any(isinstance(arg, Array) for arg in _all_in((*args, *named.values()))):
        return args, named
    return tuple(map(_here, args)), {name: _here(arg) for name, arg in named.items()}


def _all_in(values: Iterable[Any]) -> Iterable[Any]:
    for value in values:
        yield value
        if isinstance(value, list | tuple):
            yield from _all_in(value)


def _here(value: object) -> Any:
    if isinstance(value, list | tuple) and any(isinstance(each, Array) for each in _all_in(value)):
        return type(value)(map(_here, value))
    if not isinstance(value, Array):
        return value
    if value.size > config.current().eager_size:
        raise TypeError(
            f"An array of {value.size} elements lies on Ramba's workers, and Ray's tasks run elsewhere: hand over "
            "numpy.asarray(x), or ramba.put of that, which is a copy; or call the function where the array is."
        )
    return unwrap(value)


__all__ = ["OnRay", "open_on"]
