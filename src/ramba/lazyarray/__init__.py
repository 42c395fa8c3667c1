"""The array in the user's hand."""

from ramba.lazyarray import (  # noqa: F401 - they give arrays their methods
    arrow,
    derived,
    html,
    indexing,
    info,
    methods,
    operators,
    printing,
    products,
    protocols,
)
from ramba.lazyarray.buffers import for_others
from ramba.lazyarray.calls import call, is_there
from ramba.lazyarray.convert import (
    asarray,
    dtype_for,
    is_buffer,
    made_of,
    made_or_given,
    own_copy,
    sharing,
    snapshot,
    unwrap,
    wrap,
)
from ramba.lazyarray.core import (
    Array,
    define,
    is_compiled,
    is_lazy,
    ndarray,
    own_memory,
    pin,
    view_of_alias,
    view_on,
)
from ramba.lazyarray.create import arange1d, empty, full, must_fit, where
from ramba.lazyarray.delivery import deliver
from ramba.lazyarray.dispatch import (
    BY_USERS,
    IMPLEMENTED,
    broadcast,
    call_here,
    call_keeper,
    call_library,
    call_numpy,
    implements,
    look,
    raise_like_numpy,
    view_of,
    with_options,
)
from ramba.lazyarray.flat import flatiter
from ramba.lazyarray.foreign import has_subclass, lent
from ramba.lazyarray.gathers import any_lazy, fell_back, many, name_of, on_workers, tell_gathered
from ramba.lazyarray.methods import copy_
from ramba.lazyarray.native import NATIVE, no_method, quick, watch_elements
from ramba.lazyarray.operands import at_once, classified, finished
from ramba.lazyarray.orders import axes_in_memory, axes_of_result, has_order, inverse, order_of
from ramba.lazyarray.placing import PLACING, Distribution, distribution_of, partition_of, redistribute
from ramba.lazyarray.printing import shown_value
from ramba.lazyarray.recipes import Recipe, are_simple, follow, readings, recipe_of
from ramba.lazyarray.sequences import is_of_numbers
from ramba.lazyarray.shapes import check_assignable
from ramba.lazyarray.signatures import described, described_class, described_method
from ramba.lazyarray.subclass import ArrayType
from ramba.lazyarray.ufunc import UFUNC, operation, ufunc

__all__ = [
    "BY_USERS",
    "ArrayType",
    "IMPLEMENTED",
    "NATIVE",
    "PLACING",
    "UFUNC",
    "Array",
    "Distribution",
    "Recipe",
    "any_lazy",
    "arange1d",
    "are_simple",
    "asarray",
    "at_once",
    "axes_in_memory",
    "axes_of_result",
    "broadcast",
    "call",
    "call_here",
    "call_keeper",
    "call_library",
    "call_numpy",
    "classified",
    "copy_",
    "check_assignable",
    "define",
    "deliver",
    "distribution_of",
    "described",
    "dtype_for",
    "described_class",
    "described_method",
    "empty",
    "fell_back",
    "many",
    "finished",
    "follow",
    "for_others",
    "full",
    "flatiter",
    "has_order",
    "has_subclass",
    "implements",
    "inverse",
    "is_buffer",
    "is_compiled",
    "is_lazy",
    "is_of_numbers",
    "is_there",
    "lent",
    "look",
    "made_of",
    "made_or_given",
    "must_fit",
    "name_of",
    "no_method",
    "ndarray",
    "partition_of",
    "redistribute",
    "on_workers",
    "operation",
    "order_of",
    "own_copy",
    "own_memory",
    "pin",
    "products",
    "quick",
    "raise_like_numpy",
    "readings",
    "recipe_of",
    "sharing",
    "shown_value",
    "snapshot",
    "tell_gathered",
    "watch_elements",
    "ufunc",
    "unwrap",
    "view_of",
    "view_of_alias",
    "view_on",
    "where",
    "with_options",
    "wrap",
]
