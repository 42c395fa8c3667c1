"""Random numbers: the names of `numpy.random`; the same numbers for the same seed, as Ramba arrays."""

from __future__ import annotations

import numpy.random as _numpy

from ramba.api.random import generators as _random
from ramba.doors import door as _door
from ramba.lazyarray import call_library as _call_library

_by_numpy = """choice dirichlet hypergeometric logseries multinomial multivariate_normal noncentral_chisquare
noncentral_f permutation random_integers""".split()

_own = {
    "Generator": _random.Generator,
    "RandomState": _random.RandomState,
    "default_rng": _random.default_rng,
    "set_state": _random.set_state,
    "shuffle": _random.shuffled(_numpy.shuffle),
    **{name: _random.legacy(name) for name in _random.streams.NAMES if hasattr(_numpy, name)},
    **{name: _random.drawn(getattr(_numpy, name)) for name in _by_numpy},
}
__all__, __getattr__, __dir__ = _door(__name__, _numpy, call=_call_library, own=_own)
