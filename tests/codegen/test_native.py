"""LLVM IR becomes machine code that runs, is found again on disk, and goes when it is dropped."""

from __future__ import annotations

import ctypes
import gc
import math
import subprocess
import sys
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest

from ramba import config, events
from ramba.codegen import linker, native, team_loop
from ramba.errors import CompileError

SQUARE = """
define double @square(double %x) {
  %y = fmul double %x, %x
  ret double %y
}
"""

# constants of three kinds, a table, a jump table, and functions of three libraries
EVERYTHING = """
declare double @pow(double, double)
declare void @llvm.memset.p0.i64(ptr, i8, i64, i1)
declare i32 @getpid()
@table = private constant [4 x double] [double 1.0, double 2.0, double 3.0, double 4.0]
@names = private constant [2 x ptr] [ptr @table, ptr @one]

define double @one(ptr %a, i64 %n) {
  ret double 1.0
}

define double @kernel(ptr %a, i64 %n) {
  %k = and i64 %n, 3
  %at = getelementptr double, ptr @table, i64 %k
  %x = load double, ptr %at
  %power = call double @pow(double %x, double 1.5)
  %wide = load <4 x double>, ptr %a, align 8
  %scaled = fmul <4 x double> %wide, <double 2.0, double 3.0, double 4.0, double 5.5>
  store <4 x double> %scaled, ptr %a, align 8
  switch i64 %n, label %rest [ i64 0, label %zero
    i64 1, label %first
    i64 2, label %second
    i64 3, label %third
    i64 4, label %fourth
    i64 5, label %fifth ]
zero:
  store i64 5, ptr %a
  ret double %power
first:
  %pid = call i32 @getpid()
  %p = sitofp i32 %pid to double
  ret double %p
second:
  store i32 7, ptr %a
  ret double 7.0
third:
  store i16 7, ptr %a
  ret double 8.0
fourth:
  %slot = getelementptr ptr, ptr @names, i64 1
  %f = load volatile ptr, ptr %slot
  %one = call double %f(ptr %a, i64 %n)
  ret double %one
fifth:
  store volatile ptr @one, ptr %a
  %g = load volatile ptr, ptr %a
  %two = call double %g(ptr %a, i64 %n)
  ret double %two
rest:
  %many = mul i64 %n, 8
  call void @llvm.memset.p0.i64(ptr %a, i8 0, i64 %many, i1 false)
  ret double %power
}
"""


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path) -> Iterator[None]:
    with config.set(cache=tmp_path / "cache"):
        yield


def function(code: native.Code, name: str = "kernel") -> ctypes._CFunctionType:
    return ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_void_p, ctypes.c_int64)(code[name])


def square(code: native.Code) -> float:
    return float(ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_double)(code.address)(3.0))


def test_target() -> None:
    target = native.target()
    assert target.vector_bits in (128, 256, 512)
    assert target.cpu
    assert (target.vector_bits >= 256) == ("avx2" in target.enabled)
    assert native.target() is target


