"""What can be done to an element: tables of ufuncs and folds, and NumPy's casting rules."""

from ramba.ops.casting import resolve
from ramba.ops.fold import can_fold, identity
from ramba.ops.ufunc import Ufunc
from ramba.ops.ufunc_table import COMPILED, SPECIAL, UFUNCS, compiles, find, is_exact

__all__ = ["COMPILED", "SPECIAL", "UFUNCS", "Ufunc", "can_fold", "compiles", "find", "identity", "is_exact", "resolve"]
