"""Walks over the graph, without recursion: it may be a million nodes deep."""

from __future__ import annotations

from collections.abc import Iterator

from ramba.graph.node import Library, Map, Node, Reduce, Ref, Update


def operands(node: Node) -> list[Node]:
    """The values that a node reads."""
    if isinstance(node, Map | Library):
        return [arg.node for arg in node.args if isinstance(arg, Ref)]
    if isinstance(node, Reduce):
        return [node.arg.node]
    if isinstance(node, Update):
        return [node.base, node.value.node] if isinstance(node.value, Ref) else [node.base]
    return []


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
