"""Arrays in files: which formats there are, and how each worker reads and writes its part on all its threads.

::

    registry     which formats there are           formats/    one file for each
    source       what is known before it is read   indexing    which elements an index asks for
    plain        bytes as they are in memory       chunked     chunks, decoded by `codecs`
    shards       many chunks in one file           archives    NumPy's, if they are not compressed
    storage      local files and URLs              replacing   files appear as a whole or not at all

Nothing here knows of lazy arrays, plans or workers: memory comes from outside, and so do threads.
"""

from ramba.files.adding import added
from ramba.files.format import Format, Written
from ramba.files.indexing import basic
from ramba.files.reading import read, write
from ramba.files.registry import format_of, formats, known, options_of, unknown
from ramba.files.replacing import replaceable, replacing
from ramba.files.source import Selection, Source, everything, native
from ramba.files.storage import Path, is_remote, where

__all__ = [
    "Format",
    "Path",
    "Selection",
    "Source",
    "Written",
    "added",
    "basic",
    "everything",
    "format_of",
    "formats",
    "is_remote",
    "known",
    "native",
    "options_of",
    "read",
    "replaceable",
    "replacing",
    "unknown",
    "where",
    "write",
]
