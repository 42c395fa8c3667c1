"""LLVM IR text in, machine code out: for this processor, at a known address, freed when dropped.

The only file that imports llvmlite, and only when something has to be compiled.
"""

from __future__ import annotations

import builtins
import contextlib
import functools
import importlib
import os
import platform
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, ParamSpec, Protocol, TypeVar

from ramba import config, events, machine
from ramba.codegen import linker
from ramba.codegen.cache import DiskCache, default_directory
from ramba.codegen.emit_text import STOP
from ramba.errors import CompileError, MemoryError
from ramba.interrupts import undisturbed

P = ParamSpec("P")
R = TypeVar("R")

_LLVM = 256 << 20  # bytes of address space that LLVM's library takes, and more
ABI = 1  # raised when the arguments of a kernel change their meaning: old machine code is then never found

_AVX512 = ("avx512f", "avx512dq", "avx512bw", "avx512vl")
_IDENTITY = ("vendor_id", "cpu family", "model", "stepping", "flags", "Features", "CPU")  # lines of /proc/cpuinfo

_llvm = threading.RLock()  # LLVM's global context is not made for two threads


class Target(NamedTuple):
    """The processor that kernels are compiled for."""

    triple: str  # "x86_64-unknown-linux-gnu"
    cpu: str  # LLVM's name: "znver3"
    features: str  # "+avx2,-avx512f,..."
    vector_bits: int  # of the widest vectors worth using: 512, 256 or 128

    @property
    def enabled(self) -> frozenset[str]:
        """LLVM's names of the features that the processor has."""
        return frozenset(name[1:] for name in self.features.split(",") if name.startswith("+"))


class _Image(Protocol):
    nbytes: int

    def address(self, name: str) -> int: ...


class Code:
    """The machine code of a module. Its functions are at ``code[name]``; the memory is freed when this object is."""

    __slots__ = ("__weakref__", "_image", "address", "name", "nbytes", "polls")

    def __init__(self, name: str, image: _Image) -> None:
        self.polls = False  # whether it has loops that look whether to leave, at the word before its arguments
        self.name = name  # of the function that matters most
        self.address = image.address(name)
        self.nbytes = image.nbytes
        self._image = image

    def __getitem__(self, name: str) -> int:
        """The address of any function of the module."""
        return self._image.address(name)

    def __repr__(self) -> str:
        return f"<Code {self.name} at {self.address:#x}, {self.nbytes} bytes>"


class _LLVMImage:
    """An object file in memory, placed by LLVM's linker: for what ours does not know."""

    def __init__(self, content: bytes) -> None:
        binding = _load()
        for library in linker.LIBRARIES:
            try:
                binding.load_library_permanently(library)
            except RuntimeError:
                continue
        # the engine becomes the owner of its target machine
        self._engine = binding.create_mcjit_compiler(binding.parse_assembly(""), _new_machine())
        self._engine.add_object_file(binding.ObjectFileRef.from_data(content))
        self._engine.finalize_object()
        self.nbytes = len(content)

    def address(self, name: str) -> int:
        found: int = self._engine.get_function_address(name)
        if not found:
            raise CompileError(f"The object file does not define {name!r}.")
        return found


def is_cached(text: str) -> bool:
    """Whether :func:`build` will find this module in the disk cache."""
    cache = disk_cache()
    return cache is not None and cache.has(_key(text))


def build(text: str, name: str) -> Code:
    """The function `name` of a module in LLVM IR, from the disk cache if it was compiled before."""
    start = time.perf_counter()
    cache, key = disk_cache(), _key(text)
    content = cache.get(key) if cache is not None else None
    if content is not None:
        try:
            code = load(content, name)
        except CompileError:
            content = None  # an object that does not load is a miss, like every other damage
    cached = content is not None
    if content is None:
        content = compile_ir(text)
        code = load(content, name)
        if cache is not None:
            cache.put(key, content)
    code.polls = STOP in text
    if events.listeners:
        events.tell(events.Compiled(name, cached, time.perf_counter() - start))
    return code


def compile_ir(text: str) -> bytes:
    """The object code of a module in LLVM IR, for the processor of this machine."""
    return undisturbed(lambda: _compiled(text))


def _alone(work: Callable[P, R]) -> Callable[P, R]:
    """Has nobody else use LLVM meanwhile; its objects are gone when the lock is open again."""

    @functools.wraps(work)
    def locked(*args: P.args, **options: P.kwargs) -> R:
        with _llvm:
            return work(*args, **options)

    return locked


@_alone
def _compiled(text: str) -> bytes:
    binding, machine = _load(), _machine()
    try:
        module = binding.parse_assembly(text)
        module.triple = target().triple
        module.data_layout = str(machine.target_data)
        if config.current().verify or "define internal" in text:  # not all of it is the emitter's
            module.verify()
    except RuntimeError as problem:
        raise CompileError(f"LLVM does not accept the kernel: {problem}") from problem
    _optimise(module, binding, machine, inline="alwaysinline" in text)
    content: bytes = machine.emit_object(module)
    return content


def optimised(text: str, name: str) -> str:
    """The text of one function of a module, after everything that it calls became a part of it."""
    return undisturbed(lambda: _joined(text, name))


@_alone
def _joined(text: str, name: str) -> str:
    binding, machine = _load(), _machine()
    try:
        module = binding.parse_assembly(text)
        module.verify()
    except RuntimeError as problem:
        raise CompileError(f"LLVM does not accept a function: {problem}") from problem
    for each in (*module.functions, *module.global_variables):
        if not each.is_declaration and each.name != name:
            each.linkage = "internal"
    for _ in range(2):  # what was loops before may be simple now
        options = binding.create_pipeline_tuning_options(speed_level=2)
        options.loop_vectorization = options.slp_vectorization = False
        builder = binding.create_pass_builder(machine, options)
        builder.getModulePassManager().run(module, builder)
    return str(module.get_function(name))


