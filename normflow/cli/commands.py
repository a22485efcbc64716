"""The commands: each asks the library and shows the answer."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from normflow.cli.answers import error_document, print_json, print_text, show
from normflow.cli.group import (
    DATA,
    PIPELINE,
    import_option,
    junit_option,
    normflow,
    output_options,
    pipeline_options,
)
from normflow.cli.logged import log_option, logged

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from normflow.spec import JsonScalar, Mode, Server

UNSEEN = "as far as can be told before its source is read"
MODES = ("reuse", "refit", "frozen")


@normflow.command()
@click.argument("file", type=PIPELINE)
@click.option("--mode", type=click.Choice(MODES), help="Use a stored fit, learn anew, or never learn.")
@click.option("--fit", metavar="FIT", help="Apply this fit: an id, a unique prefix, pipeline@latest, a file.")
@click.option("--as-of", metavar="TIME", help="Apply the fit that was current then (ISO 8601, UTC).")
@click.option(
    "--wait",
    type=click.FloatRange(min=0),
    default=10.0,
    show_default=True,
    help="Seconds to wait for another run on this sink.",
)
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    metavar="N",
    help="Show the first N rows that it would publish; nothing is judged, published or recorded.",
)
@click.option(
    "--json-progress", is_flag=True, help="How far the run is, as JSON lines on stderr, one a second."
)
@log_option
@junit_option
@import_option
@pipeline_options
@output_options
def run(
    file: Path,
    mode: Mode | None,
    fit: str | None,
    as_of: str | None,
    wait: float,
    limit: int | None,
    json_progress: bool,
    log: Path | None,
    junit: Path | None,
    allow_import: tuple[str, ...],
    target: str | None,
    variables: Mapping[str, JsonScalar],
    as_json: bool,
    quiet: bool,
) -> int:
    """Run pipeline FILE: read, judge, normalize, publish, record.

    Everything is published, or nothing: the exit code tells which.
    """
    from normflow.cli.preview import print_preview
    from normflow.cli.progress import shown
    from normflow.cli.verdicts import failures_in, write_junit
    from normflow.pipeline import loaded, preview
    from normflow.pipeline import run as run_pipeline
    from normflow.report.summary import run_summary

    plain = click.get_current_context().color is False
    showing = shown(as_lines=json_progress, silent=quiet or as_json, plain=plain)
    with failures_in(junit, file.stem), logged(log), showing as progress:
        pipeline = loaded(file, target=target, variables=variables, allow_import=allow_import)
        if limit:
            found = preview(
                pipeline,
                limit,
                mode=mode,
                fit=fit,
                as_of=as_of,
                allow_import=allow_import,
                progress=progress,
            )
            return print_preview(found, pipeline.name, as_json=as_json, quiet=quiet)
        done = run_pipeline(
            pipeline,
            mode=mode,
            fit=fit,
            as_of=as_of,
            allow_import=allow_import,
            wait=wait,
            progress=progress,
        )
    record = done.to_json()
    write_junit(junit, record["pipeline"], record["checks"])
    if as_json:
        print_json(record)
    elif not quiet:
        show(run_summary(_pictured(pipeline.registry, record)), err=True)
    return int(record["exit_code"])


def _pictured(registry: Path | Server, record: Mapping[str, Any]) -> Mapping[str, Any]:
    """The record with its histograms; without, where the registry is held meanwhile: the run is over."""
    from normflow.errors import NormflowError
    from normflow.pipeline import pictured

    try:
        return pictured(registry, record)
    except NormflowError:
        return record


@normflow.command()
@click.argument("files", type=PIPELINE, nargs=-1, required=True)
@import_option
@pipeline_options
@output_options
def check(
    files: tuple[Path, ...],
    allow_import: tuple[str, ...],
    target: str | None,
    variables: Mapping[str, JsonScalar],
    as_json: bool,
    quiet: bool,
) -> int:
    """Find all that is wrong with pipeline FILES.

    They are judged by themselves and by the schemas of their sources; no row is read. What a plugin or
    standard input gives has no schema before it is read.
    """
    from normflow.cli import excerpts
    from normflow.errors import NormflowError
    from normflow.pipeline import loaded, prepare
    from normflow.report.text import plural

    results, worst = [], 0
    for file in files:
        try:
            pipeline = loaded(file, target=target, variables=variables, allow_import=allow_import)
            unseen = pipeline.source.table is not None and pipeline.source.table.is_unseen
            columns = None if unseen else len(prepare(pipeline, allow_import=allow_import).plan)
            results.append({"file": str(file), "ok": True, "columns": columns})
        except NormflowError as error:
            worst = max(worst, error.exit_code)
            told = error_document(error, error.message, error.exit_code)
            results.append({"file": str(file), "ok": False, "error": told})
            print_text(click.style(f"error {error.id}: ", fg="red") + excerpts.told(error))
            continue
        if not quiet and not as_json:
            found = UNSEEN if columns is None else f"{plural(columns, 'column')} to normalize"
            print_text(f"{file}: ok, {found}")
    if as_json:
        print_json({"version": 1, "exit_code": worst, "files": results})
    return worst


@normflow.command()
@click.argument("data", type=DATA)
@output_options
def profile(data: Path, as_json: bool, quiet: bool) -> None:
    """Tell what is known of each column of DATA.

    Ranges, moments, missing and distinct values, the shape, and which method auto would choose.
    """
    from normflow.pipeline import profile_file
    from normflow.report.summary import profile_table

    columns = profile_file(data, shapes=not as_json)
    if as_json:
        print_json({"version": 1, "file": str(data), "columns": columns})
    elif not quiet:
        show(profile_table(columns))


@normflow.command()
@click.argument("file", type=PIPELINE)
@click.argument("column", required=False)
@click.option(
    "--config", "of_config", is_flag=True, help="Each setting instead, and where its value came from."
)
@import_option
@pipeline_options
@output_options
def explain(
    file: Path,
    column: str | None,
    of_config: bool,
    allow_import: tuple[str, ...],
    target: str | None,
    variables: Mapping[str, JsonScalar],
    as_json: bool,
    quiet: bool,
) -> None:
    """Tell why each column of pipeline FILE got its method.

    Or only COLUMN: the questions asked, the evidence, the candidates with their scores, the formula.
    """
    from normflow.config import load, resolve, settings
    from normflow.pipeline import explained
    from normflow.report.explanation import explanation
    from normflow.report.settings import settings_table

    if of_config:
        found = [asdict(one) for one in settings(resolve(file, target=target, vars=variables))]
        if as_json:
            print_json({"version": 1, "file": str(file), "settings": found})
        elif not quiet:
            show(settings_table(found))
        return
    pipeline = load(file, target=target, vars=variables)
    columns = explained(pipeline, column, shapes=not as_json, allow_import=allow_import)
    if as_json:
        print_json({"version": 1, "file": str(file), "columns": columns})
    elif not quiet:
        show(explanation(columns))
