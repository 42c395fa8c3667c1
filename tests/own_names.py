"""Checks of what NumPy has no words for, as a program: on whichever backend this process finds."""

from __future__ import annotations

import ramba
from tests.functions import checks
from tests.remote.checks import CHECKS

if __name__ == "__main__":
    for name, check in (checks.CHECKS | CHECKS).items():
        with ramba.config.set(eager_size=checks.EAGER if name in checks.CHECKS else ramba.config.current().eager_size):
            check()
        print(name, "passed", flush=True)
    print("all passed", flush=True)
