"""`normflow init`: a pipeline file to begin with, from data or from nothing."""

from __future__ import annotations

import json
import os
import re
from glob import has_magic
from pathlib import Path
from typing import TYPE_CHECKING

import click

from normflow.cli.answers import print_json, print_text
from normflow.cli.group import normflow, output_options

if TYPE_CHECKING:
    from normflow.pipeline import Proposal

NAMELESS = "pipeline"
FOLDERS = ("out", "_out", "../out")
"""Where results may go: the first that the source does not read."""
IGNORED = "# normflow's own: the record of runs, and the schema that init writes\n*\n"


@normflow.command()
@click.argument("data", required=False)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="The file; default: <data>.yaml here.")
@click.option("--sink", help="Where the pipeline shall write; default: out/<data>.parquet beside the file.")
@click.option("--force", is_flag=True, help="Overwrite what is there.")
@output_options
def init(
    data: str | None, output: Path | None, sink: str | None, force: bool, as_json: bool, quiet: bool
) -> None:
    """Write a commented pipeline file for DATA.

    DATA is a file, a folder or a glob; without it a template is written.
    """
    from normflow.pipeline import propose
    from normflow.report.text import plural

    stem = _stem(data) if data else NAMELESS
    file = output or Path(f"{stem}.yaml")
    if not force:
        _require_free(file)
    proposal = propose(data) if data else None
    text = _template(file, sink) if proposal is None else _draft(proposal, str(data), file, stem, sink)
    written = _write(file, text, force=force)
    if as_json:
        counted = {"rows": proposal.rows, "columns": len(proposal.columns)} if proposal else {}
        print_json({"version": 1, "exit_code": 0, "file": str(file), "written": written, **counted})
    elif not quiet:
        seen = (
            f"{plural(len(proposal.columns), 'column')}, {plural(proposal.rows, 'row')} seen"
            if proposal
            else "a template"
        )
        print_text(f"{file}: {seen}; look through it, then: normflow run {file}")


def _stem(data: str) -> str:
    """A name for the pipeline: the file's without its endings, else the folder's."""
    from normflow.spec import format_of

    for part in reversed(Path(os.path.abspath(data)).parts[1:]):  # noqa: PTH100 (a glob is no file to resolve)
        name = part
        while format_of(name) or (has_magic(name) and "." in name):
            name = name.rpartition(".")[0]
        if kept := re.sub(r"[@*?\[\]\s]+", "-", name).strip("-_."):
            return kept
    return NAMELESS


def _require_free(file: Path) -> None:
    from normflow.errors import ConfigError

    if os.path.lexists(file):
        hint = "name another with -o, or overwrite it with --force"
        raise ConfigError("there is such a file already", where=str(file), hint=hint)


def _template(file: Path, sink: str | None) -> str:
    from normflow.cli.draft import template
    from normflow.config import parse

    text = template(sink and _from(file, sink))
    parse(text, file)
    return text


def _draft(proposal: Proposal, data: str, file: Path, stem: str, sink: str | None) -> str:
    """The text for a proposal, with the first sink that the source does not read.

    Raises:
        ConfigError: the source reads all of them, or the one that was named; or a name is no path of a
            pipeline file.
    """
    from normflow.cli.draft import draft
    from normflow.config import parse
    from normflow.errors import ConfigError

    refusals = []
    sinks = [_from(file, sink)] if sink else [f"{folder}/{stem}.parquet" for folder in FOLDERS]
    for one in sinks:
        text = draft(proposal, data=data, file=str(file), source=_from(file, data), sink=one)
        try:
            parse(text, file)
        except ConfigError as error:
            refusals.append(error)
        else:
            return text
    raise refusals[0]


def _from(file: Path, path: str) -> str:
    """A path as seen from the folder of the pipeline file, where links are followed as they will be."""
    whole = Path(path)
    fixed = next((place for place, part in enumerate(whole.parts) if has_magic(part)), len(whole.parts) - 1)
    folder = os.path.realpath(Path(*whole.parts[:fixed]))
    target = Path(folder, *whole.parts[fixed:])
    try:
        return Path(os.path.relpath(target, os.path.realpath(file.parent))).as_posix()
    except ValueError:  # on another drive
        return target.as_posix()


def _write(file: Path, text: str, *, force: bool) -> list[str]:
    """Write the pipeline file, and the schema and .gitignore where they are missing; say what was written."""
    from normflow.cli.draft import SCHEMA
    from normflow.config import pipeline_schema
    from normflow.errors import SinkError

    own = file.parent / ".normflow"
    files = {
        file: text,
        own / SCHEMA: json.dumps(pipeline_schema(), indent=2) + "\n",
        own / ".gitignore": IGNORED,
    }
    try:
        own.mkdir(parents=True, exist_ok=True)
        wanted = [path for path in files if force or not os.path.lexists(path)]
        for path in wanted:
            with path.open("w" if force else "x", encoding="utf-8", newline="\n") as stream:
                stream.write(files[path])
    except OSError as error:
        where = str(error.filename or file)
        raise SinkError(
            f"cannot be written: {error.strerror}", where=where, hint="check the folder"
        ) from error
    return [str(path) for path in wanted]
