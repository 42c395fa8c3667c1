"""Memory above the limit, in files: blocks that were not used for longest.

Nothing moves that anybody could see: the pages of a block are written to a file without a name, which is then mapped
where they were. Whoever reads finds the same bytes at the same address, whoever writes gets pages of his own.

Rooms: `system` (the calls that memory is moved with), `folder` (the files), `segments` (what is in
memory, and what gives way), `reach` (what part of its operands a part of a kernel needs).
"""

from __future__ import annotations

from ramba.runtime.spilling.folder import Folder, folder
from ramba.runtime.spilling.reach import Reach, parts, reached
from ramba.runtime.spilling.segments import RELINQUISH, Spill

__all__ = ["RELINQUISH", "Folder", "Reach", "Spill", "folder", "parts", "reached"]
