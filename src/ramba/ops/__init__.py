"""What can be done to an element: operations as values, tables of NumPy's, and NumPy's casting rules."""

from ramba.ops.casting import resolve
from ramba.ops.definition import MOST_OPERANDS, Defined, Definition, check, define, definitions, digest_of
from ramba.ops.formula import formula
from ramba.ops.ir import ELEMENT, ir
from ramba.ops.op import COMPILED, Constant, Lowering, Machine, Op, Steps
from ramba.ops.registry import OPS, can_fold, compiles, identity, is_exact
from ramba.ops.special import SPECIAL
from ramba.ops.ufunc import Ufunc
from ramba.ops.ufunc_table import UFUNCS, find

__all__ = [
    "COMPILED",
    "ELEMENT",
    "MOST_OPERANDS",
    "OPS",
    "SPECIAL",
    "UFUNCS",
    "Constant",
    "Defined",
    "Definition",
    "Lowering",
    "Machine",
    "Op",
    "Steps",
    "Ufunc",
    "can_fold",
    "check",
    "compiles",
    "define",
    "definitions",
    "digest_of",
    "find",
    "formula",
    "identity",
    "ir",
    "is_exact",
    "resolve",
]
