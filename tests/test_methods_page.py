"""The committed methods reference is what the docstrings say."""

from __future__ import annotations

from tests.methods_page import MAPS, PAGE, page, plots

HINT = "run `python -m tests.methods_page`"


def test_the_methods_page_says_what_the_docstrings_say() -> None:
    assert PAGE.read_text() == page(), HINT


def test_each_method_has_the_plot_of_its_map() -> None:
    committed = {path.name: path.read_text() for path in MAPS.iterdir()}
    assert committed == plots(), HINT
