"""The command that writes the page of a run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from normflow.cli.answers import legible, print_json, print_text
from normflow.cli.group import normflow, output_options, registry_option

if TYPE_CHECKING:
    from normflow.spec import Server


@normflow.command("report")
@click.argument("run_id", metavar="[RUN]", required=False)
@click.option("--all", "every", is_flag=True, help="A site of all pipelines of the registry, into a folder.")
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path),
    help="Write to this file, not to RUN.html; with --all to this folder, not to site.",
)
@click.option(
    "--last",
    type=click.IntRange(min=1),
    default=20,
    show_default=True,
    help="With --all: how many runs of each pipeline have pages.",
)
@registry_option
@output_options
def report_run(
    run_id: str | None,
    every: bool,
    out: Path | None,
    last: int,
    registry: Path | Server,
    as_json: bool,
    quiet: bool,
) -> None:
    """Write RUN, or --all, as HTML that opens offline.

    RUN is an id, a unique prefix, or `pipeline@latest`, and becomes one page. All runs become a site.
    """
    if every == (run_id is not None):
        raise click.UsageError("Name a RUN, or say --all for all of them.")
    if run_id is None:
        _site(registry, out or Path("site"), last, as_json=as_json, quiet=quiet)
        return
    from normflow.pipeline import write_report
    from normflow.registry import Registry

    if out and out.is_dir():
        raise click.BadParameter(f"{out} is a folder, and a page is a file.", param_hint="-o")
    with legible(registry):
        found = Registry(registry).run(run_id).run_id
        path = out or Path(f"{found}.html")
        size = write_report(registry, found, path)
    if as_json:
        print_json({"version": 1, "run_id": found, "report": str(path), "bytes": size})
    elif not quiet:
        print_text(f"{path}: {size:,} bytes")


def _site(registry: Path | Server, folder: Path, last: int, *, as_json: bool, quiet: bool) -> None:
    from normflow.pipeline import write_site

    with legible(registry):
        pages = write_site(registry, folder, last=last)
    if as_json:
        print_json({"version": 1, "site": str(folder), "pages": pages})
    elif not quiet:
        print_text(f"{folder / 'index.html'}: {pages:,} pages")
