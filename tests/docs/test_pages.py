"""Every program of a page runs, in the page's order, and every link leads somewhere."""

from __future__ import annotations

import doctest
import re
import warnings
from collections.abc import Iterator
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import numpy
import pytest

from tests.docs.pages import DOCS, anchors, blocks, links, name, pages
from tests.subject import ramba
from tools import site
from tools.site import house

pytestmark = pytest.mark.own_modes


@pytest.fixture(autouse=True)
def one_process() -> Iterator[None]:
    """Every page begins as a program does, whatever the one before chose."""
    with ramba.config.set(backend="threads"):
        ramba.reset_timing()
        yield
        ramba.shutdown()


LARGE = ("100_000_000", "10_000_000")  # of the programs that show speed: here they are smaller
NEEDED = {
    "docs/notebooks/stencils.md": ("matplotlib",),
    "docs/notebooks/groups.md": ("matplotlib",),
    "docs/howto/files.md": ("h5py", "zarr"),
    "docs/howto/mpi.md": ("mpi4py",),
}
WITH_PROGRAMS = [path for path in pages() if any(block.language == "python" for block in blocks(path.read_text()))]


@pytest.mark.parametrize("path", WITH_PROGRAMS, ids=name)
def test_programs_run(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for package in NEEDED.get(name(path), ()):
        pytest.importorskip(package)
    monkeypatch.chdir(tmp_path)
    names = {"np": ramba, "ramba": ramba, "numpy": numpy, "__name__": "page"}
    for block in blocks(path.read_text()):
        if block.language == "python" and ">>> " not in block.text:
            text = block.text
            for number in LARGE:
                text = text.replace(number, "1_000_000")
            with warnings.catch_warnings(), redirect_stdout(StringIO()) as printed:
                warnings.simplefilter("ignore")
                exec(compile("\n" * block.line + text, str(path), "exec"), names)
            found = [line.rstrip() for line in printed.getvalue().splitlines()]
            for promised in re.findall(r"(?m)^ *print\(.*\)  # -> (.*)$", text):
                assert promised in found


WITH_SESSIONS = [path for path in pages() if any(">>> " in block.text for block in blocks(path.read_text()))]


@pytest.mark.parametrize("path", WITH_SESSIONS, ids=name)
def test_sessions_give_what_they_say(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for package in NEEDED.get(name(path), ()):
        pytest.importorskip(package)
    monkeypatch.chdir(tmp_path)
    found = doctest.testfile(str(path), module_relative=False)
    assert found.attempted
    assert not found.failed


@pytest.mark.parametrize("path", pages(), ids=name)
def test_links_lead_somewhere(path: Path) -> None:
    for link in links(path.read_text()):
        file, _, anchor = link.partition("#")
        target = (path.parent / file) if file else path
        if "gallery" in file and not target.exists():
            continue  # written by `make docs`, where a missing page is an error
        assert target.exists(), link
        if anchor and target.suffix == ".md":
            assert anchor in anchors(target.read_text()), link


def test_every_page_is_reached() -> None:
    """From the site's first page, by tables of contents."""
    reached: set[Path] = set()
    waiting = [DOCS / "index.md"]
    while waiting:
        page = waiting.pop()
        if page in reached or not page.exists():
            continue
        reached.add(page)
        for entry in re.findall(r"(?ms)^```\{toctree\}\n(.*?)^```", page.read_text()):
            for line in entry.splitlines():
                if line and line[0] not in ":-":
                    waiting += (
                        page.parent.glob(f"{line}.md") if "*" in line else [(page.parent / f"{line}.md").resolve()]
                    )
    found = {page.resolve() for page in reached}
    missing = [name(page) for page in pages() if page.is_relative_to(DOCS) and page.resolve() not in found]
    assert missing == ["docs/decisions/template.md"]


def redirected(page: str, text: str) -> str:
    source = [text]
    site.redirect_links(None, page, source)
    return source[0]


def test_links_out_of_the_folder_become_pages() -> None:
    text = "[a](../benchmarks/README.md) [b](../SECURITY.md#x) [c](scale.md) [d](decisions) [e](../tools/x.txt) [f](#g)"
    assert redirected("performance", text) == (
        "[a](project/benchmarks.md) [b](guide/security.md#x) [c](scale.md) [d](decisions/index.md) "
        "[e](project/repository.md) [f](#g)"
    )
    text = "[a](../../SECURITY.md) [b](../differences.md) [c](https://example.org/x.md)"
    assert redirected("howto/files", text) == (
        "[a](../guide/security.md) [b](../differences.md) [c](https://example.org/x.md)"
    )
    for page in site.PAGES.values():
        assert (DOCS / f"{page}.md").exists()


def test_included_files_are_seen_from_their_page() -> None:
    text = redirected("project/contributing", (DOCS / "project" / "contributing.md").read_text())
    assert text.startswith("# Contributing")
    assert "](../house.svg)" in text
    assert "](../project/conduct.md)" in text


def test_the_map_of_the_house_is_what_the_contract_says() -> None:
    assert house.PICTURE.read_text() == house.picture(), "python -m tools.site.house"


def test_the_reference_has_every_name_of_ours() -> None:
    text = (DOCS / "reference" / "index.md").read_text()
    listed = {line.strip() for line in text.splitlines() if line.startswith("   ") and ":" not in line}
    ours = ramba._beyond.keys() - {"config", "errors", "events"}
    assert not ours - listed
    for word in listed:
        found = ramba
        for part in word.split("."):
            found = getattr(found, part)


def test_examples_have_pictures() -> None:
    gallery = pytest.importorskip("tools.site.gallery")
    shown = {path.stem for path in gallery.programs()}
    assert len(shown) >= 16
    assert shown == set(gallery.PICTURES)


def test_strangers_are_seen(tmp_path: Path) -> None:
    main = pytest.importorskip("tools.site.__main__")
    (tmp_path / "a.html").write_text(
        '<a href="https://x.org">x</a> <script src="https://cdn.example.org/a.js"></script>'
    )
    (tmp_path / "b.css").write_text("@import 'https://fonts.example.org/a.css'; a { background: url(b.png) }")
    assert len(main.strangers(tmp_path)) == 2
