"""What emitted code may assume of the machine that will run it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True)
class Target:
    """A processor, as far as it shows in the text of a kernel: part of the key of the compile cache."""

    triple: str
    vector_bits: int = 128  # of the widest vectors that are worth using
    libmvec: str | None = None  # the letter that names the instruction set in glibc's vector functions: "b", "d" or "e"
    fma: bool = False  # has fused multiply-add instructions
    quiet_compare: bool = False  # can order floating-point vectors without raising INVALID on a quiet nan
    attributes: tuple[tuple[str, str], ...] = ()  # of the function, for LLVM

    @classmethod
    def from_features(cls, triple: str, features: Collection[str]) -> Target:
        """The target for LLVM's names of a processor's features ("avx2", "fma", ...)."""
        if not triple.startswith(("x86_64", "amd64")):
            return cls(triple)
        if {"avx512f", "avx512vl", "avx512dq", "avx512bw", "fma"}.issubset(features):
            bits, letter = 512, "e"
        elif {"avx2", "fma"}.issubset(features):
            bits, letter = 256, "d"
        else:
            bits, letter = 128, "b"
        # without "min-legal-vector-width" LLVM may pass the widest vectors in pieces, against the vector ABI
        widths = (("prefer-vector-width", str(bits)), ("min-legal-vector-width", str(bits)))
        return cls(triple, bits, letter if "linux" in triple else None, "fma" in features, "avx" in features, widths)
