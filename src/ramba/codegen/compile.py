"""From a kernel spec to machine code."""

from __future__ import annotations

import functools
import logging
from hashlib import blake2b

from ramba import config
from ramba.codegen.emit import emit
from ramba.codegen.emit_target import Target
from ramba.codegen.native import Code, build, is_cached, target
from ramba.plan import KernelSpec, show

_log = logging.getLogger("ramba.kernel")


@functools.cache
def emit_target() -> Target:
    """This machine, as the emitter sees it."""
    machine = target()
    names = {name[1:] for name in machine.features.split(",") if name.startswith("+")}
    return Target.from_features(machine.triple, names)


def compile_kernel(spec: KernelSpec) -> Code:
    """The machine code of a kernel: from the disk cache if it was compiled before."""
    return _build(spec, emit(spec, emit_target()))


def cached_kernel(spec: KernelSpec) -> Code | None:
    """The machine code of a kernel, if an earlier program left it in the disk cache."""
    text = emit(spec, emit_target())
    return _build(spec, text) if is_cached(text) else None


def _build(spec: KernelSpec, text: str) -> Code:
    if config.current().show_code:
        print(f"{show(spec)}\n\n{text}")  # noqa: T201 - what the user asked for by RAMBA_SHOW_CODE
    _log.debug("kernel %s", blake2b(text.encode(), digest_size=8).hexdigest())
    return build(text, "kernel")
