"""What lies around the code: commands, workflows, hooks and templates say what is so."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MAKEFILE = (ROOT / "Makefile").read_text()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
TARGETS = set(re.findall(r"(?m)^([a-z][a-z-]*):", MAKEFILE))


def test_every_target_is_in_the_list() -> None:
    listed = set(re.findall(r"(?m)^([a-z][a-z-]*):.*?## \S", MAKEFILE))
    assert listed == TARGETS
    phony = set((re.search(r"(?m)^\.PHONY: (.*)$", MAKEFILE) or ["", ""])[1].split())
    assert phony == TARGETS


def test_workflows_call_make() -> None:
    for path in sorted((ROOT / ".github" / "workflows").glob("*.yml")):
        called = set(re.findall(r"\bmake ([a-z-]+)", re.sub(r"(?m)^#.*$", "", path.read_text())))
        assert called
        assert called <= TARGETS, path.name


def test_workflows_run_the_pythons_that_are_promised() -> None:
    promised = {row.rpartition(" ")[2] for row in PROJECT["project"]["classifiers"] if " :: 3." in row}
    built = (ROOT / ".github" / "workflows" / "wheel.yml").read_text()
    assert set(re.findall(r'"(3\.\d+)"', built)) == promised


def test_hooks_are_the_linters_of_make_test() -> None:
    entries = re.findall(r"entry: (\.venv/bin/\S+)", (ROOT / ".pre-commit-config.yaml").read_text())
    run = {f".venv/bin/{name}" for name in re.findall(r"\$\(BIN\)/([\w-]+)", MAKEFILE)}
    assert {"ruff", "mypy", "lint-imports"} == {Path(entry).name for entry in entries}
    assert set(entries) <= run


@pytest.mark.parametrize("name", ["CITATION.cff", ".github/ISSUE_TEMPLATE/slow.yml", ".pre-commit-config.yaml"])
def test_files_are_yaml(name: str) -> None:
    yaml = pytest.importorskip("yaml")
    assert yaml.safe_load((ROOT / name).read_text())


def test_the_citation_is_of_this_project() -> None:
    text = (ROOT / "CITATION.cff").read_text()
    assert f"license: {PROJECT['project']['license']}" in text
    for author in PROJECT["project"]["authors"]:
        assert author["name"] in text


def test_logos_are_pictures_for_both_backgrounds() -> None:
    light, dark = ((ROOT / "docs" / "_static" / f"logo-{kind}.svg").read_text() for kind in ("light", "dark"))
    assert light != dark
    for text in (light, dark):
        assert text.startswith("<svg ")
        assert "http" not in text.replace("http://www.w3.org/2000/svg", "")
