"""Machine code of fused loops: emitted as LLVM IR, compiled, cached, or interpreted."""
