"""The command group, and the options that every command has."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
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


def registry_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Which registry a command asks; `registry` reaches the function."""
    return click.option(
        "--registry",
        type=click.Path(path_type=Path),
        default=Path(".normflow/registry.duckdb"),
        show_default=True,
    )(command)


def _without_color(context: click.Context, _option: click.Parameter, value: bool) -> None:
    if value or os.environ.get("NO_COLOR"):
        context.color = False
