"""What stencils get in place of an array, for Numba: numbers at known offsets, of which an index chooses one.

Imported when the first stencil is compiled.
"""

from __future__ import annotations

import operator
from typing import Any

from llvmlite import ir
from numba.core import cgutils, types
from numba.core.cpu import CPUContext
from numba.core.datamodel import DataModelManager
from numba.core.typing import Signature, signature
from numba.core.typing.templates import AbstractTemplate, infer_global
from numba.extending import lower_builtin, models, register_model


class Window(types.Type):
    """The neighbours of an element at certain offsets."""

    def __init__(self, dtype: types.Number, offsets: tuple[tuple[int, ...], ...]) -> None:
        self.dtype, self.offsets = dtype, offsets
        super().__init__(f"ramba.Window({dtype}, {offsets})")


@register_model(Window)
class _Model(models.StructModel):
    def __init__(self, manager: DataModelManager, kind: Window) -> None:
        super().__init__(manager, kind, [(f"e{n}", kind.dtype) for n in range(len(kind.offsets))])


@infer_global(operator.getitem)
class _Typed(AbstractTemplate):
    def generic(self, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        kind, index = args
        if not isinstance(kind, Window):
            return None
        inside: Any = index
        parts = tuple(inside) if isinstance(index, types.BaseTuple) else (index,)
        if len(parts) != len(kind.offsets[0]) or not all(isinstance(part, types.Integer) for part in parts):
            return None
        plain = types.UniTuple(types.intp, len(parts)) if isinstance(index, types.BaseTuple) else types.intp
        return signature(kind.dtype, kind, plain)


def _lowered(context: CPUContext, builder: ir.IRBuilder, sig: Signature, args: tuple[Any, ...]) -> Any:
    """Compares the index with each offset; where it is a constant, nothing is left of that."""
    kind, index = sig.args
    fields = cgutils.create_struct_proxy(kind)(context, builder, value=args[0])
    parts = cgutils.unpack_tuple(builder, args[1]) if isinstance(index, types.BaseTuple) else [args[1]]
    found, inside = fields.e0, cgutils.false_bit
    for n, offset in enumerate(kind.offsets):
        here = cgutils.true_bit
        for part, number in zip(parts, offset, strict=True):
            here = builder.and_(here, builder.icmp_signed("==", part, part.type(number)))
        found = builder.select(here, getattr(fields, f"e{n}"), found)
        inside = builder.or_(inside, here)
    with builder.if_then(builder.not_(inside), likely=False):
        context.call_conv.return_user_exc(builder, IndexError, ("outside of the neighborhood",))
    return found


lower_builtin(operator.getitem, Window, types.Any)(_lowered)
