"""`python -m tests.browser`: which browser the tests would use, or what to install."""

from __future__ import annotations

import sys

from tests.browser.browsing import browser_path

ADVICE = """No browser is found.
  Debian: apt-get install chromium
  another one that Chromium is in: make test-browser CHROMIUM=/path/to/chrome"""

if __name__ == "__main__":
    path = browser_path()
    if path is None:
        sys.exit(ADVICE)
    print(path)
