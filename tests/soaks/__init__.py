"""Long runs that found faults which nothing shorter shows; each is a program, ``python -m tests.soaks.NAME``."""
