"""Written values read back as themselves: by this project's reader, and text also by YAML 1.1."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from normflow.config import parse
from normflow.config.document import read
from normflow.config.written import entry, mapping, scalar
from tests.names import HOSTILE

SCALARS = st.none() | st.booleans() | st.integers(-(2**63), 2**64) | st.floats(allow_nan=False) | st.text()


def plain(text: str) -> Any:
    document = read(text)
    assert not document.findings, document.findings
    assert document.root is not None
    return document.root.plain()


@given(SCALARS)
def test_a_scalar_reads_back_as_the_same_value(value: Any) -> None:
    """Of the same type, in the place of a value and in a list."""
    assert repr(plain(f"k: {scalar(value)}")) == repr({"k": value})
    assert repr(plain(f"k: [{scalar(value)}, {scalar(value)}]")) == repr({"k": [value, value]})


@given(st.lists(st.text() | st.text("${}:varx "), min_size=1))
@example(["${var:x}", "$${", "a${env:HOME}b", "${", "$$${x}"])
def test_text_of_a_pipeline_is_no_reference(values: list[str]) -> None:
    """A list in a contract has the texts that were written, whatever they look like."""
    text = f"source: a.csv\nsink: b.csv\ncontract: {{x: {mapping({'isin': values})}}}\n"
    assert parse(text, Path("x.yaml")).contract["x"].isin == tuple(values)


@given(st.text(), SCALARS)
def test_a_key_reads_back_as_the_same_text(key: str, value: Any) -> None:
    """At the start of a line and in a mapping on one line."""
    assert repr(plain(entry(key, scalar(value), "  "))) == repr({key: value})
    assert repr(plain(f"a: {mapping({key: value})}")) == repr({"a": {key: value}})


@pytest.mark.parametrize("key", HOSTILE, ids=lambda key: ascii(key)[:20])
def test_hostile_text_reads_back(key: str) -> None:
    """As a value and as a key, which may be longer than the 1024 characters that YAML grants on a line."""
    assert plain(entry(key, scalar(key))) == {key: key}


@pytest.mark.parametrize(
    "text", ["no", "On", "y", "NO", "null", "~", "1e3", "0x1F", "12:30", "2013-01-01", "<<"]
)
def test_text_stays_text_in_yaml_1_1_too(text: str) -> None:
    """Editors and other programs may read the file by the older rules."""
    assert yaml.safe_load(f"{scalar(text)}: {scalar(text)}") == {text: text}


@pytest.mark.parametrize(
    "text", ["temp", "wind speed", "a.b-c/d", "Größe", "out/x.parquet", "../../data", "./a"]
)
def test_plain_text_is_written_without_quotes(text: str) -> None:
    assert scalar(text) == text


def test_the_names_are_hostile() -> None:
    """The list holds what the reader would take for something else: quotes are needed for nearly all."""
    assert sum(scalar(name) != name for name in HOSTILE) > 0.8 * len(HOSTILE)
