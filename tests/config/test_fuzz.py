"""No text is anything but a pipeline or a configuration error."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from normflow.config import load
from normflow.errors import ConfigError, Problem
from tests.config.fuzz import Hang, fuzz

if TYPE_CHECKING:
    from pathlib import Path

VALID = """\
version: 1
name: &n weather
source: {path: ["data/*.parquet"], format: parquet, options: {}}
contract:
  origin: {dtype: string, isin: [EWR, 5, true]}
  wind: &w {range: [0, null], on_fail: quarantine, max_failed: 0.1%}
  gust: *w
fit: {mode: refit, goal: model, resolution: 512}
normalize:
  "*": auto
  humid: minmax
  "wind_*": {method: robust, quantiles: [0.1, 0.9], suffix: _n}
checks:
  temp: {mean: [-0.1, 1e-6], std: [.9, 1.1], severity: warn}
quarantine: {path: out/q.parquet, max_rows: 5%}
sink: out/weather.parquet
meta:
  owner: "data-eng"
  note: |
    two lines
    of text
"""
PIECES = [
    *"*&!{}[]:,'\"|>%@`#-\t\n \\~é😀",
    *("!!int", ": ", "- ", "\n\n", "  ", "---\n", "...\n", "? ", "<<: ", "null", "true", "no", "''"),
    *(".nan", ".inf", "-.inf", "1e999", "9" * 400, "0x", "0o9", "-1", "1.5", "5%", "101%"),
    *("\u2028", "\x85", "\ufeff", "\x00", "\x1b", "{method: log}", "[[[[", "*w", "&w ", "auto", "minmax"),
    *("version", "model_config", "method"),
]
SEEDS = 400


def mutated(seed: int) -> str:
    """The valid file with a few cuts, swaps and insertions."""
    dice = random.Random(seed)  # noqa: S311  (a repeatable mess, not a secret)
    text = VALID
    for _ in range(dice.randint(1, 6)):
        start = dice.randrange(len(text))
        end = min(len(text), start + dice.choice([0, 0, 1, 1, 2, 5, 20, 80]))
        piece = dice.choice([dice.choice(PIECES), "", text[end : end + 10]])
        text = text[:start] + piece + text[end:]
    return text


def judge(file: Path, content: bytes) -> None:
    """Load it: a pipeline, or a configuration error that says where and what, line by line."""
    file.write_bytes(content)
    problems: tuple[Problem, ...] = ()
    try:
        load(file)
    except ConfigError as error:
        problems = error.problems or (Problem("", ""),)
    assert all(one.place.startswith(str(file)) for one in problems)
    assert all(one.what and "\n" not in one.what for one in problems)


def test_files_of_the_project_mutated(tmp_path: Path) -> None:
    """As in `python -m tests.config.fuzz`, which makes more of them: a pipeline or a good error, and soon."""
    found = fuzz(1_200, seed=1_200, folder=tmp_path)
    assert found.failures == []
    assert min(found.outcomes["pipeline"], found.outcomes["refused"]) > 50


@pytest.mark.parametrize(
    ("planted", "noticed"),
    [
        (ValueError("boom"), "ValueError: boom"),
        (Hang(), "took longer"),
        (ConfigError("nowhere"), "another place"),
        (ConfigError.of([]), "no line of text"),
    ],
)
def test_the_fuzz_notices(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, planted: BaseException, noticed: str
) -> None:
    """A traceback, a hang, an error without its place."""

    def broken(_file: Path) -> None:
        raise planted

    monkeypatch.setattr("tests.config.fuzz.load", broken)
    (failure, *_) = fuzz(1, seed=1, folder=tmp_path).failures
    assert noticed in failure


def test_the_file_itself_is_valid(tmp_path: Path) -> None:
    """What is mutated below."""
    (tmp_path / "p.yaml").write_text(VALID)
    assert load(tmp_path / "p.yaml").name == "weather"


@pytest.mark.parametrize("block", range(8))
def test_mutations_of_a_valid_file(tmp_path: Path, block: int) -> None:
    """Hundreds of slips of the hand."""
    for seed in range(block * SEEDS // 8, (block + 1) * SEEDS // 8):
        judge(tmp_path / "p.yaml", mutated(seed).encode("utf-8", "surrogatepass"))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(content=st.binary(max_size=200))
def test_any_bytes(tmp_path: Path, content: bytes) -> None:
    """Bytes that were never meant as YAML."""
    judge(tmp_path / "p.yaml", content)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(["a", "5%", "auto", "x.csv", ""]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["path", "method", "range", "isin", "x", "*", "format", "options"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)
SECTIONS = [
    "version",
    "name",
    "source",
    "contract",
    "fit",
    "normalize",
    "checks",
    "quarantine",
    "sink",
    "registry",
]


def written(value: object) -> str:
    """A value in YAML's flow style."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"'{key}': {written(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(written, value)) + "]"
    if isinstance(value, str):
        return f"'{value}'"
    if isinstance(value, float):
        return repr(value).replace("inf", ".inf").replace("nan", ".nan")
    return "null" if value is None else str(value).lower()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(sections=st.dictionaries(st.sampled_from(SECTIONS), JSON, max_size=4))
def test_any_values_in_any_section(tmp_path: Path, sections: dict[str, object]) -> None:
    """Well-formed files of values in the wrong places."""
    whole = {"source": "a.csv", "sink": "b.csv", **sections}
    judge(tmp_path / "p.yaml", "".join(f"{key}: {written(value)}\n" for key, value in whole.items()).encode())
