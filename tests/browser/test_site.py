"""The documentation site as people use it: search, navigation, dark mode, a phone; nothing comes from other hosts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser.browsing import DESK, PHONE, ROOT, served, window

pytestmark = [pytest.mark.own_modes, pytest.mark.browser]

BUILT = ROOT / "docs" / "_build" / "html"
SHOWN = ("index", "start/fit", "start/tutorial", "guide/seeing", "gallery/index", "gallery/life", "notebooks/looking",
         "notebooks/stencils", "notebooks/groups", "coming/dask", "reference/index", "numpy-coverage",
         "project/contributing", "performance")  # fmt: skip


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """The site's address."""
    assert (BUILT / "index.html").exists(), "make docs"
    with served(BUILT) as address:
        yield address


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_pages(browser: Any, site: str, size: tuple[int, int], scheme: str) -> None:
    """They fit, are readable, complain of nothing and load nothing from elsewhere."""
    wide = []
    for name in SHOWN:
        with window(browser, size, scheme) as seen:
            seen.page.goto(f"{site}/{name}.html")
            assert seen.page.locator("h1").first.is_visible()
            assert seen.contrast("article p") > 4.5
            assert not seen.strangers()
            assert not seen.complaints
            pictures = "() => [...document.images].filter(i => i.complete && !i.naturalWidth).map(i => i.src)"
            assert not seen.page.evaluate(pictures)
            wide += [] if seen.fits() else [name]
            kind = "phone" if size == PHONE else "desk"
            seen.photograph(f"site-{name.replace('/', '-')}-{kind}-{scheme}", whole=False)
    assert not wide


def test_every_page_loads_from_here_alone(browser: Any, site: str) -> None:
    pages = sorted(str(path.relative_to(BUILT)) for path in BUILT.rglob("*.html") if "_static" not in path.parts)
    assert len(pages) > 80
    with window(browser) as seen:
        for name in pages:
            answer = seen.page.goto(f"{site}/{name}", wait_until="load")
            assert answer.ok, name
        assert not seen.strangers()
        assert not seen.complaints


def test_search(browser: Any, site: str) -> None:
    with window(browser) as seen:
        page = seen.page
        page.goto(f"{site}/index.html")
        page.keyboard.press("Control+k")
        page.keyboard.type("stencil")
        page.keyboard.press("Enter")
        found = page.locator("ul.search li a")
        found.nth(3).wait_for()  # they come one by one
        seen.photograph("site-search", whole=False)
        found.first.click()
        page.locator("h1").first.wait_for()
        assert "search.html" not in page.url
        assert not seen.strangers()


def test_navigation(browser: Any, site: str) -> None:
    """From the first page by its header to a section, by its side to a page, by keyboard to the next."""
    with window(browser) as seen:
        page = seen.page
        page.goto(f"{site}/index.html")
        headers = page.locator("header .navbar-nav a.nav-link")
        names = [name.strip() for name in headers.all_inner_texts()]
        assert len(names) >= 5
        headers.nth(1).click()
        page.locator("h1").first.wait_for()
        section = page.url
        page.locator(".bd-sidebar-primary .bd-links a.reference.internal").first.click()
        page.wait_for_url(lambda url: url != section)
        first = page.url
        page.keyboard.press("ArrowRight")
        page.wait_for_url(lambda url: url != first)


def test_navigation_on_a_phone(browser: Any, site: str) -> None:
    with window(browser, PHONE) as seen:
        page = seen.page
        page.goto(f"{site}/index.html")
        page.locator("button.primary-toggle, label.sidebar-toggle.primary-toggle").first.click()
        entry = page.locator(".pst-primary-sidebar-modal a, #pst-primary-sidebar a, .bd-sidebar-primary a").first
        entry.wait_for()
        page.wait_for_timeout(400)
        seen.photograph("site-menu-phone", whole=False)
        before = page.url
        page.locator("a.nav-link:visible", has_text="Guide").or_(page.locator("a.nav-link:visible")).nth(1).click()
        page.wait_for_url(lambda url: url != before)


def test_dark_mode_is_remembered(browser: Any, site: str) -> None:
    with window(browser, scheme="light") as seen:
        page = seen.page
        page.goto(f"{site}/index.html")
        theme = "document.documentElement.dataset.theme"
        assert page.evaluate(theme) == "light"
        page.locator("button.theme-switch-button:visible").first.click()
        page.locator(".theme-change-button:visible", has_text="Dark").click()
        assert page.evaluate(theme) == "dark"
        assert seen.contrast("article p") > 4.5
        page.goto(f"{site}/start/tutorial.html")
        assert page.evaluate(theme) == "dark"
        seen.photograph("site-switched-dark", whole=False)
