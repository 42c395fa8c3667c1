"""Compiles the short ways of arrays in C; where there is no compiler, Ramba is installed without them."""

from glob import glob

import numpy
from setuptools import Extension, setup

setup(
    ext_modules=[
        Extension(
            "ramba.lazyarray._native",
            ["native/module.c"],
            include_dirs=[numpy.get_include()],
            depends=glob("native/*.h"),
            optional=True,
        )
    ]
)
