"""YAML text is read without trust: its limits, and what is wrong with it, each at its place."""

from __future__ import annotations

import pytest
import yaml

from normflow.config import document
from normflow.config.document import read
from normflow.config.nodes import dotted


def told(text: str) -> list[str]:
    """The findings as `line:column: key: sentence`."""
    return [
        f"{one.mark.line}:{one.mark.column}: {dotted(one.path)}: {one.what}" for one in read(text).findings
    ]


WRONG = {
    "unquoted star": (
        "normalize:\n  *: auto\n",
        ['2:3: : not valid YAML: quote the star, as in "*": auto'],
    ),
    "pattern that starts with a star": (
        "normalize:\n  *_speed: log\n",
        ['2:3: normalize: a key that starts with a star is quoted: "*_speed"'],
    ),
    "pattern that starts with a bracket": (
        "normalize:\n  [ab]*: log\n",
        ['2:7: : not valid YAML: quote the star, as in "*": auto'],
    ),
    "value that starts with a star": (
        "a: *b\n",
        ['1:4: : the alias *b has no anchor &b before it; for text, quote it: "*b"'],
    ),
    "alias to itself": ("a: &a [*a]\n", ["1:8: : the alias *a stands inside what it names"]),
    "duplicate key": (
        "a:\n  b: 1\n  c: 2\n  b: 3\n",
        ["4:3: a.b: the key was already written on line 2; remove one"],
    ),
    "duplicate key by another spelling": (
        "1: a\n'1': b\n",
        ["2:1: 1: the key was already written on line 1; remove one"],
    ),
    "list as a key": ("? [a]\n: b\n", ["1:3: : a key is text, not a list or a mapping; quote it"]),
    "tag": (
        "a: !!python/object/apply:os.system [ls]\n",
        ["1:4: a: tags such as !!python/object/apply:os.system are not read; remove the tag"],
    ),
    "tag of one's own": ("a: !env HOME\n", ["1:4: a: tags such as !env are not read; remove the tag"]),
    "tag on a key": ("!!str a: b\n", ["1:1: : tags such as !!str are not read; remove the tag"]),
    "open list": (
        "a: [1, 2\nb: 3\n",
        ["2:2: : not valid YAML: did not find expected ',' or ']' while parsing a flow sequence from line 1"],
    ),
    "open quote": (
        "a: 'b\n",
        ["2:1: : not valid YAML: found unexpected end of stream while scanning a quoted scalar from line 1"],
    ),
    "colon in text": (
        "a: b: c\n",
        [
            (
                "1:5: : not valid YAML: mapping values are not allowed in this context;"
                " check the indentation, and quote text that holds ': '"
            )
        ],
    ),
    "tab": (
        "a:\n\tb: 1\n",
        ["2:1: : not valid YAML: found character that cannot start any token; indent with spaces, not tabs"],
    ),
    "at sign": (
        "a: @b\n",
        ["1:4: : not valid YAML: found character that cannot start any token; quote text that starts with @"],
    ),
    "control character": (
        "a: b\nc: \x07\n",
        ["2:4: : the control character U+0007 is not allowed; remove it"],
    ),
    "second document": (
        "a: 1\n---\nb: 2\n",
        ["2:1: : a second document starts here; write one file for each"],
    ),
    "number beyond float64": ("a:\n  - 1e999\n", ["2:5: a[0]: the number 1e999 is beyond a float64"]),
    "depth": ("[" * 65 + "]" * 65, ["1:65: : nested deeper than 64 levels"]),
    "depth that kills a loader": ("[" * 200_000, ["1:65: : nested deeper than 64 levels"]),
    "depth by alias": (
        f"a: &a {'[' * 40}{']' * 40}\nb: {'[' * 40}*a{']' * 40}\n",
        ["2:44: : nested deeper than 64 levels"],
    ),
    "too many aliases": (
        "a: &a 1\nb: [" + "*a, " * 101 + "]\n",
        ["2:405: : more than 100 aliases, or 100,000 values by alias"],
    ),
    "several": (
        "a: 1\na: !x 2\nb: 1e999\n",
        [
            "2:4: a: tags such as !x are not read; remove the tag",
            "2:1: a: the key was already written on line 1; remove one",
            "3:4: b: the number 1e999 is beyond a float64",
        ],
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_told_at_its_place(case: str) -> None:
    """The whole text of each finding."""
    text, findings = WRONG[case]
    assert told(text) == findings


def test_an_alias_bomb_is_refused_before_it_goes_off() -> None:
    """Nine levels of ten aliases are ten billion values, in 400 bytes."""
    lines = ["a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    lines += [f"a{i + 1}: &a{i + 1} [{', '.join([f'*a{i}'] * 10)}]" for i in range(9)]
    (finding,) = read("\n".join(lines)).findings
    assert finding.what == "more than 100 aliases, or 100,000 values by alias"


def test_anchors_repeat_a_value_with_the_place_where_it_was_written() -> None:
    """Aliases are the one kind of reuse YAML has by itself."""
    root = read("a: &x {b: [1, 2]}\nc: *x\n").root
    assert root is not None
    assert root.plain() == {"a": {"b": [1, 2]}, "c": {"b": [1, 2]}}


def test_a_key_may_carry_an_anchor() -> None:
    """It names the key's text."""
    root = read("&x a: 1\nb: *x\n").root
    assert root is not None
    assert root.plain() == {"a": 1, "b": "a"}


def test_merge_keys_are_plain_keys() -> None:
    """YAML 1.2 has no merge keys; `<<` is a key like any other, and unknown to a pipeline file."""
    root = read("a: &x {b: 1}\nc: {<<: *x}\n").root
    assert root is not None
    assert root.plain() == {"a": {"b": 1}, "c": {"<<": {"b": 1}}}


@pytest.mark.parametrize("text", ["", "# only a comment\n", "\n\n", "\ufeff"])
def test_nothing_is_no_finding(text: str) -> None:
    """An empty text has neither a root nor findings."""
    found = read(text)
    assert found.root is None
    assert found.findings == []


def test_the_python_parser_reads_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where libyaml is missing, the pure parser yields the same values and places."""
    text = "a: [1, no, {b: 'x'}]\n\"*\": {c: 1e-3}\n"
    fast = read(text)
    monkeypatch.setattr(document, "LOADER", yaml.SafeLoader)
    assert read(text) == fast
