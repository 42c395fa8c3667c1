"""Compiles the short ways of arrays in C; where there is no compiler, Ramba is installed without them."""

import numpy
from setuptools import Extension, setup

setup(
    ext_modules=[
        Extension(
            "ramba.lazyarray._native",
            ["src/ramba/lazyarray/_native.c"],
            include_dirs=[numpy.get_include()],
            optional=True,
        )
    ]
)
