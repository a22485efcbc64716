"""Help: sections, examples that hold, a page for each error, and the next step after a first mistake."""

from __future__ import annotations

import json
import re
import shlex
from typing import TYPE_CHECKING

import click
import pytest

from normflow import errors
from normflow.cli import outcome
from normflow.cli.catalogue import normflow
from normflow.cli.contents import ELSEWHERE, EXAMPLES, SECTIONS
from normflow.cli.pages import ids, page

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def commands(group: click.Group = normflow, path: str = "") -> Iterator[tuple[str, click.Command]]:
    """All commands with their words, those of groups inside too."""
    for name, command in group.commands.items():
        yield f"{path}{name}", command
        if isinstance(command, click.Group):
            yield from commands(command, f"{path}{name} ")


def kinds(kind: type[errors.NormflowError] = errors.NormflowError) -> Iterator[type[errors.NormflowError]]:
    """All errors."""
    yield kind
    for child in kind.__subclasses__():
        yield from kinds(child)


def told(capsys: pytest.CaptureFixture[str], code: int, *words: str) -> str:
    """What a command prints, on whichever stream."""
    assert outcome(list(words)) == code
    printed = capsys.readouterr()
    return printed.out + printed.err


def test_each_command_is_in_one_section_and_has_examples() -> None:
    """A command that is new joins `normflow.cli.contents`, and what is there is a command."""
    listed = [name for names in SECTIONS.values() for name in names]
    assert sorted(listed) == sorted(normflow.commands)
    assert {path for path, _ in commands()} == {*EXAMPLES}
    assert all(EXAMPLES[path] for path, _ in commands())


def test_help_has_a_line_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    """In sections, whole at 80 letters."""
    lines = told(capsys, 0, "--help").splitlines()
    assert [line[:-1] for line in lines if re.fullmatch(r"[A-Z]\w+:", line)] == ["Options", *SECTIONS]
    for name in normflow.commands:
        (line,) = (one for one in lines if one.split()[:1] == [name])
        assert line.endswith(".")
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize(
    ("path", "line"), [(path, line) for path, listed in EXAMPLES.items() for line, _ in listed], ids=str
)
def test_an_example_is_shown_and_can_be_written(
    path: str, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Help ends with it, and click takes its words for that command."""
    text = told(capsys, 0, *path.split(), "--help")
    assert f"\n  {line}\n" in text[text.index("\nExamples:\n") :]
    (written,) = re.findall(r"normflow [^>)]*[^>)\s\"]", line)[:1]
    words = shlex.split(written)[1:]
    if words[-1] != "--help":
        command: click.Command = normflow
        context = click.Context(normflow, info_name="normflow")
        for word in path.split():
            assert isinstance(command, click.Group)
            assert words.pop(0) == word
            command = command.commands[word]
            if isinstance(command, click.Group):
                context = click.Context(command, info_name=word, parent=context)
        if not isinstance(command, click.Group):
            command.make_context(path, words, parent=context)


@pytest.mark.parametrize("error", sorted({kind.id for kind in kinds()}))
def test_each_error_has_a_page(error: str, capsys: pytest.CaptureFixture[str]) -> None:
    """With its class and exit code, what it means, causes, ways out, and an example of it."""
    text = page(error)
    classes = [kind for kind in kinds() if kind.id == error]
    assert text.startswith(f"# {error}: ")
    assert any(f"`{kind.__name__}`, exit code {kind.exit_code}:" in text for kind in classes)
    assert re.findall("^## (.*)$", text, re.MULTILINE) == ["Common causes", "What to do", "Example"]
    assert f"\n```text\nerror {error}: " in text
    for part in re.split("^## .*$", text, flags=re.MULTILINE):
        assert part.strip()
    assert told(capsys, 0, "help", error.lower()) == text
    assert outcome(["help", error, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["id"], document["text"]) == (error, text)
    assert f"# {document['title']}\n" == text[: len(document["title"]) + 3]


def test_no_page_is_about_nothing() -> None:
    assert set(ids()) == {kind.id for kind in kinds()}


def test_help_of_a_command_is_its_own_help(capsys: pytest.CaptureFixture[str]) -> None:
    """Also of one in a group, and of all."""
    for words in ([], ["run"], ["registry"], ["registry", "check"]):
        assert told(capsys, 0, "help", *words) == told(capsys, 0, *words, "--help")


MISTAKES = {
    "rnu": "There is no command 'rnu'; did you mean 'run'?",
    "history": "did you mean 'runs'?",
    "weather.yaml": "to run this pipeline: normflow run weather.yaml",
    "data.parquet": "to look at this data: normflow profile data.parquet; to begin a pipeline: normflow init",
    "zzzzzz": "There is no command 'zzzzzz'; normflow --help lists the commands",
    "run": "Missing argument 'FILE'. Pipeline files here: p.yaml",
    "run data.parquet": "'data.parquet' is data, and no pipeline file: normflow init data.parquet writes one",
    "check data.csv.gz": "normflow init data.csv.gz writes one for it",
    "run p.yaml --mdoe refit": "Did you mean '--mode'?",
    "profile p.yaml": "'p.yaml' is a pipeline file, and no data: normflow explain p.yaml tells of",
    "profile days/1.csv.gz days/2.csv.gz": "one place is asked for; quote a glob: 'days/*.csv.gz",
    "init 1.parquet 2.parquet 3.parquet": "3 files, where one place is asked for; quote a glob: '*.parquet'",
    "diff a b c": "Got unexpected extra argument (c)",
    "registry chek": "There is no command 'chek'; did you mean 'check'?",
    "methods zscroe": "did you mean 'zscore'?",
    "help NF999": "There is no error 'NF999'; there are NF000, ",
    "help rnu": "There is no command 'rnu'; did you mean 'run'?",
    "run q.yaml": "q.yaml: no such file; did you mean 'p.yaml'?",
    "inverse p.yaml data.parquet": "Missing option '-o' / '--out'",
    "export x --table t": "--table is of --to sql and dbt",
    "completion tcsh": "'tcsh' is not one of 'bash', 'zsh', 'fish'",
    "registry forget p": "Say so with --yes",
}


@pytest.mark.parametrize("words", MISTAKES)
def test_a_first_mistake_is_answered_by_the_next_step(
    words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Always with 2, and with the command that was meant."""
    (tmp_path / "p.yaml").write_text("source: data.parquet\nsink: out.parquet\n")
    monkeypatch.chdir(tmp_path)
    assert MISTAKES[words] in told(capsys, 2, *words.split())


def test_where_no_pipeline_is_the_way_to_one_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert "There is none here: normflow init DATA writes one." in told(capsys, 2, "run")
    assert "p.yaml: no such file; normflow init DATA writes one" in told(capsys, 2, "run", "p.yaml")


@pytest.mark.parametrize("word", ELSEWHERE)
def test_words_of_other_programs_lead_to_commands(word: str) -> None:
    """What is suggested is there."""
    suggested = ELSEWHERE[word].split()
    assert word not in normflow.commands
    assert suggested[0] in normflow.commands or suggested == ["--version"]
