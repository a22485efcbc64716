"""The commands that ask what a run would do, what two runs differ in, and whether one can be repeated."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from normflow.cli.answers import print_json, print_text, show
from normflow.cli.commands import MODES
from normflow.cli.group import normflow, output_options, pipeline_options, registry_option

if TYPE_CHECKING:
    from collections.abc import Mapping

    from normflow.spec import JsonScalar, Mode

OUT = click.option("-o", "--out", type=click.Path(path_type=Path), help="Write to this file.")


@normflow.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--mode", type=click.Choice(MODES), help="As `normflow run --mode`.")
@click.option("--exit-code", "tell", is_flag=True, help="End with 5 where a run would change something.")
@pipeline_options
@output_options
def plan(
    file: Path,
    mode: Mode | None,
    tell: bool,
    target: str | None,
    variables: Mapping[str, JsonScalar],
    as_json: bool,
    quiet: bool,
) -> int:
    """Tell what a run of pipeline FILE would do, and why; writes and records nothing."""
    from normflow.config import load
    from normflow.pipeline import plan as planned_run
    from normflow.report.history import planned

    found = planned_run(load(file, target=target, vars=variables), mode=mode)
    if as_json:
        print_json(found.to_json())
    elif not quiet:
        show(planned(found.to_json()))
    return found.exit_code if tell else 0


@normflow.command()
@click.argument("a")
@click.argument("b")
@registry_option
@output_options
def diff(a: str, b: str, registry: Path, as_json: bool, quiet: bool) -> int:
    """Show what differs between A and B: runs or fits, by id, unique prefix, `pipeline@latest` or file."""
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
def rerun(run_id: str, out: Path | None, registry: Path, as_json: bool, quiet: bool) -> int:
    """Make RUN again from its configuration, fit and inputs, and compare the outputs' hashes."""
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
@click.option("--to", type=click.Choice(("json",)), default="json", show_default=True, help="The format.")
@OUT
@registry_option
@output_options
def export(
    reference: str,
    to: str,  # noqa: ARG001  (the only one there is)
    out: Path | None,
    registry: Path,
    as_json: bool,  # noqa: ARG001  (it is JSON in any case)
    quiet: bool,
) -> None:
    """Write a fit with its run and configuration as one JSON file, for `run FILE --fit` elsewhere."""
    from normflow.pipeline import exported
    from normflow.pipeline.export import keep
    from normflow.registry import Registry

    text = exported(Registry(registry), reference)
    if out is None:
        print_text(text, err=False)
        return
    keep(text, out)
    if not quiet:
        print_text(f"{out}: {len(text.encode()):,} bytes")
