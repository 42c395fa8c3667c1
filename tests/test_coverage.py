"""docs/numpy-coverage.md says who computes what, as the code does."""

from __future__ import annotations

from tools import coverage


def test_the_page_is_what_the_code_says() -> None:
    page = coverage.PAGE.read_text()
    assert page.partition(coverage.BEGIN)[2].partition(coverage.END)[0] == coverage.text(), "python -m tools.coverage"


def test_answers_are_those_that_are_known() -> None:
    answers = dict(coverage.rows())
    assert answers["sin"] == answers["concatenate"] == "native"
    assert answers["fromregex"] == answers["polyder"] == "by NumPy"
