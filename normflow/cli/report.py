"""The command that writes the page of a run."""

from __future__ import annotations

from pathlib import Path

import click

from normflow.cli.answers import legible, print_json, print_text
from normflow.cli.group import normflow, output_options, registry_option


@normflow.command("report")
@click.argument("run_id", metavar="RUN")
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write to this file, not to RUN.html.",
)
@registry_option
@output_options
def report_run(run_id: str, out: Path | None, registry: Path, as_json: bool, quiet: bool) -> None:
    """Write RUN as one HTML page that opens offline.

    RUN is an id, a unique prefix, or `pipeline@latest`.
    """
    from normflow.pipeline import write_report
    from normflow.registry import Registry

    with legible(registry):
        found = Registry(registry).run(run_id).run_id
        path = out or Path(f"{found}.html")
        size = write_report(registry, found, path)
    if as_json:
        print_json({"version": 1, "run_id": found, "report": str(path), "bytes": size})
    elif not quiet:
        print_text(f"{path}: {size:,} bytes")
