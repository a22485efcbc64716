"""What a run would do, which there were, what two differ in, and whether one can be repeated."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from normflow.cli.answers import legible, print_json, print_text, show
from normflow.cli.commands import MODES
from normflow.cli.group import (
    PIPELINE,
    import_option,
    normflow,
    output_options,
    pipeline_options,
    registry_option,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from normflow.spec import JsonScalar, Mode, Server

DIALECTS = ("duckdb", "postgres", "spark", "bigquery")
OUT = click.option("-o", "--out", type=click.Path(path_type=Path), help="Write to this file.")


@normflow.command()
@click.argument("file", type=PIPELINE)
@click.option("--mode", type=click.Choice(MODES), help="As `normflow run --mode`.")
@click.option("--exit-code", "tell", is_flag=True, help="End with 5 where a run would change something.")
@click.option("--read/--no-read", default=True, help="Read new rows to tell drift and changes (default).")
@import_option
@pipeline_options
@output_options
def plan(
    file: Path,
    mode: Mode | None,
    tell: bool,
    read: bool,
    allow_import: tuple[str, ...],
    target: str | None,
    variables: Mapping[str, JsonScalar],
    as_json: bool,
    quiet: bool,
) -> int:
    """Tell what a run of pipeline FILE would do, and why.

    Nothing is written or recorded.
    """
    from normflow.pipeline import fitted, loaded
    from normflow.pipeline import plan as planned_run
    from normflow.report.history import planned

    pipeline = loaded(file, target=target, variables=variables, allow_import=allow_import)
    found = planned_run(pipeline, mode=mode, read=read, allow_import=allow_import)
    code = found.exit_code if tell else 0
    if as_json:
        print_json({**found.to_json(), "exit_code": code})
    elif not quiet:
        reused = found.fit_id if found.fit == "reused" else None
        show(planned(found.to_json(), fitted(pipeline, reused) if reused else []))
    return code


@normflow.command()
@click.argument("pipeline", required=False)
@registry_option
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True)
@output_options
def runs(pipeline: str | None, registry: Path | Server, limit: int, as_json: bool, quiet: bool) -> None:
    """List recorded runs, newest first.

    All of the registry, or those of PIPELINE, which is a name or a pipeline file.
    """
    from normflow.config import load
    from normflow.pipeline import recorded_runs
    from normflow.report.summary import runs_table

    if pipeline and pipeline.endswith((".yaml", ".yml")):
        file = load(pipeline)
        pipeline, registry = file.name, file.registry
    with legible(registry):
        found = recorded_runs(registry, pipeline, limit)
        if as_json:
            print_json({"version": 1, "runs": found})
        elif not quiet:
            show(runs_table(found))


@normflow.command("show")
@click.argument("run_id", metavar="RUN")
@registry_option
@output_options
def show_run(run_id: str, registry: Path | Server, as_json: bool, quiet: bool) -> None:
    """Show one run as it was told.

    RUN is an id, a unique prefix, or `pipeline@latest`.
    """
    from normflow.pipeline import pictured, recorded_run
    from normflow.report.summary import run_summary

    with legible(registry):
        record = recorded_run(registry, run_id)
        if as_json:
            print_json(record)
        elif not quiet:
            show(run_summary(pictured(registry, record)))


@normflow.command()
@click.argument("a")
@click.argument("b")
@registry_option
@output_options
def diff(a: str, b: str, registry: Path | Server, as_json: bool, quiet: bool) -> int:
    """Show what differs between A and B, two runs or fits.

    Each is an id, a unique prefix, `pipeline@latest`, or the file of an exported fit.
    """
    from normflow.pipeline import compared
    from normflow.registry import Registry
    from normflow.report.history import comparison

    found = compared(Registry(registry), a, b)
    if as_json:
        print_json(found.to_json())
    elif not quiet:
        show(comparison(found.to_json()))
    return found.exit_code


@normflow.command()
@click.argument("run_id", metavar="RUN")
@OUT
@registry_option
@output_options
def rerun(run_id: str, out: Path | None, registry: Path | Server, as_json: bool, quiet: bool) -> int:
    """Make RUN again, and compare the bytes.

    Its recorded configuration, fit and inputs are used; nothing is written without -o.
    """
    from normflow.pipeline import rerun as run_again
    from normflow.registry import Registry
    from normflow.report.history import repeated

    found = run_again(Registry(registry), run_id, out)
    if as_json:
        print_json(found.to_json())
    elif not quiet:
        show(repeated(found.to_json()))
    return found.exit_code


@normflow.command()
@click.argument("reference", metavar="RUN|FIT")
@click.option(
    "--to",
    type=click.Choice(("json", "sql", "dbt", "onnx", "sklearn")),
    default="json",
    show_default=True,
    help="The format.",
)
@click.option("--table", metavar="NAME", help="Of --to sql and dbt: the table; default: the pipeline's name.")
@click.option(
    "--dialect", type=click.Choice(DIALECTS), default="duckdb", show_default=True, help="Of --to sql and dbt."
)
@click.option("--inverse", is_flag=True, help="Of --to sql: back to the units of the source.")
@OUT
@registry_option
@output_options
def export(
    reference: str,
    to: str,
    table: str | None,
    dialect: str,
    inverse: bool,
    out: Path | None,
    registry: Path | Server,
    as_json: bool,
    quiet: bool,
) -> None:
    """Write a fit as JSON for `run --fit`, or for another system.

    The JSON document has the run and the configuration the fit came from. The SQL is one SELECT that does
    what the fit does, in the warehouse itself; dbt is the same as a model. ONNX needs `-o`, or a pipe.
    """
    from normflow.pipeline import exported, exported_dbt, exported_onnx, exported_sklearn, exported_sql
    from normflow.pipeline.export import keep
    from normflow.registry import Registry

    record = Registry(registry)
    if (table and to not in {"sql", "dbt"}) or (inverse and to != "sql"):
        raise click.UsageError("--table is of --to sql and dbt, and --inverse of --to sql.")
    writers: dict[str, Callable[[], str | bytes]] = {
        "json": lambda: exported(record, reference),
        "sql": lambda: exported_sql(record, reference, table, dialect, inverse=inverse),
        "dbt": lambda: exported_dbt(record, reference, table, dialect),
        "onnx": lambda: exported_onnx(record, reference),
        "sklearn": lambda: exported_sklearn(record, reference),
    }
    if to == "onnx" and out is None and (as_json or sys.stdout.isatty()):
        raise click.UsageError("An ONNX model is bytes: name a file with -o.")
    text: str | bytes = writers[to]()
    size = len(text) if isinstance(text, bytes) else len(text.encode()) + 1
    if out is not None:
        record.require_other(out)
        keep(text, out)
    if as_json and (to != "json" or out):
        where = {"path": str(out), "bytes": size} if out else {"text": text}
        print_json({"version": 1, "exit_code": 0, "to": to, **where})
    elif isinstance(text, bytes) and out is None:
        sys.stdout.buffer.write(text)
    elif out is None:
        print_text(str(text), err=False)
    elif not quiet:
        print_text(f"{out}: {size:,} bytes")
