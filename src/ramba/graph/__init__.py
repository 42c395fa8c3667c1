"""What the user asked for: immutable nodes, and the numbered program that a flush makes of them."""

from ramba.graph.node import Const, Empty, Fill, Index, Library, Loan, Map, Node, Reduce, Ref, Storage, Stored, Update
from ramba.graph.outline import Outline, Recipe, outline, recipe, write_by
from ramba.graph.program import Entry, Program, Reading, number, operations
from ramba.graph.walk import operands, reachable

__all__ = [
    "Const",
    "Empty",
    "Entry",
    "Fill",
    "Index",
    "Library",
    "Loan",
    "Map",
    "Node",
    "Outline",
    "Program",
    "Reading",
    "Recipe",
    "Reduce",
    "Ref",
    "Storage",
    "Stored",
    "Update",
    "number",
    "operands",
    "operations",
    "outline",
    "reachable",
    "recipe",
    "write_by",
]
