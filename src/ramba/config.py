"""The settings: one table, read from RAMBA_* variables at first use, changed with :func:`set`.

Each field of :class:`Settings` is a row of the table: its default, what it accepts, what it is for.
"""

from __future__ import annotations

import difflib
import logging
import os
import sys
import warnings
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, NamedTuple

from ramba import machine
from ramba.errors import ConfigError, RambaWarning, UnknownSettingError

_PREFIX = "RAMBA_"
_SWITCH = {"1": True, "on": True, "true": True, "yes": True, "0": False, "off": False, "false": False, "no": False}
_UNITS = {"": 1, "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
_UNITS |= {"KIB": 2**10, "MIB": 2**20, "GIB": 2**30, "TIB": 2**40, "K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}


class Kind(NamedTuple):
    """What a setting accepts, from Python or as the text of an environment variable."""

    parse: Callable[[Any], Any]  # the value, or a ValueError
    phrase: str | Callable[[], str]  # what it accepts, for messages

    @property
    def allowed(self) -> str:
        """What it accepts, for messages."""
        return self.phrase if isinstance(self.phrase, str) else self.phrase()


def _switch(value: object) -> bool:
    if isinstance(value, bool):
        return value
    text = str(value).lower()
    if text not in _SWITCH:
        raise ValueError(text)
    return _SWITCH[text]


def _whole(low: int, high: int) -> Kind:
    def parse(value: Any) -> int:
        if isinstance(value, (bool, float)):
            raise ValueError(value)
        number = int(value)
        if not low <= number <= high:
            raise ValueError(value)
        return number

    return Kind(parse, f"a whole number from {low} to {high}")


def _choice(*names: str) -> Kind:
    def parse(value: object) -> str:
        name = str(value).lower()
        if name not in names:
            raise ValueError(value)
        return name

    return Kind(parse, "one of " + ", ".join(names))


def _bytes(value: object) -> int | None:
    if value is None or value == "none":
        return None
    text = str(value).strip().upper()
    number = text.rstrip("KMGTIB ")
    if isinstance(value, bool) or not number.isascii():
        raise ValueError(value)
    size = float(number) * _UNITS[text[len(number) :].strip()]
    if not 1 <= size < 2**63:
        raise ValueError(value)
    return int(size)


def _cache(value: object) -> str:
    text = os.fspath(value) if isinstance(value, os.PathLike) else str(value)
    if text.lower() in ("on", "off"):
        return text.lower()
    folder = Path(text).expanduser()
    if not folder.is_absolute():
        raise ValueError(value)
    return str(folder)


def _spill(value: object) -> str:
    folder = _cache(value)
    if folder == "on":
        raise ValueError(value)
    return folder


def _seconds(value: Any) -> float:
    seconds = float(value)
    if isinstance(value, bool) or not seconds >= 0:
        raise ValueError(value)
    return seconds


def _doctor(value: object) -> str:
    text = os.fspath(value) if isinstance(value, os.PathLike) else str(value)
    on = _SWITCH.get(text.lower())
    return text if on is None and text else "on" if on else "off"


def _count(value: object) -> int | None:
    return None if value is None or value == "none" else _whole(1, 65536).parse(value)


def _text(value: object) -> str | None:
    return None if value is None or str(value).lower() in ("", "none") else str(value)


_find_backends: Callable[[], tuple[str, ...]] = tuple


def find_backends(find: Callable[[], tuple[str, ...]]) -> None:
    """Tells the settings who knows the names of backends: these are found on a floor above."""
    global _find_backends
    _find_backends = find


def backends() -> tuple[str, ...]:
    """The backends that can be named."""
    return _find_backends()


def _backend(value: object) -> str:
    name = str(value).lower()
    if name != "auto" and name not in backends():
        raise ValueError(value)
    return name


SWITCH = Kind(_switch, "one of on, off (or 1, 0, true, false, yes, no)")
BYTES = Kind(_bytes, "a number of bytes, such as 4GB, 512MiB or 1000000, or none")
CACHE = Kind(_cache, "on, off or the absolute path of a directory")

BACKEND = Kind(_backend, lambda: "one of " + ", ".join(("auto", *backends())))
COUNT = Kind(_count, "a whole number from 1 to 65536, or none")
DOCTOR = Kind(_doctor, "on, off, or the path of a JSON file")
PASSWORD = Kind(_text, "a text, or none")
SPILL = Kind(_spill, "off or the absolute path of a directory")
SECONDS = Kind(_seconds, "a number of seconds")
ADDRESS = Kind(_text, "the address of a Ray cluster, or none")


def _row(kind: Kind, help: str, default: object) -> Any:
    """A field of the table; a callable default is called at first use."""
    metadata = {"kind": kind, "help": help}
    return field(default_factory=default if callable(default) else lambda: default, metadata=metadata)


def _default_threads() -> int:
    process = sys.modules.get("multiprocessing.process")
    if process is not None and process.parent_process() is not None:
        return 1  # one of several processes of a pool: together they already fill the machine
    return machine.processors()


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings at one moment."""

    num_threads: int = _row(_whole(1, 4096), "threads that run kernels", _default_threads)
    eager: bool = _row(SWITCH, "compute every operation at once", False)
    exact: bool = _row(SWITCH, "the same bits as NumPy everywhere, at NumPy's speed", False)
    eager_size: int = _row(_whole(0, 2**62), "elements up to which arrays stay in NumPy", 16384)
    memory_limit: int | None = _row(BYTES, "bytes that arrays may take; none: what is free", None)
    kernels: str = _row(_choice("auto", "compiled", "interpreted"), "how kernels are executed", "auto")
    cache: str = _row(CACHE, "where compiled kernels are kept", "on")
    on_fallback: str = _row(_choice("warn", "ignore", "raise"), "what a call that only NumPy can do causes", "warn")
    functions: str = _row(
        _choice("auto", "trace", "compile", "python"), "how functions of the user's are run on elements", "auto"
    )
    show_code: bool = _row(SWITCH, "print every kernel before it is compiled", False)
    show_plan: str = _row(
        _choice(
            "off",
            "all",
            "after-narrow",
            "after-gather",
            "after-whole",
            "after-choose",
            "after-split",
            "after-fuse",
            "after-lower",
        ),
        "print what passes of the planner leave",
        "off",
    )
    teach: bool = _row(
        SWITCH, "functions of other libraries that insist on NumPy's arrays are taught ours; read at import", True
    )
    native: bool = _row(SWITCH, "operations on few elements in C, where they were compiled; read at import", True)
    verify: bool = _row(SWITCH, "check every plan of this process before it runs", False)
    random: str = _row(
        _choice("numpy", "parallel"), "numbers of seeded generators: NumPy's, or streams that all share", "numpy"
    )
    backend: str = _row(BACKEND, "who runs the work; auto: as the program was started", "auto")
    workers: int | None = _row(COUNT, "worker processes; none: what suits the backend", None)
    spmd: bool = _row(SWITCH, "under an MPI launcher: every rank runs the script", False)
    mpi_heartbeat_timeout: float = _row(
        SECONDS, "a host of which nothing is heard for so long ends an MPI job; 0: it is waited for", 15.0
    )
    ray_address: str | None = _row(ADDRESS, "the Ray cluster to join; none: start one on this machine", None)
    ray_wait: float = _row(SECONDS, "how long a Ray cluster with too few processors is waited for", 60.0)
    ray_redis_password: str | None = _row(PASSWORD, "the password of an old Ray cluster that asks for one", None)
    resilience: str = _row(
        _choice("recompute", "none"), "what happens to arrays on workers when one of these is lost", "recompute"
    )
    resilience_seconds: float = _row(SECONDS, "what would take longer to compute again is kept by two workers", 30.0)
    resilience_memory: int | None = _row(BYTES, "bytes of what the driver sent that it keeps in memory", 10**9)
    spill: str = _row(SPILL, "a directory for what does not fit into memory", "off")
    transport_security: str = _row(_choice("curve", "none"), "how traffic between hosts is protected", "curve")
    progress: str = _row(_choice("auto", "on", "off"), "a progress bar; auto: in interactive use, after 2 s", "auto")
    timing: bool = _row(SWITCH, "count and time what is done from the beginning; read at import", False)
    doctor: str = _row(DOCTOR, "say at the end what took its time; read at import", "off")
    log: str = _row(_choice("off", "debug", "info", "warning", "error"), "what the logger 'ramba' passes on", "warning")


_KINDS: Mapping[str, Kind] = {row.name: row.metadata["kind"] for row in fields(Settings)}

_settings: Settings | None = None  # None until first use
_sources: dict[str, str] = {}  # where the values that are not defaults came from


def at_import(name: str, default: str = "on") -> bool:
    """A switch as its variable says, for what is decided while Ramba is being imported."""
    return os.environ.get(f"RAMBA_{name.upper()}", default).lower() not in ("0", "off", "false", "no")


def current() -> Settings:
    """The settings that hold now, in every thread."""
    return _settings or reload()


def reload() -> Settings:
    """Forget all changes and read the environment again."""
    global _settings
    values, sources = {}, {}
    for variable, text in os.environ.items():
        if not variable.upper().startswith(_PREFIX):
            continue
        name = variable.removeprefix(_PREFIX).lower()
        if variable == _PREFIX + name.upper() and name in _KINDS:
            values[name] = _parsed(name, text, variable, "the environment")
            sources[name] = f"environment {variable}"
        else:
            _warn_unknown(variable)
    settings = Settings(**values)
    _sources.clear()
    _sources.update(sources)
    _settings = settings
    _tell_logger(settings.log)
    _tell(_KINDS)
    return settings


_watching: list[tuple[str, Callable[[Any], None]]] = []


def watch(name: str, heard: Callable[[Any], None]) -> None:
    """Tells somebody the value of a setting whenever it was changed."""
    _watching.append((name, heard))


def _tell(names: Container[str]) -> None:
    for name, heard in _watching:
        if name in names:
            heard(getattr(current(), name))


def _tell_logger(level: str) -> None:
    """Sets what the logger `ramba` passes on; who asks for more than warnings sees it on stderr."""
    logger = logging.getLogger("ramba")
    logger.setLevel(logging.CRITICAL + 1 if level == "off" else level.upper())
    if level in ("debug", "info") and not logger.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(name)s: %(message)s"))
        logger.addHandler(handler)


class Change:
    """A change that already holds, and is taken back at the end of a ``with`` block."""

    def __init__(self, values: dict[str, Any]) -> None:
        global _settings
        before = current()
        self._before = {name: (getattr(before, name), _sources.get(name)) for name in values}
        _settings = replace(before, **values)
        if "log" in values:
            _tell_logger(_settings.log)
        _sources.update(dict.fromkeys(values, "ramba.config.set"))
        _tell(values)

    def __enter__(self) -> Settings:
        return current()

    def __exit__(self, *exception: object) -> None:
        global _settings
        # only what this block changed: another thread may have changed other settings meanwhile
        _settings = replace(current(), **{name: value for name, (value, _) in self._before.items()})
        for name, (_, source) in self._before.items():
            if source is None:
                _sources.pop(name, None)
            else:
                _sources[name] = source
        _tell(self._before)


def set(**values: object) -> Change:
    """Change settings, for good or for the length of a ``with`` block, in all threads.

    Parameters
    ----------
    **values
        New values of settings by their names, as docs/configuration.md lists them.

    Returns
    -------
    Change
        Holds already; as a ``with`` block it is taken back at the end.

    Raises
    ------
    ConfigError
        For a setting that does not exist, or a value that it cannot have. Nothing is changed then.

    Examples
    --------
    >>> import ramba
    >>> with ramba.config.set(num_threads=1, memory_limit="4GB"):
    ...     print(ramba.arange(10).sum())
    45
    """
    for name in values:
        if name not in _KINDS:
            close = difflib.get_close_matches(name, _KINDS, n=1)
            raise UnknownSettingError(name, tuple(_KINDS), close[0] if close else None)
    return Change({name: _parsed(name, value, name, "ramba.config.set") for name, value in values.items()})


class Row(NamedTuple):
    """One line of ``python -m ramba info``."""

    name: str
    value: object
    source: str  # "default", "environment RAMBA_EAGER" or "ramba.config.set"
    allowed: str
    help: str


def describe() -> list[Row]:
    """Every setting with its value, where that came from, and what is allowed."""
    settings = current()
    return [
        Row(
            row.name,
            getattr(settings, row.name),
            _sources.get(row.name, "default"),
            row.metadata["kind"].allowed,
            row.metadata["help"],
        )
        for row in fields(Settings)
    ]


def _parsed(name: str, value: object, label: str, source: str) -> Any:
    kind = _KINDS[name]
    try:
        return kind.parse(value)
    except (ValueError, TypeError, KeyError, OverflowError, RuntimeError):  # RuntimeError: "~" without a home
        raise ConfigError(label, value, kind.allowed, source) from None


def _warn_unknown(variable: str) -> None:
    known = [_PREFIX + name.upper() for name in _KINDS]
    close = difflib.get_close_matches(variable.upper(), known, n=1)
    hint = f"; did you mean {close[0]}?" if close else f" (known are {', '.join(known)})."
    warnings.warn(f"The environment variable {variable} means nothing to Ramba{hint}", RambaWarning, stacklevel=4)
