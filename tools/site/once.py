"""`python -m tools.site.once SYSTEM PROGRAM [arguments ...]`: runs a program three times in one process; says how long.

SYSTEM is `numpy` or `ramba`. The answer is one line of JSON: seconds of each run, and what the first one printed.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import sys
import time
from pathlib import Path

from ramba.command import importing

RUNS = 3


def main() -> None:
    """The child's side."""
    system, program, *arguments = sys.argv[1:]
    sys.argv = [program, *arguments]
    source = Path(program).read_bytes()
    importlib.import_module(system)  # no part of what the program takes
    code = importing.compiled(source, program) if system == "ramba" else compile(source, program, "exec")
    seconds, printed = [], io.StringIO()
    for turn in range(RUNS):
        with contextlib.redirect_stdout(io.StringIO() if turn else printed):
            begin = time.perf_counter()
            exec(code, {"__name__": "__main__", "__file__": program})
            seconds.append(time.perf_counter() - begin)
    print(json.dumps({"seconds": seconds, "output": printed.getvalue()}))


if __name__ == "__main__":
    main()
