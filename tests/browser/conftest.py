"""A browser for the tests of a file; without one they are skipped, and say why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser.browsing import browser_path


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    driver = pytest.importorskip("playwright.sync_api", reason="pip install 'ramba[browser]'")
    path = browser_path()
    if path is None:
        pytest.skip("no Chromium is found: apt-get install chromium, or name one by the variable CHROMIUM")
    with driver.sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=path)
        yield found
        found.close()
