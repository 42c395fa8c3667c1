"""Functions of Python on workers."""
