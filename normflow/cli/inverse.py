"""`normflow inverse`: normalized rows, or predictions, back in the units they came from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from normflow.cli.answers import print_json, print_text
from normflow.cli.group import DATA, PIPELINE, normflow, output_options, pipeline_options

if TYPE_CHECKING:
    from collections.abc import Mapping

    from normflow.spec import JsonScalar


def _pairs(
    _context: click.Context, _option: click.Parameter, given: tuple[str, ...]
) -> dict[str, str] | None:
    """Columns of the data, each with the output whose fit takes it back; its own name where none is given."""
    pairs = [one.partition("=") for one in given]
    return {name: output or name for name, _, output in pairs} or None


@normflow.command()
@click.argument("file", type=PIPELINE)
@click.argument("data", type=DATA)
@click.option("-o", "--out", type=click.Path(path_type=Path), required=True, help="Write to this file.")
@click.option("--fit", metavar="FIT", help="Undo this fit: an id, a unique prefix, pipeline@latest, a file.")
@click.option(
    "--column",
    "columns",
    metavar="NAME[=OUTPUT]",
    multiple=True,
    callback=_pairs,
    help="Only this column of DATA, by the fit of OUTPUT where it has another name; may be given again.",
)
@pipeline_options
@output_options
def inverse(
    file: Path,
    data: Path,
    out: Path,
    fit: str | None,
    columns: Mapping[str, str] | None,
    target: str | None,
    variables: Mapping[str, JsonScalar],
    as_json: bool,
    quiet: bool,
) -> None:
    """Bring DATA back to the units of the source of FILE.

    By the fit of the pipeline's last successful run, or --fit. Columns that are no outputs of it stay.
    """
    from normflow.config import load
    from normflow.pipeline import restore
    from normflow.report.text import plural

    pipeline = load(file, target=target, vars=variables)
    done = restore(pipeline, str(data), out, fit=fit, columns=columns)
    if as_json:
        print_json(done.to_json())
    elif not quiet:
        fitted = f"fit {done.fit_id[:12]}"
        told = f"{plural(done.rows, 'row')}, {plural(len(done.columns), 'column')} back by {fitted}"
        print_text(f"{out}: {told}, {done.bytes:,} bytes")
        for name, count in done.lost.items():
            if count:
                values = plural(count, "value")
                print_text(f"warning: {name}: {values} that the fit cannot give became null")
