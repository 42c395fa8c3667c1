"""When a kernel has earned its compilation."""

from __future__ import annotations

import types
from typing import Any, cast

import pytest

from ramba.limits import EARNED, PER_RUN
from ramba.runtime import executor
from ramba.runtime.pool import Pool


@pytest.mark.parametrize("additions", [0, PER_RUN, EARNED // 3, EARNED])
def test_a_kernel_earns_its_compilation_by_work_and_by_runs(additions: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executor, "cached_kernel", lambda spec: None)
    workman, spec = executor.Executor(Pool()), cast(Any, "a kernel")
    launch = cast(Any, types.SimpleNamespace(additions=additions))
    runs = 1
    while not workman.has_earned(spec, launch):
        runs += 1
    assert runs == -(-EARNED // (PER_RUN + additions))
    assert not workman.has_earned(spec, launch) or runs == 1  # what was compiled is counted anew
