"""The commands that judge rows without a run, or once more: validate and replay."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from normflow.cli.answers import print_json, show
from normflow.cli.group import (
    PIPELINE,
    import_option,
    junit_option,
    normflow,
    output_options,
    pipeline_options,
    registry_option,
)
from normflow.cli.logged import log_option, logged
from normflow.cli.verdicts import failures_in, write_junit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from normflow.spec import JsonScalar, Server


@normflow.command()
@click.argument("file", type=PIPELINE)
@click.option("--fit", metavar="FIT", help="Judge the outputs of this fit: an id, a prefix, a file.")
@junit_option
@import_option
@pipeline_options
@output_options
def validate(
    file: Path,
    fit: str | None,
    junit: Path | None,
    allow_import: tuple[str, ...],
    target: str | None,
    variables: Mapping[str, JsonScalar],
    as_json: bool,
    quiet: bool,
) -> int:
    """Judge the source of pipeline FILE by contract and checks.

    Nothing is written or recorded.
    """
    from normflow.pipeline import loaded
    from normflow.pipeline import validate as judge
    from normflow.report.validation import validation_summary

    with failures_in(junit, file.stem):
        pipeline = loaded(file, target=target, variables=variables, allow_import=allow_import)
        found = judge(pipeline, fit=fit, allow_import=allow_import).to_json()
    write_junit(junit, found["pipeline"], found["checks"])
    if as_json:
        print_json(found)
    elif not quiet:
        show(validation_summary(found), err=True)
    return int(found["exit_code"])


@normflow.command()
@click.argument("run_id", metavar="RUN")
@click.option("-o", "--out", type=click.Path(path_type=Path), help="Default: <sink>.replay-<run>.")
@log_option
@import_option
@registry_option
@output_options
def replay(
    run_id: str,
    out: Path | None,
    log: Path | None,
    allow_import: tuple[str, ...],
    registry: Path | Server,
    as_json: bool,
    quiet: bool,
) -> int:
    """Put the quarantined rows of RUN, after a mend, through its fit.

    Its contract judges them once more; those that pass go into OUT.
    """
    from normflow.pipeline import replay as once_more
    from normflow.report.summary import run_summary

    with logged(log):
        record = once_more(registry, run_id, out, allow_import=allow_import).to_json()
    if as_json:
        print_json(record)
    elif not quiet:
        show(run_summary(record), err=True)
    return int(record["exit_code"])