def _optimise(module: Any, binding: Any, machine: Any, *, inline: bool) -> None:
    """The passes that kernels gain from: as fast as after LLVM's own -O2, for a fifth of its time."""
    # no vectorisers: the emitter writes vectors itself, and what they find besides would change how values round
    manager = binding.create_new_module_pass_manager()
    if inline:
        manager.add_always_inliner_pass()
    for name in ("sroa", "instruction_combine", "simplify_cfg", "loop_rotate", "new_gvn", "instruction_combine"):
        getattr(manager, f"add_{name}_pass")()
    manager.add_simplify_cfg_pass()
    manager.run(module, binding.create_pass_builder(machine, binding.create_pipeline_tuning_options(speed_level=2)))


def load(content: bytes, name: str) -> Code:
    """Object code, placed in memory, at the address of its function `name`."""
    try:
        return Code(name, linker.Image(content))
    except linker.Unsupported:
        return Code(name, undisturbed(lambda: _placed(content)))


@_alone
def _placed(content: bytes) -> _LLVMImage:
    return _LLVMImage(content)


@functools.cache
def target() -> Target:
    """The processor of this machine, as LLVM sees it."""
    # asking LLVM means importing it: remembered on disk, under what the kernel says about the processor
    cache, key = disk_cache(), "\n".join(("target of kernels", _versions(), *_cpuinfo()))
    content = cache.get(key) if cache is not None else None
    if content is not None:
        triple, cpu, names, width = content.decode().splitlines()
        return Target(triple, cpu, names, int(width))
    binding = undisturbed(_alone(_load))
    features = binding.get_host_cpu_features()
    bits = 512 if all(features.get(name) for name in _AVX512) else 256 if features.get("avx2") else 128
    found = Target(binding.get_process_triple(), binding.get_host_cpu_name(), features.flatten(), bits)
    if cache is not None:
        cache.put(key, "\n".join(map(str, found)).encode())
    return found


@functools.cache
def has_vector_math() -> bool:
    """Whether glibc's vector math library can be called."""
    return any(hasattr(library, "_ZGVbN2v_sin") for library in linker.libraries())


def disk_cache() -> DiskCache | None:
    """The cache of machine code that the settings name; None if it is off."""
    return _disk_cache(config.current().cache, os.geteuid())


@functools.cache
def _disk_cache(setting: str, user: int) -> DiskCache | None:
    directory = None if setting == "off" else default_directory() if setting == "on" else Path(setting)
    return DiskCache(directory) if directory else None


def _key(text: str) -> str:
    """All that object code depends on."""
    return "\n".join((_versions(), *target()[:3], text))


@functools.cache
def _load() -> Any:
    binding = imported("llvmlite.binding")
    with contextlib.suppress(RuntimeError):  # llvmlite 0.44 needs this call, later releases refuse it
        binding.initialize()
    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    return binding


def imported(name: str) -> Any:
    """A module, imported by a thread of its own: signal handlers neither leave it half imported nor find it so.

    Raises
    ------
    MemoryError
        If there is no room for it. Nothing is left of the attempt: another one may succeed.
    CompileError
        If the installation is damaged.
    """

    def work() -> Any:
        try:
            return importlib.import_module(name)
        except BaseException as problem:
            return problem

    machine.free_import_lock()
    known = set(sys.modules)
    problem = undisturbed(work)
    if not isinstance(problem, BaseException):
        return problem
    for half in [module for module in sys.modules if module not in known and module.startswith("llvmlite")]:
        del sys.modules[half]
    if isinstance(problem, ImportError):
        raise problem
    room = machine.address_space()
    if isinstance(problem, builtins.MemoryError) or (room is not None and room < _LLVM):
        raise MemoryError(f"Unable to load LLVM: {room or 0:,} bytes of address space are left") from problem
    raise CompileError(f"LLVM cannot be loaded: {problem}") from problem


@functools.cache
def _machine() -> Any:
    return _new_machine()


def _new_machine() -> Any:
    binding, (triple, cpu, features, _) = _load(), target()
    # relative addresses, so that our linker has little to do; LLVM's takes them as well
    return binding.Target.from_triple(triple).create_target_machine(
        cpu=cpu, features=features, opt=2, reloc="pic", codemodel="small" if linker.is_supported() else "jitdefault"
    )


@functools.cache
def _versions() -> str:
    """The versions that machine code depends on, without importing LLVM."""
    package = imported("llvmlite")
    # a package may be linked with another LLVM under the same version: its library then has another size
    binary = Path(package.__file__ or "", "..", "binding").resolve()
    sizes = sorted(f"{file.name} {file.stat().st_size}" for file in binary.glob("*llvmlite.*") if file.is_file())
    return f"abi {ABI} llvmlite {package.__version__} {sizes}"


def _cpuinfo() -> Iterator[str]:
    """What the kernel says about the first processor, without what changes from moment to moment."""
    yield platform.machine()
    try:
        with open("/proc/cpuinfo") as file:
            for line in file:
                if not line.strip():
                    return
                if line.startswith(_IDENTITY):
                    yield line.strip()
    except OSError:
        yield platform.processor()


if hasattr(os, "register_at_fork"):
    # a child that is born in the middle of a compilation would find LLVM, and the import of it, locked for ever
    os.register_at_fork(before=_llvm.acquire, after_in_parent=_llvm.release, after_in_child=_llvm.release)
