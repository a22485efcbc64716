"""Policies in a file: each wrong value with its place, YAML's null where null is a word, and the schema."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from normflow.config import load, pipeline_schema
from normflow.errors import ConfigError
from normflow.spec import POLICY_KEYS, MethodSpec, policies_of
from tests.config.test_schema import conforms, parsed

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "source: a.csv\nsink: b.csv\nnormalize:\n"
NULLS_KNOWN = "known are keep, mean, median, mode, indicator and a number"
CLIP_FORMS = "[0.1%, 99.9%] are quantiles, and [0, 250] are values"


def line_of(folder: Path, line: str) -> MethodSpec:
    """The line of a column in a file."""
    (folder / "p.yaml").write_text(f"{HEAD}  x: {{{line}}}\n")
    return load(folder / "p.yaml").normalize["x"]


def told(folder: Path, line: str) -> list[str]:
    """The problems of such a line, each from its place on."""
    with pytest.raises(ConfigError) as caught:
        line_of(folder, line)
    return [one.removeprefix(f"{folder}/p.yaml:") for one in str(caught.value).splitlines()]


RIGHT: dict[str, dict[str, object]] = {
    "nulls: keep": {"nulls": "keep"},
    "nulls: median": {"nulls": "median"},
    "nulls: -1.5": {"nulls": -1.5},
    "nulls: indicator": {"nulls": "indicator"},
    "nulls: {fill: mode, indicator: true}": {"nulls": {"fill": "mode", "indicator": True}},
    "nulls: {fill: 0}": {"nulls": {"fill": 0}},
    "nonfinite: null": {"nonfinite": "null"},
    "nonfinite: 'null'": {"nonfinite": "null"},
    "nonfinite: ~": {"nonfinite": "null"},
    "nonfinite: keep": {"nonfinite": "keep"},
    "nonfinite: clip": {"nonfinite": "clip"},
    "nonfinite: error": {"nonfinite": "error"},
    "constant: null": {"constant": "null"},
    "constant: zero": {"constant": "zero"},
    "constant: keep": {"constant": "keep"},
    "constant: midpoint": {"constant": "midpoint"},
    "constant: error": {"constant": "error"},
    "outside: null": {"outside": "null"},
    "outside: keep": {"outside": "keep"},
    "outside: clip": {"outside": "clip"},
    "outside: flag": {"outside": "flag"},
    "outside: quarantine": {"outside": "quarantine"},
    "outside: error": {"outside": "error"},
    "clip: [0.1%, 99.9%]": {"clip": ["0.1%", "99.9%"]},
    "clip: [0, 2.5e2]": {"clip": [0, 250]},
    "dtype: Float32": {"dtype": "Float32"},
    "dtype: Float64": {"dtype": "Float64"},
}


@pytest.mark.parametrize("written", RIGHT)
def test_a_policy_is_read_and_the_schema_accepts_it(tmp_path: Path, written: str) -> None:
    """As Python reads the same line; beside `auto` and beside a named method."""
    for method in ("zscore", "auto"):
        found = line_of(tmp_path, f"method: {method}, {written}")
        assert found == MethodSpec(method=method, policies=policies_of(RIGHT[written]))
        assert conforms(parsed((tmp_path / "p.yaml").read_text()), pipeline_schema())


WRONG = {
    "nulls: null": f"nulls: cannot be nothing; {NULLS_KNOWN}",
    "nulls: medain": "nulls: cannot be 'medain'; did you mean 'median'?",
    "nulls: true": f"nulls: cannot be true; {NULLS_KNOWN}",
    "nulls: .nan": f"nulls: cannot be nan; {NULLS_KNOWN}",
    "nulls: [mean]": f"nulls: cannot be a list; {NULLS_KNOWN}",
    "nulls: {fil: 0}": "nulls: no such key 'fil'; known are fill and indicator",
    "nulls: {fill: null}": "nulls: cannot be nothing; known are keep, mean, median, mode and a number",
    "nulls: {indicator: yes}": "nulls: indicator is true or false, and not 'yes'",
    "nonfinite: nul": "nonfinite: cannot be 'nul'; did you mean 'null'?",
    "nonfinite: flag": "nonfinite: cannot be 'flag'; known are null, keep, clip, error",
    "nonfinite: 0": "nonfinite: cannot be 0; known are null, keep, clip, error",
    "constant: 0": "constant: cannot be 0; known are zero, keep, null, midpoint, error",
    "constant: midle": "constant: cannot be 'midle'; known are zero, keep, null, midpoint, error",
    "outside: quarantined": "outside: cannot be 'quarantined'; did you mean 'quarantine'?",
    "outside: false": "outside: cannot be false; known are keep, clip, null, flag, quarantine, error",
    "clip: null": f"clip: expected two bounds, got nothing; {CLIP_FORMS}",
    "clip: 3": f"clip: expected two bounds, got 3; {CLIP_FORMS}",
    "clip: [1%]": f"clip: expected two bounds, got 1; {CLIP_FORMS}",
    "clip: [low, high]": "clip: a bound cannot be 'low'; write a number, or a quantile such as 0.1%",
    "clip: [null, 3]": "clip: a bound cannot be nothing; write a number, or a quantile such as 0.1%",
    "dtype: null": "dtype: cannot be nothing; known are Float64, Float32",
    "dtype: float32": "dtype: cannot be 'float32'; did you mean 'Float32'?",
}
BEYOND_A_SCHEMA = {
    "clip: [1, 99%]": "clip: 1 and 99% are a quantile and a value; write two quantiles or two values",
    "clip: [99%, 1%]": "clip: the first bound must be below the second, and 99% is not below 1%",
    "clip: [5, 5]": "clip: the first bound must be below the second, and 5 is not below 5",
    "clip: [1%, 101%]": "clip: a bound cannot be '101%'; write a number, or a quantile such as 0.1%",
}


def key_place(written: str) -> str:
    """Line and column of the value behind `method: zscore, `."""
    start = "  x: {method: zscore, "
    return f"4:{len(start) + written.index(': ') + 3}"


@pytest.mark.parametrize("written", WRONG | BEYOND_A_SCHEMA)
def test_what_is_no_policy_is_told_at_its_place(tmp_path: Path, written: str) -> None:
    """One problem each, the whole text; an editor underlines what it can judge."""
    expected = f"{key_place(written)}: normalize.x.{(WRONG | BEYOND_A_SCHEMA)[written]}"
    assert told(tmp_path, f"method: zscore, {written}") == [expected]
    # clip: 3 is an option of another method, and NaN is no value of JSON
    if written in WRONG and written not in ("clip: 3", "nulls: .nan"):
        assert not conforms(parsed((tmp_path / "p.yaml").read_text()), pipeline_schema())


def test_every_wrong_policy_of_a_line_is_told(tmp_path: Path) -> None:
    """In the order of the file, beside a wrong option."""
    line = "method: zscore, outside: kep, dof: 1, nulls: men, clip: 5"
    assert [one.split(": ")[1] for one in told(tmp_path, line)] == [
        "normalize.x.outside",
        "normalize.x.dof",
        "normalize.x.nulls",
        "normalize.x.clip",
    ]


def test_a_misspelt_policy_is_no_option_of_the_method(tmp_path: Path) -> None:
    """The line's own keys are suggested beside the method's options."""
    assert told(tmp_path, "method: zscore, outsid: keep") == [
        "4:23: normalize.x.outsid: unknown key; did you mean 'outside'?"
    ]


def test_clip_with_one_number_is_the_option_of_quantile_normal(tmp_path: Path) -> None:
    """It says where the ends lie; two numbers are the policy."""
    option = line_of(tmp_path, "method: quantile_normal, clip: 3")
    assert option == MethodSpec(method="quantile_normal", options={"clip": 3})
    assert conforms(parsed((tmp_path / "p.yaml").read_text()), pipeline_schema())
    policy = line_of(tmp_path, "method: quantile_normal, clip: [1%, 99%]")
    assert policy == MethodSpec(method="quantile_normal", policies=policies_of({"clip": ["1%", "99%"]}))
    assert told(tmp_path, "method: quantile_normal, clip: 9") == [
        "4:32: normalize.x.clip: quantile_normal: clip must be above 0 and at most 8.2, not 9.0"
    ]


def test_row_wise_lines_are_read(tmp_path: Path) -> None:
    """With their members and options; an empty list of members is none."""
    found = line_of(tmp_path, "method: unit, norm: l1, columns: [a, b], dtype: Float32, suffix: _u")
    assert found == MethodSpec(
        method="unit",
        options={"norm": "l1"},
        columns=("a", "b"),
        suffix="_u",
        policies=policies_of({"dtype": "Float32"}),
    )
    assert told(tmp_path, "method: unit, columns: []") == [
        "4:30: normalize.x.columns: expected at least one value, got an empty list"
    ]
    assert told(tmp_path, "method: unit, columns: a") == [
        "4:30: normalize.x.columns: expected a list, got text 'a'"
    ]
    assert told(tmp_path, "method: unit, norm: l3") == [
        (
            "4:21: normalize.x.norm: method 'unit': option 'norm' must be 'l2' or 'l1' or 'max', not 'l3';"
            " did you mean 'l2'?"
        )
    ]


def test_the_schema_names_every_policy() -> None:
    """An editor completes them, and where null is a word it accepts it."""
    line = pipeline_schema()["$defs"]["MethodSection"]["properties"]
    assert set(POLICY_KEYS) <= set(line)
    for key in ("nonfinite", "constant", "outside"):
        assert {None, "null"} <= set(line[key]["anyOf"][0]["enum"])
    assert line["dtype"]["anyOf"][0]["enum"] == ["Float64", "Float32"]