@pytest.mark.parametrize("placed_by", ["us", "LLVM"])
def test_every_kind_of_reference(placed_by: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if placed_by == "LLVM":
        monkeypatch.setattr(linker, "is_supported", lambda: False)
    code = native.load(native.compile_ir(EVERYTHING), "kernel")
    kernel = function(code)
    row = (ctypes.c_double * 16)(*[1.0] * 16)
    assert kernel(row, 3) == 8.0
    assert list(row[1:5]) == [3.0, 4.0, 5.5, 1.0]
    assert kernel(row, 0) == 1.0
    assert kernel(row, 1) == ctypes.CDLL(None).getpid()
    assert kernel(row, 4) == kernel(row, 5) == 1.0
    assert kernel(row, 10) == math.pow(3.0, 1.5)
    assert list(row) == [0.0] * 10 + [1.0] * 6
    assert function(code, "one")(row, 0) == 1.0


@pytest.mark.skipif(not native.has_vector_math(), reason="needs glibc's libmvec")
@pytest.mark.skipif(not linker.is_supported(), reason="libmvec of x86-64")
def test_vector_math_is_found() -> None:
    text = """
    declare <2 x double> @_ZGVbN2v_sin(<2 x double>)
    define double @kernel(ptr %a, i64 %n) {
      %x = load <2 x double>, ptr %a
      %y = call <2 x double> @_ZGVbN2v_sin(<2 x double> %x)
      %z = extractelement <2 x double> %y, i64 1
      ret double %z
    }"""
    row = (ctypes.c_double * 3)(0.5, 0.25, 0.0)
    aligned = ctypes.addressof(row) + (-ctypes.addressof(row)) % 16
    value = ctypes.c_double.from_address(aligned + 8).value
    assert function(native.build(text, "kernel"))(aligned, 0) == pytest.approx(math.sin(value), rel=1e-15)


def test_build_finds_what_it_compiled() -> None:
    heard: list[events.Event] = []
    assert not native.is_cached(SQUARE)
    with events.subscribe(heard.append):
        assert square(native.build(SQUARE, "square")) == 9.0
        assert native.is_cached(SQUARE)
        assert square(native.build(SQUARE, "square")) == 9.0
    assert [event.cached for event in heard if isinstance(event, events.Compiled)] == [False, True]


def test_without_a_cache() -> None:
    with config.set(cache="off"):
        assert not native.is_cached(SQUARE)
        assert square(native.build(SQUARE, "square")) == 9.0
        assert not native.is_cached(SQUARE)


@pytest.mark.fault
def test_an_object_that_does_not_load_is_compiled_again() -> None:
    cache = native.disk_cache()
    assert cache is not None
    for content in (b"", b"\x7fELF", native.compile_ir(SQUARE)[:200], native.compile_ir(SQUARE.replace("@sq", "@r"))):
        cache.put(native._key(SQUARE), content)
        assert square(native.build(SQUARE, "square")) == 9.0


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("define void @square( {", "does not accept"),
        ("define void @other() {\n ret void\n}", "does not define 'square'"),
        ("declare void @nowhere()\ndefine void @square() {\n call void @nowhere()\n ret void\n}", "defines 'nowhere'"),
    ],
)
def test_what_cannot_be_compiled(text: str, reason: str) -> None:
    with pytest.raises(CompileError, match=reason):
        native.build(text, "square")


def test_code_is_freed() -> None:
    code = native.build(SQUARE, "square")
    watch = weakref.ref(code)
    assert "square" in repr(code)
    del code
    gc.collect()
    assert watch() is None


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_memory_does_not_grow_and_is_never_writable_and_executable() -> None:
    content = native.compile_ir(SQUARE)

    def mappings() -> list[str]:
        return Path("/proc/self/maps").read_text().splitlines()

    native.load(content, "square")
    before = mappings()
    kept = [native.load(content, "square") for _ in range(50)]
    assert [line for line in mappings() if "rwx" in line] == [line for line in before if "rwx" in line]
    del kept
    gc.collect()
    assert len(mappings()) <= len(before) + 5


@pytest.mark.skipif(not linker.is_supported(), reason="only where our linker works")
def test_a_second_session_does_not_import_llvm(tmp_path: Path) -> None:
    program = (
        "import sys, ctypes; from ramba.codegen import native\n"
        f"code = native.build({SQUARE!r}, 'square')\n"
        "assert ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_double)(code.address)(3.0) == 9.0\n"
        "print('llvmlite.binding' in sys.modules)"
    )
    said = [
        subprocess.run(
            [sys.executable, "-c", program],
            env={"RAMBA_CACHE": str(tmp_path / "shared")},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for _ in range(2)
    ]
    assert said == ["True", "False"]


@pytest.mark.skipif(not linker.is_supported(), reason="only where our linker works")
def test_our_linker_places_the_loop_of_the_team() -> None:
    assert linker.Image(native.compile_ir(team_loop.text())).address("worker")
