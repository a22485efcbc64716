"""The command group, and the options that every command has."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from normflow.cli.sections import DataFile, PipelineFile, RegistryPlace, Sections

if TYPE_CHECKING:
    from collections.abc import Callable

    from normflow.spec import JsonScalar


PIPELINE = PipelineFile(path_type=Path)
DATA = DataFile(path_type=Path)


@click.group(
    cls=Sections,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Begin with: normflow init DATA. Each command tells more: normflow run --help.",
)
@click.version_option(package_name="normflow-etl", prog_name="normflow")
def normflow() -> None:
    """Normalize tables by a YAML file: profile, choose, fit, validate, publish, and keep the record."""


def output_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """How a command answers: as JSON, quietly, without color; `as_json` and `quiet` reach the function."""
    for option in (
        click.option(
            "-v",
            "--verbose",
            is_flag=True,
            expose_value=False,
            help="Show where an unexpected error came from.",
        ),
        click.option(
            "--no-color",
            is_flag=True,
            expose_value=False,
            callback=_without_color,
            help="Plain text (NO_COLOR is obeyed as well).",
        ),
        click.option("-q", "--quiet", is_flag=True, help="Only errors."),
        click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout."),
    ):
        command = option(command)
    return command


def pipeline_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """How a pipeline file is read; `target` and `variables` reach the function, for `config.load`."""
    for option in (
        click.option(
            "--var",
            "variables",
            metavar="NAME=VALUE",
            multiple=True,
            callback=_variables,
            help="What ${var:NAME} is in this run; may be given again.",
        ),
        click.option("--target", metavar="NAME", help="The overlay under the file's targets."),
    ):
        command = option(command)
    return command


def import_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Which modules a file's schemas may import; `allow_import` reaches the function."""
    return click.option(
        "--allow-import",
        metavar="MODULE",
        multiple=True,
        help="Let the file's schemas import this module, and those below it; may be given again.",
    )(command)


def registry_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Which registry a command asks; `registry` reaches the function."""
    return click.option(
        "--registry",
        type=RegistryPlace(path_type=Path),
        default=Path(".normflow/registry.duckdb"),
        show_default=True,
    )(command)


def junit_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Where verdicts go as JUnit XML; `junit` reaches the function."""
    return click.option(
        "--junit",
        type=click.Path(path_type=Path),
        callback=_no_other_file,
        help="Write the verdicts there as JUnit XML, too.",
    )(command)


def _no_other_file(_context: click.Context, _option: click.Parameter, path: Path | None) -> Path | None:
    """A file that may be replaced: one that is not there, is empty, or holds XML; not data or a registry."""
    if path and path.is_file() and os.access(path, os.R_OK):
        with path.open("rb") as file:
            begin = file.read(100).lstrip(b"\xef\xbb\xbf \t\r\n")
        if begin and not begin.startswith(b"<"):
            raise click.BadParameter(f"{path} is there, and holds something else than XML.")
    return path


def _variables(
    _context: click.Context, _option: click.Parameter, given: tuple[str, ...]
) -> dict[str, JsonScalar]:
    """Names and values, each read as an unquoted value of the file would be."""
    from normflow.config.scalars import core_value

    found: dict[str, JsonScalar] = {}
    for one in given:
        name, equals, value = one.partition("=")
        if not (name and equals):
            raise click.BadParameter(f"'{one}' is not NAME=VALUE")
        found[name] = core_value(value)
    return found


def _without_color(context: click.Context, _option: click.Parameter, value: bool) -> None:
    if value or os.environ.get("NO_COLOR"):
        context.color = False
