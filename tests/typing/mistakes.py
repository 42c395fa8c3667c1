"""What a type checker has to find: every line with a comment, and no other."""

from __future__ import annotations

import ramba as np
from ramba import linalg
from ramba.lazyarray import asarray

a = np.arange(10)
a.no_such_method()  # "ndarray[tuple[Any, ...], dtype[Any]]" has no attribute "no_such_method"
np.no_such_function(a)  # Module has no attribute "no_such_function"
np.linalg.no_such_function(a)  # Module has no attribute "no_such_function"
np.arange(10, none=1)  # Unexpected keyword argument "none" for "arange"
np.reshape(a, {"rows": 2})  # incompatible type "dict[str, int]"
a.reshape("2, 5")  # incompatible type "str"
a.sum(axis="rows")  # Argument "axis" to "sum" of "ndarray" has incompatible type "str"
np.zeros(3.5)  # incompatible type "float"
a.astype(np.float64, casting="sometimes")  # incompatible type "Literal['sometimes']"
linalg.inv(a, 3)  # Too many arguments for "inv"
np.random.default_rng(1).normal(size="three")  # Argument "size" to "normal" of "Generator" has incompatible type "str"
length: str = a.size  # Incompatible types in assignment
np.sin()  # Too few arguments
np.sin(a, outt=a)  # Unexpected keyword argument "outt"
a[1.5]  # No overload variant
np.sync(a)  # Too many arguments for "sync"
np.init(workers="three")  # incompatible type "str"

inside = asarray([1.0, 2.0])
inside.no_such_method()  # "ndarray" has no attribute "no_such_method"
inside.sum(axis="rows")  # Argument "axis" to "sum" of "Bound" has incompatible type "str"
(inside + 1).no_such_method()  # "ndarray" has no attribute "no_such_method"
