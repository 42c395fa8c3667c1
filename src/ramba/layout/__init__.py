"""Where elements live: views as maps onto a base, their composition, what two views share, and partitions."""

from ramba.layout.overlap import Box, complement, compose, covers, meet, overlaps, repeats, split
from ramba.layout.partition import Cutting, Partition, bound, cut_at, part_of, partition, places, replicated
from ramba.layout.view import View, c_strides, ghost, identity, is_c_contiguous, is_f_contiguous, view_of_ghost

__all__ = [
    "Box",
    "Cutting",
    "Partition",
    "View",
    "bound",
    "c_strides",
    "complement",
    "compose",
    "covers",
    "cut_at",
    "ghost",
    "identity",
    "is_c_contiguous",
    "is_f_contiguous",
    "meet",
    "overlaps",
    "part_of",
    "partition",
    "places",
    "repeats",
    "replicated",
    "split",
    "view_of_ghost",
]
