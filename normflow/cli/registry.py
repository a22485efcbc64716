"""Care for the registry: is it sound, what did runs leave, how large is it, what should it no longer know."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from normflow.cli.answers import print_json, print_text
from normflow.cli.group import normflow, output_options, registry_option

if TYPE_CHECKING:
    from normflow.spec import Server

DAMAGED = 3


@normflow.group("registry")
def care() -> None:
    """Care for the registry: check, recover, compact, backup, forget."""


@care.command()
@registry_option
@output_options
def check(registry: Path | Server, as_json: bool, quiet: bool) -> int:
    """Read the whole registry and judge it.

    Exit code 3 where something is wrong.
    """
    from normflow.registry import Registry, health
    from normflow.report.text import plural

    found = health(Registry(registry))
    code = DAMAGED if found.flaws else 0
    if as_json:
        print_json({"version": 1, "exit_code": code, **asdict(found)})
        return code
    for flaw in found.flaws:
        print_text(click.style("error: ", fg="red") + str(flaw))
    if not quiet:
        for run_id in found.unfinished:
            print_text(f"run {run_id} never ended: it is running, or `normflow registry recover` ends it")
        held = ", ".join(plural(found.rows[table], table[:-1]) for table in ("runs", "fits", "profiles"))
        verdict = plural(len(found.flaws), "flaw") if found.flaws else "sound"
        print_text(f"{registry}: {verdict}, format {found.format}, {held}")
    return code


@care.command()
@registry_option
@output_options
def recover(registry: Path | Server, as_json: bool, quiet: bool) -> None:
    """Finish or undo what runs that died left behind.

    The next run on their sinks would do the same.
    """
    from normflow.pipeline import recover_all
    from normflow.registry import Registry

    found = recover_all(Registry(registry))
    if as_json:
        print_json({"version": 1, "exit_code": 0, "runs": [asdict(one) for one in found]})
    elif not quiet:
        for one in found:
            print_text(f"run {one.run_id} of {one.pipeline}: {one.status}, {one.told}")
        if not found:
            print_text("nothing to recover")


@care.command()
@registry_option
@output_options
def compact(registry: Path | Server, as_json: bool, quiet: bool) -> None:
    """Write the registry anew without unused room.

    It is replaced in one step.
    """
    from normflow.registry import Registry
    from normflow.registry import compact as compact_registry

    before, after = compact_registry(Registry(registry))
    if as_json:
        print_json({"version": 1, "exit_code": 0, "bytes_before": before, "bytes_after": after})
    elif not quiet:
        print_text(f"{registry}: {before:,} bytes before, {after:,} after")


@care.command()
@click.argument("to", type=click.Path(path_type=Path))
@registry_option
@output_options
def backup(to: Path, registry: Path | Server, as_json: bool, quiet: bool) -> None:
    """Copy the registry to the new file TO.

    The copy is one state of it, and its SHA-256 is told.
    """
    from normflow.registry import Registry
    from normflow.registry import backup as back_up

    copy = back_up(Registry(registry), to)
    if as_json:
        print_json({"version": 1, "exit_code": 0, **asdict(copy), "path": str(copy.path)})
    elif not quiet:
        print_text(f"{copy.path}: {copy.bytes:,} bytes, SHA-256 {copy.sha256}")


@care.command()
@click.argument("pipeline")
@click.option("--column", help="Only what was learned from this column, and the fits that know it.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@registry_option
@output_options
def forget(
    pipeline: str, column: str | None, yes: bool, registry: Path | Server, as_json: bool, quiet: bool
) -> None:
    """Remove what was learned from PIPELINE.

    Fits, choices, profiles and examples go; runs stay on record.
    """
    from normflow.registry import Registry
    from normflow.registry import compact as compact_registry
    from normflow.registry import forget as forget_learned
    from normflow.report.text import plural

    what = f"column '{column}' of pipeline '{pipeline}'" if column else f"pipeline '{pipeline}'"
    if not yes:
        _confirm(f"Forget all that was learned from {what}?")
    record = Registry(registry)
    found = forget_learned(record, pipeline, column)
    if isinstance(record.path, Path):  # what is deleted stays in unused blocks until they are written anew
        compact_registry(record)
    if as_json:
        print_json({"version": 1, "exit_code": 0, **asdict(found)})
    elif not quiet:
        removed = ", ".join(f"{table} {rows:,}" for table, rows in found.rows.items())
        nothing = "nothing, since nothing was known of it"
        print_text(f"forgotten of {what}: {removed if any(found.rows.values()) else nothing}")
        if found.shared:
            print_text(f"{plural(len(found.shared), 'fit')} stay: other pipelines use them")
        if not isinstance(record.path, Path):
            print_text("what is deleted stays on the server's disk until VACUUM FULL")
        print_text("outputs, backups and copies of earlier formats are not touched")


def _confirm(question: str) -> None:
    if not sys.stdin.isatty():
        raise click.UsageError(f"{question} Say so with --yes.")
    click.confirm(question, abort=True, err=True)
