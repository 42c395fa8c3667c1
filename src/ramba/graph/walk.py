"""Walks over the graph, without recursion: it may be a million nodes deep."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import assert_never

from ramba.graph.node import Empty, Fill, Index, Library, Lost, Map, Node, Placed, Reduce, Ref, Stored, Update


def operands(node: Node) -> list[Node]:
    """The values that a node reads."""
    match node:
        case Map():
            return [arg[0] for arg in node.args if type(arg) is Ref]
        case Stored() | Fill() | Empty() | Index() | Lost():
            return []
        case Library():
            return [arg.node for arg in node.args]
        case Reduce() | Placed():
            return [node.arg.node]
        case Update():
            return [node.value.node, node.base] if isinstance(node.value, Ref) else [node.base]
    assert_never(node)


def reachable(root: Node) -> Iterator[Node]:
    """A node and all that it needs, each once."""
    seen, stack = {id(root)}, [root]
    while stack:
        node = stack.pop()
        yield node
        for operand in operands(node):
            if id(operand) not in seen:
                seen.add(id(operand))
                stack.append(operand)


def operands_first(roots: Iterable[Node]) -> Iterator[Node]:
    """All that some nodes need, these included, each once and after all that it reads."""
    begun: set[int] = set()
    done: set[int] = set()
    for root in roots:
        stack = [root]
        while stack:
            node = stack.pop()
            place = id(node)
            if place in done:
                continue
            if place not in begun:
                left = [operand for operand in operands(node) if id(operand) not in done]
                if left:
                    begun.add(place)
                    stack.append(node)
                    stack += left
                    continue
            done.add(place)
            yield node
