"""Functions and classes that run elsewhere: on threads, on workers, on Ray.

==============  =========================================================================================
``futures``     what a call gives at once
``options``     what a function or class needs, and how often it is begun anew
``functions``   ``@remote`` on functions
``actors``      ``@remote`` on classes: ``handles`` of objects that live elsewhere
``jit``         ``@jit``: functions that Numba compiles, once for all; ``methods`` turns methods into functions
``lookups``     ``get``, ``put``, ``wait``, ``map``
``runner``      who runs what is called: by the backend
``pool``        threads of this process
``on_workers``  worker processes and MPI ranks, by ``letters`` to ``at_worker``; ``scheduler`` knows who is free
``on_ray``      Ray's own tasks and actors
==============  =========================================================================================
"""

from ramba.remote.actors import ActorClass
from ramba.remote.decorators import remote
from ramba.remote.functions import RemoteFunction
from ramba.remote.futures import Ref
from ramba.remote.handles import ActorHandle
from ramba.remote.jit import jit
from ramba.remote.lookups import get, map, put, wait

__all__ = ["ActorClass", "ActorHandle", "Ref", "RemoteFunction", "get", "jit", "map", "put", "remote", "wait"]
