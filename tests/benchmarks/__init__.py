"""The programs and tools of the demo and the benchmarks."""
