"""Policies of a column's line: their short and long forms, and what is said of a value that is none."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normflow.errors import ConfigError
from normflow.spec import POLICY_KEYS, UNTOUCHED, Policies, Share, policies_of, written

WORDS = {
    "nonfinite": ("null", "keep", "clip", "error"),
    "constant": ("zero", "keep", "null", "midpoint", "error"),
    "outside": ("keep", "clip", "null", "flag", "quarantine", "error"),
    "dtype": ("Float64", "Float32"),
}
NULLS_KNOWN = "known are keep, mean, median, mode, indicator and a number"
CLIP_FORMS = "[0.1%, 99.9%] are quantiles, and [0, 250] are values"
BOUND = "write a number, or a quantile such as 0.1%"


def test_nothing_written_is_nothing_asked() -> None:
    """Every field stands for what nobody wrote."""
    assert policies_of({}) == UNTOUCHED == Policies()
    assert written(UNTOUCHED) == {}


@pytest.mark.parametrize(("key", "word"), [(key, word) for key in WORDS for word in WORDS[key]])
def test_words_are_read_as_they_are_written(key: str, word: str) -> None:
    """Also where the word is the default: then it is on record that it was asked for."""
    assert getattr(policies_of({key: word}), key) == word
    assert written(policies_of({key: word})) == {key: word}


@pytest.mark.parametrize("key", ["nonfinite", "constant", "outside"])
def test_nothing_means_the_word_null_where_null_is_a_word(key: str) -> None:
    """YAML's `null` is what people write for it."""
    assert policies_of({key: None}) == policies_of({key: "null"})


@pytest.mark.parametrize(
    ("value", "fill", "indicator"),
    [
        ("keep", None, False),
        ("mean", "mean", False),
        ("median", "median", False),
        ("mode", "mode", False),
        (3, 3.0, False),
        (-0.5, -0.5, False),
        ("indicator", None, True),
        ({"fill": "median", "indicator": True}, "median", True),
        ({"fill": 0}, 0.0, False),
        ({"indicator": True}, None, True),
        ({"fill": "keep", "indicator": False}, None, False),
        ({}, None, False),
    ],
)
def test_nulls_have_a_short_and_a_long_form(value: object, fill: object, indicator: bool) -> None:
    assert policies_of({"nulls": value}) == Policies(fill=fill, indicator=indicator)  # type: ignore[arg-type]


def test_clip_bounds_are_quantiles_or_values() -> None:
    """Shares carry their sign of percent; numbers are numbers."""
    assert policies_of({"clip": ["0.1%", "99.9%"]}).clip == (Share(0.001), Share(0.999))
    assert policies_of({"clip": (0, 250)}).clip == (0.0, 250.0)
    assert policies_of({"clip": ["0%", "100%"]}).clip == (Share(0.0), Share(1.0))


def test_what_was_written_is_plain_json() -> None:
    """It goes into the registry and into the key under which a fit is used again."""
    line = {
        "nulls": {"fill": "median", "indicator": True},
        "nonfinite": None,
        "constant": "midpoint",
        "outside": "flag",
        "clip": ["0.1%", "99.9%"],
        "dtype": "Float32",
    }
    assert json.loads(json.dumps(written(policies_of(line)))) == {
        "fill": "median",
        "indicator": True,
        "nonfinite": "null",
        "constant": "midpoint",
        "outside": "flag",
        "clip": ["0.1%", "99.9%"],
        "dtype": "Float32",
    }


