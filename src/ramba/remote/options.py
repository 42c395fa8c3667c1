"""What a remote function or class needs, and how often it is begun anew."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any


@dataclasses.dataclass(frozen=True)
class Options:
    """Those of one function or class; checked."""

    num_cpus: float | None = None  # processors of one call or of an actor; None: one for a call, none for an actor
    max_restarts: int = 0  # of a call or an actor whose worker was lost
    resources: Mapping[str, float] = dataclasses.field(default_factory=dict)  # of Ray's nodes
    ray: Mapping[str, Any] = dataclasses.field(default_factory=dict)  # what else `ray.remote` takes

    def __post_init__(self) -> None:
        if self.num_cpus is not None and not (isinstance(self.num_cpus, int | float) and self.num_cpus >= 0):
            raise ValueError(f"num_cpus={self.num_cpus!r} must be a number that is not negative.")
        if not isinstance(self.max_restarts, int) or self.max_restarts < -1:
            raise ValueError(f"max_restarts={self.max_restarts!r} must be a number of times, or -1 for always.")
        for name in ("resources", "ray"):
            if not isinstance(getattr(self, name), Mapping):
                raise TypeError(f"{name}={getattr(self, name)!r} must be a dict.")

    def changed(self, changes: Mapping[str, Any]) -> Options:
        """The same with other values. Raises TypeError for a name that is not an option."""
        strange = set(changes) - {field.name for field in dataclasses.fields(self)}
        if strange:
            raise TypeError(f"{', '.join(sorted(strange))} is no option: there are {', '.join(NAMES)}.")
        return dataclasses.replace(self, **changes)

    def check_here(self, processors: float) -> None:
        """Raises ValueError for what nobody but Ray has: it would be waited for without end."""
        if self.resources:
            raise ValueError(f"Only Ray's nodes have resources such as {', '.join(self.resources)}.")
        if (self.num_cpus or 0) > processors:
            raise ValueError(f"num_cpus={self.num_cpus:g} of {processors:g} processors.")

    def again(self, restarts: int) -> bool:
        """Whether something that was begun anew so often may be so once more."""
        return self.max_restarts < 0 or restarts < self.max_restarts


NAMES = tuple(field.name for field in dataclasses.fields(Options))

__all__ = ["NAMES", "Options"]
