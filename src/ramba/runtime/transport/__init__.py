"""How members of a group reach each other: one transport for each way of carrying bytes."""

from ramba.runtime.transport.decoder import decoder
from ramba.runtime.transport.protocol import TAG_BITS, Abandoned, Cancelled, Facts, Link, Listener, Poison, Transport
from ramba.runtime.transport.unwanted import Unwanted

__all__ = [
    "TAG_BITS",
    "Abandoned",
    "Cancelled",
    "Facts",
    "Link",
    "Listener",
    "Poison",
    "Transport",
    "Unwanted",
    "decoder",
]