WRONG: dict[str, list[tuple[object, str]]] = {
    "nulls": [
        (None, f"cannot be nothing; {NULLS_KNOWN}"),
        (True, f"cannot be true; {NULLS_KNOWN}"),
        ("medain", "cannot be 'medain'; did you mean 'median'?"),
        ("zero", f"cannot be 'zero'; {NULLS_KNOWN}"),
        (float("nan"), f"cannot be nan; {NULLS_KNOWN}"),
        (float("inf"), f"cannot be inf; {NULLS_KNOWN}"),
        (10**400, f"cannot be 1{'0' * 39}…; {NULLS_KNOWN}"),
        ([1], f"cannot be a list; {NULLS_KNOWN}"),
        ({"fil": 1}, "no such key 'fil'; known are fill and indicator"),
        ({"fill": "men"}, "cannot be 'men'; did you mean 'mean'?"),
        ({"fill": "indicator"}, "cannot be 'indicator'; known are keep, mean, median, mode and a number"),
        ({"fill": {}}, "cannot be a mapping; known are keep, mean, median, mode and a number"),
        ({"indicator": "yes"}, "indicator is true or false, and not 'yes'"),
        ({"indicator": 1}, "indicator is true or false, and not 1"),
    ],
    "clip": [
        (None, f"expected two bounds, got nothing; {CLIP_FORMS}"),
        (3, f"expected two bounds, got 3; {CLIP_FORMS}"),
        ("1%", f"expected two bounds, got '1%'; {CLIP_FORMS}"),
        ([], f"expected two bounds, got a list; {CLIP_FORMS}"),
        ([1, 2, 3], f"expected two bounds, got 3; {CLIP_FORMS}"),
        ([1, "99%"], "1 and 99% are a quantile and a value; write two quantiles or two values"),
        ([2, 1], "the first bound must be below the second, and 2 is not below 1"),
        ([1, 1], "the first bound must be below the second, and 1 is not below 1"),
        (["9%", "1%"], "the first bound must be below the second, and 9% is not below 1%"),
        (["low", "high"], f"a bound cannot be 'low'; {BOUND}"),
        (["1%", "101%"], f"a bound cannot be '101%'; {BOUND}"),
        ([None, 3], f"a bound cannot be nothing; {BOUND}"),
        ([True, 3], f"a bound cannot be true; {BOUND}"),
        ([0, float("inf")], f"a bound cannot be inf; {BOUND}"),
        (["5", "7"], f"a bound cannot be '5'; {BOUND}"),
    ],
    "nonfinite": [
        ("nul", "cannot be 'nul'; did you mean 'null'?"),
        ("drop", "cannot be 'drop'; known are null, keep, clip, error"),
        (0, "cannot be 0; known are null, keep, clip, error"),
        (False, "cannot be false; known are null, keep, clip, error"),
    ],
    "constant": [
        ("center", "cannot be 'center'; known are zero, keep, null, midpoint, error"),
        ("midponit", "cannot be 'midponit'; did you mean 'midpoint'?"),
        (0, "cannot be 0; known are zero, keep, null, midpoint, error"),
    ],
    "outside": [
        ("quarantin", "cannot be 'quarantin'; did you mean 'quarantine'?"),
        (["keep"], "cannot be a list; known are keep, clip, null, flag, quarantine, error"),
    ],
    "dtype": [
        (None, "cannot be nothing; known are Float64, Float32"),
        ("float32", "cannot be 'float32'; did you mean 'Float32'?"),
        ("Int8", "cannot be 'Int8'; known are Float64, Float32"),
    ],
}


@pytest.mark.parametrize(("key", "value", "told"), [(key, *case) for key in WRONG for case in WRONG[key]])
def test_what_is_no_value_of_a_policy_is_told(key: str, value: object, told: str) -> None:
    """The key, what is wrong, and what there is instead."""
    with pytest.raises(ConfigError) as caught:
        policies_of({key: value})
    assert str(caught.value) == f"{key}: {told}"
    assert caught.value.where == key


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from(POLICY_KEYS), anything))
def test_any_value_is_read_or_told(line: dict[str, Any]) -> None:
    """Nothing else is raised, and what is read can be written as JSON."""
    found = UNTOUCHED
    with suppress(ConfigError):
        found = policies_of(line)
    json.dumps(written(found), allow_nan=False)
