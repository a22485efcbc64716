"""The committed reference pages are what the code says."""

from __future__ import annotations

import re

import pytest

from normflow.cli.pages import ids
from tests.reference_names import HOSTS
from tests.reference_pages import PAGES, REFERENCE, keys_page
from tests.reference_source import ROOT


@pytest.mark.parametrize("name", PAGES)
def test_a_page_says_what_the_code_says(name: str) -> None:
    assert (REFERENCE / name).read_text() == PAGES[name](), "run `python -m tests.reference_pages`"


def test_each_error_has_a_section_and_each_section_is_an_error() -> None:
    sections = re.findall(r"^## (\S+)$", (REFERENCE / "errors.md").read_text(), re.MULTILINE)
    assert sections == ids()


def test_each_adapter_is_on_the_page_of_names() -> None:
    """All but what the adapters share, and what Airflow itself asks for."""
    modules = {one.stem for one in (ROOT / "normflow" / "integrations").glob("*.py")}
    named = {one.rpartition(".")[2] for one in HOSTS}
    assert modules - named == {"__init__", "answers", "airflow_provider", "judging", "openlineage_facets"}, (
        "name it in tests/reference_names.py"
    )


def test_sections_inside_sections_are_told() -> None:
    """The walk through the schema reaches keys three levels down."""
    assert {"`contract.<column>`", "`fit.by`", "`table.unique`", "`checks.<column>.drift`"} <= set(
        re.findall(r"^## (.*)$", keys_page(), re.MULTILINE)
    )
