"""What can be done to an element: operations as values, tables of NumPy's, and NumPy's casting rules."""

from ramba.ops.casting import resolve
from ramba.ops.op import COMPILED, Constant, Lowering, Machine, Op, Steps
from ramba.ops.registry import OPS, can_fold, compiles, identity, is_exact
from ramba.ops.special import SPECIAL
from ramba.ops.ufunc import Ufunc
from ramba.ops.ufunc_table import UFUNCS, find

__all__ = [
    "COMPILED",
    "OPS",
    "SPECIAL",
    "UFUNCS",
    "Constant",
    "Lowering",
    "Machine",
    "Op",
    "Steps",
    "Ufunc",
    "can_fold",
    "compiles",
    "find",
    "identity",
    "is_exact",
    "resolve",
]
