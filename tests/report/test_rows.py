"""Tables fit the terminal: no line is too long, no name is lost, no word is broken."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.text import Text

import normflow as nf
from normflow.pipeline import explained, fitted, pictured, plan, profile_file
from normflow.report.explanation import explanation
from normflow.report.history import planned
from normflow.report.rows import SHOWN, Rows
from normflow.report.summary import profile_table, run_summary

CONFIGS = Path(__file__).parents[2] / "configs"
WIDTHS = (40, 60, 80, 120, 200)


def printed(
    what: RenderableType, width: int, *, terminal: bool = False, encoding: str = "utf-8"
) -> list[str]:
    """The lines on a console of that width, without styles; what the encoding lacks as an escape."""
    file = io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="backslashreplace", newline="")
    console = Console(
        file=file, width=width, color_system=None, force_terminal=terminal, legacy_windows=False
    )
    console.print(what, highlight=False)
    file.flush()
    assert isinstance(file.buffer, io.BytesIO)
    return file.buffer.getvalue().decode(encoding).splitlines()


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[RenderableType, list[str]]]:
    """What run, profile, plan and explain tell of the weather, each with the names it must show."""
    folder = tmp_path_factory.mktemp("weather")
    text = (CONFIGS / "weather.yaml").read_text().replace("data/weather", f"{CONFIGS}/data/weather")
    (folder / "weather.yaml").write_text(text.replace("../", ""))
    pipeline = nf.load(folder / "weather.yaml")
    record = nf.run(pipeline).to_json()
    every = profile_file(CONFIGS / "data" / "weather.parquet", shapes=True)
    found = plan(pipeline)
    names = [one["output"] for one in record["columns"]]
    return {
        "run": (run_summary(pictured(pipeline.registry, record)), names),
        "profile": (profile_table(every), [one["column"] for one in every]),
        "plan": (planned(found.to_json(), fitted(pipeline, str(found.fit_id))), names),
        "explain": (explanation(explained(pipeline, shapes=True)), names),
    }


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("command", ["run", "profile", "plan", "explain"])
def test_an_answer_fits_and_names_every_column(
    answers: dict[str, tuple[RenderableType, list[str]]], command: str, width: int
) -> None:
    """Each name begins a line, whole; no line is longer than the terminal."""
    what, names = answers[command]
    lines = printed(what, width)
    assert max(map(cell_len, lines)) <= width
    begins = [re.split(r"[ :]", line, maxsplit=1)[0] for line in lines]
    assert [name for name in names if name not in begins] == []


@pytest.mark.parametrize("width", WIDTHS)
def test_every_reason_histogram_and_method_is_there_whatever_the_width(
    answers: dict[str, tuple[RenderableType, list[str]]], width: int
) -> None:
    """Folding moves words, and neither breaks nor drops one."""
    what, _ = answers["run"]
    told = " ".join(printed(what, width)).split()
    for wanted in ("yeojohnson", "Yeo-Johnson", "-0.624", "soft", "λ=-0.6239,", "79.6%", "983.8", "26,114"):
        assert wanted in told
    assert sum(bool(re.fullmatch("[▁▂▃▄▅▆▇]{8}", word)) for word in told) > 12


@pytest.mark.parametrize("command", ["run", "profile", "plan"])
def test_an_encoding_without_our_signs_gets_others(
    answers: dict[str, tuple[RenderableType, list[str]]], command: str
) -> None:
    """Tables are spelled in ASCII, and fit even so: there is no escape in them, and bars are still bars."""
    what, names = answers[command]
    lines = printed(what, 200, encoding="ascii")
    tables = [line for line in lines if line.startswith(tuple(names)) and ": fit" not in line]
    assert len(tables) == len(names)
    assert "\\" not in "".join(tables)
    (precip,) = (line for line in tables if line.startswith("precip"))
    assert "*_______ -> *_______" in precip
    assert max(map(len, tables)) <= 200


@given(
    st.lists(
        st.tuples(st.text(max_size=30), st.text("ab →▇λ", max_size=40), st.text("word ", max_size=200)),
        max_size=5,
    ),
    st.integers(20, 200),
)
def test_any_table_fits(rows: list[tuple[str, str, str]], width: int) -> None:
    """Whatever the cells hold, also what would move the cursor."""
    table = Rows("column", "method", "why")
    for row in rows:
        table.add_row(*row)
    for terminal in (False, True):
        lines = printed(table, width, terminal=terminal)
        assert all(cell_len(line) <= width for line in lines)
        assert all(line.isprintable() for line in lines)


def test_a_terminal_is_shown_a_hundred_rows_and_a_pipe_all() -> None:
    """A thousand columns: cut, with a hint, where a person looks."""
    table = Rows("column", "missing")
    for number in range(1000):
        table.add_row(f"c{number}", "0.1%")
    shown = printed(table, 80, terminal=True)
    assert shown[1].split() == ["c0", "0.1%"]
    assert shown[SHOWN].split() == [f"c{SHOWN - 1}", "0.1%"]
    assert shown[SHOWN + 1 :] == [f"and {1000 - SHOWN} more: all are in a pipe, a file, or with --json"]
    piped = printed(table, 80)
    assert (len(piped), piped[-1].split()) == (1001, ["c999", "0.1%"])


def test_a_terminal_is_told_why_of_the_first_columns(
    answers: dict[str, tuple[RenderableType, list[str]]],
) -> None:
    """Thirty of them, and how to see the others; a pipe is told of all."""
    columns = [
        {"output": f"c{number}", "choice": None, "formula": "x", "method": "none", "transform": None}
        for number in range(40)
    ]
    told = explanation([{**one, "options": {}} for one in columns])
    shown = printed(told, 80, terminal=True)
    assert [line for line in shown if line.startswith("c")][-1].startswith("c29: none")
    assert shown[-1] == "and 10 more: name a column, or see all in a pipe or a file"
    assert sum(line.startswith("c") for line in printed(told, 80)) == 40
    assert not any("more: name a column" in line for line in printed(answers["explain"][0], 80))


def test_numbers_stand_to_the_right_and_markup_is_text() -> None:
    table = Rows("column", "rows", "why")
    table.add_row(Text("[red]x[/]"), "1", "one")
    table.add_row("y", "1,000", "two")
    assert printed(table, 80) == [
        "column      rows  why",
        "[red]x[/]      1  one",
        "y          1,000  two",
    ]


def test_a_narrow_terminal_gets_a_block_a_row() -> None:
    """Below 60 letters, where the table would not fit; a small one stays a table."""
    table = Rows("column", "method", "why")
    table.add_row("temperature", "zscore, soft clip", "skew is small: z-score")
    assert printed(table, 40) == [
        "temperature",
        "  method: zscore, soft clip",
        "  skew is small: z-score",
    ]
    small = Rows("a", "b")
    small.add_row("1", "2")
    assert printed(small, 40) == ["a  b", "1  2"]
