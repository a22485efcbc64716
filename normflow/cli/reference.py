"""Commands that are looked up: methods, schema, plugins, completion, help."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from normflow.cli.answers import print_json, print_text, show
from normflow.cli.group import PIPELINE, normflow, output_options
from normflow.cli.pages import ids, page, title
from normflow.cli.sections import Sections, next_step

if TYPE_CHECKING:
    from pathlib import Path

    from normflow.methods import Method, RowMethod

SHELLS = ("bash", "zsh", "fish")
COMPLETING = "_NORMFLOW_COMPLETE"  # set while a shell asks how a word goes on


@normflow.command()
@click.argument("name", required=False)
@output_options
def methods(name: str | None, as_json: bool, quiet: bool) -> None:
    """List the methods, or tell all of method NAME."""
    from normflow.errors import ConfigError, suggestion
    from normflow.methods import METHODS, ROW_METHODS
    from normflow.methods.telling import told
    from normflow.report.reference import method_page, methods_table

    every: list[type[Method | RowMethod]] = [*METHODS, *ROW_METHODS]
    known = {one.name: told(one) for one in every}
    if name is not None and name not in known:
        raise ConfigError(f"no method '{name}'", hint=suggestion(name, known))
    found = list(known.values()) if name is None else [known[name]]
    if as_json:
        print_json({"version": 1, "exit_code": 0, "methods": found})
    elif not quiet:
        show(methods_table(found) if name is None else method_page(found[0]))


@normflow.command()
def schema() -> None:
    """Print the JSON Schema of pipeline files, for editors."""
    from normflow.config import pipeline_schema

    print_json(pipeline_schema(), indent=2)


@normflow.command()
@click.argument("file", type=PIPELINE, required=False)
@output_options
def plugins(file: Path | None, as_json: bool, quiet: bool) -> None:
    """List what installed packages offer; none of it is loaded.

    A pipeline loads only what it lists: with FILE it is told which of it that is.
    """
    from normflow.config import load
    from normflow.pipeline import offered
    from normflow.report.reference import plugins_table

    found = [one.to_json() for one in offered(load(file) if file else None)]
    if as_json:
        print_json({"version": 1, "exit_code": 0, "plugins": found})
    elif quiet:
        return
    elif found:
        show(plugins_table(found))
    else:
        print_text("no installed package offers methods or schemas")


@normflow.command()
@click.argument("shell", type=click.Choice(SHELLS))
def completion(shell: str) -> None:
    """Print the script that completes commands, options and files.

    It asks the normflow that is found on the path, so a newer version needs no newer script.
    """
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    if kind is not None:
        print_text(kind(normflow, {}, "normflow", COMPLETING).source_template % _names(), err=False)


def _names() -> dict[str, str]:
    """What click fills its templates with; `source` would start a shell first, to ask for its version."""
    return {
        "complete_func": "_normflow_completion",
        "complete_var": COMPLETING,
        "prog_name": "normflow",
    }


def _topics(_ctx: click.Context, _param: click.Parameter, begun: str) -> list[str]:
    """What a word of `normflow help` can become."""
    return [one for one in (*normflow.commands, *ids()) if one.lower().startswith(begun.lower())]


@normflow.command("help")
@click.argument("topic", nargs=-1, shell_complete=_topics)
@output_options
@click.pass_context
def helping(ctx: click.Context, topic: tuple[str, ...], as_json: bool, quiet: bool) -> None:
    """Tell of TOPIC: an error such as NF210, or a command."""
    if len(topic) == 1 and topic[0].upper() in ids():
        _tell_error(topic[0].upper(), as_json=as_json, quiet=quiet)
        return
    text = _help_of(ctx, topic)
    if as_json:
        print_json({"version": 1, "exit_code": 0, "topic": " ".join(topic), "text": text})
    elif not quiet:
        print_text(text, err=False)


def _tell_error(error: str, *, as_json: bool, quiet: bool) -> None:
    text = page(error)
    if as_json:
        print_json({"version": 1, "exit_code": 0, "id": error, "title": title(text), "text": text})
    elif quiet:
        return
    elif sys.stdout.isatty():
        from rich.markdown import Markdown

        show(Markdown(text))
    else:
        print_text(text.removesuffix("\n"), err=False)


def _help_of(ctx: click.Context, topic: tuple[str, ...]) -> str:
    """The help of a command, which words name from the outermost group on."""
    outer = ctx.find_root()
    command = outer.command
    for word in topic:
        inner = command.get_command(outer, word) if isinstance(command, Sections) else None
        if inner is None:
            if word[:2].upper() == "NF":
                raise click.UsageError(f"There is no error '{word}'; there are {', '.join(ids())}.")
            raise click.UsageError(
                f"There is no command '{word}'; {next_step(word, normflow.commands)}", ctx=outer
            )
        outer = click.Context(inner, info_name=word, parent=outer)
        command = inner
    return command.get_help(outer)
