"""Where elements live: views as maps onto a base, their composition, and what two views share."""

from ramba.layout.overlap import Box, complement, compose, covers, overlaps, repeats, split
from ramba.layout.view import View, c_strides, ghost, identity, view_of_ghost

__all__ = [
    "Box",
    "View",
    "c_strides",
    "complement",
    "compose",
    "covers",
    "ghost",
    "identity",
    "overlaps",
    "repeats",
    "split",
    "view_of_ghost",
]
