"""The line below a problem, with a mark under what is wrong, whatever the line is made of."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from rich.cells import cell_len

from normflow.cli import outcome
from normflow.cli.excerpts import hidden, marked, told
from normflow.errors import ConfigError, Problem

if TYPE_CHECKING:
    from pathlib import Path

MINIMAL = "source: a.csv\nsink: b.csv\n"


def shown(folder: Path, content: bytes, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """What `check` says of a file, without the file's path and the error's name."""
    file = folder / "p.yaml"
    file.write_bytes(content)
    assert outcome(["check", str(file)]) == 2
    err = capsys.readouterr().err
    assert "\x1b" not in err
    return [re.sub(r"^error NF2\d0: ", "", line).removeprefix(f"{file}:") for line in err.splitlines()]


def test_each_problem_is_followed_by_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The first line of each stays as programs read it."""
    text = f"{MINIMAL}contract:\n  x: {{rnge: [0, 1]}}\nnormalise: {{}}\n"
    assert shown(tmp_path, text.encode(), capsys) == [
        "4:7: contract.x.rnge: unknown key; did you mean 'range'?",
        "    4 |   x: {rnge: [0, 1]}",
        "      |       ^^^^",
        "5:1: normalise: unknown key; did you mean 'normalize'?",
        "    5 | normalise: {}",
        "      | ^^^^^^^^^",
    ]


def test_windows_line_ends_a_mark_of_order_and_separators(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Lines are those that YAML counts: CR LF, CR alone, and what is in no text file of today."""
    text = f"\ufeff{MINIMAL}# \u2028# \x85# \rnormalise: {{}}\n".replace("\n", "\r\n")
    lines = shown(tmp_path, text.encode(), capsys)
    assert lines[1:] == ["    6 | normalise: {}", "      | ^^^^^^^^^"]


def test_the_line_of_an_included_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is the other file's."""
    (tmp_path / "base.yaml").write_text("# one\n# two\nfit: {mode: reus}\n")
    (tmp_path / "p.yaml").write_text(f"include: base.yaml\n{MINIMAL}")
    assert outcome(["check", str(tmp_path / "p.yaml")]) == 2
    assert capsys.readouterr().err.splitlines() == [
        f"error NF200: {tmp_path}/base.yaml:3:13: fit.mode: no such mode 'reus'; did you mean 'reuse'?",
        "    3 | fit: {mode: reus}",
        "      |             ^^^^",
    ]


def test_columns_against_the_source_are_marked_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What only the source's schema tells comes from another part of the program, in the same form."""
    (tmp_path / "a.csv").write_text("temp\n1\n2\n")
    text = f"{MINIMAL}fit: {{where: tmep > 1}}\nnormalize: {{tmp: log}}\n"
    lines = shown(tmp_path, text.encode(), capsys)
    assert [line for line in lines if not line.startswith("  ")] == [
        "3:7: fit.where: there is no column 'tmep'; did you mean 'temp'?",
        "4:13: normalize.tmp: no such column in the source; did you mean 'temp'?",
    ]
    assert lines[-2:] == ["    4 | normalize: {tmp: log}", "      |             ^^^"]


@pytest.mark.parametrize(
    ("line", "column", "word"),
    [
        ("a: {bc: 1}", 5, "bc"),
        ("\t\ta: x y", 3, "a"),
        ("温度: {rnge: 1}", 6, "rnge"),
        ("👩‍🚀 e\u0301: rnge", 9, "rnge"),
        ("'it''s': 1", 1, "'it''s'"),
        ('"a\\"b": 1', 1, '"a\\"b"'),
        ("a: ${var:x}", 4, "${var:x}"),
        ("x" * 300 + ": oops" + " y" * 300, 303, "oops"),
        ("宽" * 300 + ": oops" + "宽" * 300, 303, "oops宽…"),
    ],
)
def test_the_mark_stands_under_the_word(line: str, column: int, word: str) -> None:
    """By the cells that a terminal gives each character; a long line is cut on both sides."""
    text, start, length = marked(line, column)
    assert cell_len(text) <= 100
    under, at = "", 0
    for one in text:
        if start <= at < start + length:
            under += one
        at += cell_len(one)
    assert under.startswith(word.removesuffix("…"))
    assert under.endswith(word[-1])


def test_nothing_steers_the_terminal() -> None:
    """Escapes, and marks that turn the direction of writing, are dots."""
    text, start, length = marked("a: \x1b[31m\u202ered", 4)
    assert (text, start, length) == ("a: ·[31m·red", 3, 1)


@pytest.mark.parametrize("column", [1, 7, 8, 50])
def test_a_place_beyond_the_line(column: int) -> None:
    """The end of a line is a place too."""
    text, start, length = marked("source:", column)
    assert (text, length >= 1, start <= 7) == ("source:", True, True)


def test_what_may_be_secret_is_not_repeated() -> None:
    """A log of an error is read by more people than the file."""
    for line in (
        "source: s3://me:hunter2@host/x",
        "  source: https://host/x?token=hunter2",
        "  password: hunter2",
        "options: {secret_key: 'hunter2', a: 1}",
        "options: {'aws_secret_access_key': hunter2}",
        "PASSWD: hunter2",
    ):
        assert "hunter2" not in hidden(line)
        assert len(hidden(line)) == len(line)
    assert hidden("password: ${secret:DB}") == "password: ${secret:DB}"
    assert hidden("source: data/a.csv  # x@y") == "source: data/a.csv  # x@y"


def test_without_a_file_there_is_no_line(tmp_path: Path) -> None:
    """It may be gone, or never have been one."""
    gone = ConfigError.of([Problem(f"{tmp_path}/gone.yaml:3:4", "is wrong", "a.b"), Problem("", "too", "c")])
    assert told(gone) == str(gone)
    assert told(ConfigError("is wrong", where="here", hint="mend it")) == "here: is wrong; mend it"


def test_programs_get_the_parts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """File, line, column, key, message and suggestion, each by itself."""
    file = tmp_path / "p.yaml"
    file.write_text(f"{MINIMAL}normalise: {{}}\nfit: 5\n")
    assert outcome(["run", str(file), "--json"]) == 2
    error = json.loads(capsys.readouterr().out)["error"]
    assert error["places"] == [
        {
            "file": str(file),
            "line": 3,
            "column": 1,
            "key": "normalise",
            "message": "unknown key; did you mean 'normalize'?",
            "suggestion": "normalize",
        },
        {
            "file": str(file),
            "line": 4,
            "column": 6,
            "key": "fit",
            "message": "expected a mapping, got number 5",
            "suggestion": None,
        },
    ]


def test_a_long_line_with_many_problems_is_told_soon(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each excerpt looks at what is near its place, whatever else the line holds."""
    keys = ", ".join(["secret"] * 20_000)
    lines = shown(tmp_path, f"{MINIMAL}meta: {{{keys}}}\n".encode(), capsys)
    assert len(lines) == 3 * 101
    assert all(cell_len(line) <= 120 for line in lines)
