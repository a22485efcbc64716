"""How help reads: commands by section, examples at the end, and a first mistake answered by the next step."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from normflow.cli.contents import ELSEWHERE, EXAMPLES, SECTIONS
from normflow.errors import suggestion

if TYPE_CHECKING:
    from collections.abc import Iterable

PIPELINES = (".yaml", ".yml")


class Command(click.Command):
    """A command whose help ends with examples."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Files in the place of one are answered with the glob that the shell took apart."""
        given = list(args)
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            files = [one for one in given if is_data(one)]
            if len(files) > 1 and error.message.startswith("Got unexpected extra argument"):
                ctx.fail(
                    f"{len(files)} files, where one place is asked for; quote a glob: '{_glob(files[0])}'"
                )
            raise

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Each example, and below it what it is for."""
        _write_examples(ctx, formatter)


def _glob(file: str) -> str:
    """All files of a file's folder and ending: `days/2024-01-01.csv.gz` gives `days/*.csv.gz`."""
    folder, slash, name = file.rpartition("/")
    return f"{folder}{slash}*.{name.partition('.')[2]}"


class Sections(click.Group):
    """A group whose help lists its commands by section, and that knows what else could have been meant."""

    command_class = Command
    group_class = type  # groups inside are of this class too

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """A list a section; what has no section comes last."""
        listed = {name: command for name, command in self.commands.items() if not command.hidden}
        sections = SECTIONS if ctx.parent is None else {"Commands": tuple(listed)}
        placed = {name for names in sections.values() for name in names}
        sections = {**sections, "More": tuple(name for name in listed if name not in placed)}
        longest = max(map(len, listed), default=0)
        for title, names in sections.items():
            rows = [(name.ljust(longest), _brief(listed[name])) for name in names if name in listed]
            if rows:
                with formatter.section(title):
                    formatter.write_dl(rows)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Examples, and how to go on."""
        _write_examples(ctx, formatter)
        super().format_epilog(ctx, formatter)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that is named; where there is none, what to do instead."""
        word = args[0]
        known = self.get_command(ctx, word) is not None or ctx.resilient_parsing
        if not known and not word.startswith("-"):
            told = next_step(word, self.commands) if ctx.parent is None else suggestion(word, self.commands)
            ctx.fail(f"There is no command '{word}'; {told}")
        return super().resolve_command(ctx, args)


def path_of(ctx: click.Context) -> str:
    """The words of a command after the program's name: `run`, `registry check`."""
    names = []
    current: click.Context | None = ctx
    while current is not None and current.parent is not None:
        names.append(current.command.name or "")
        current = current.parent
    return " ".join(reversed(names))


def next_step(word: str, commands: Iterable[str]) -> str:
    """What somebody who wrote `normflow WORD` can write instead."""
    if word.endswith(PIPELINES):
        return f"to run this pipeline: normflow run {word}"
    if os.path.exists(word) or is_data(word):  # noqa: PTH110 (a word may be no path at all)
        return f"to look at this data: normflow profile {word}; to begin a pipeline: normflow init {word}"
    if word in ELSEWHERE:
        return f"did you mean '{ELSEWHERE[word]}'?"
    close = suggestion(word, commands)
    return close if close.startswith("did you mean") else "normflow --help lists the commands"


def is_data(word: str) -> bool:
    """Whether a word is the name of a data file, by its ending."""
    from normflow.spec import format_of

    return format_of(word) is not None


class PipelineFile(click.Path):
    """The path of a pipeline file; data in its place is answered with what makes a pipeline of it."""

    name = "file"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The path; no file is looked at here but by its name."""
        if not str(value).endswith(PIPELINES) and is_data(str(value)):
            self.fail(
                f"'{value}' is data, and no pipeline file: normflow init {value} writes one for it.",
                param,
                ctx,
            )
        return super().convert(value, param, ctx)

    def get_missing_message(self, param: click.Parameter, ctx: click.Context | None) -> str:  # noqa: ARG002
        """The pipeline files that are here, or the command that writes one."""
        here = sorted(name for name in os.listdir() if name.endswith(PIPELINES))  # noqa: PTH208
        if here:
            return f"Pipeline files here: {', '.join(here[:5])}"
        return "There is none here: normflow init DATA writes one."


class RegistryPlace(click.Path):
    """The path of a registry, or the address of the server that holds it."""

    name = "path or url"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The place; nothing is opened here."""
        if not isinstance(value, str) or "://" not in value:
            return super().convert(value, param, ctx)
        from normflow.spec import registry_place

        try:
            return registry_place(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


class DataFile(click.Path):
    """The path of data; a pipeline file in its place is answered with the command for it."""

    name = "data"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The path; no file is looked at here but by its name."""
        if str(value).endswith(PIPELINES):
            self.fail(
                f"'{value}' is a pipeline file, and no data: normflow explain {value} tells of its columns.",
                param,
                ctx,
            )
        return super().convert(value, param, ctx)


def _write_examples(ctx: click.Context, formatter: click.HelpFormatter) -> None:
    examples = EXAMPLES.get(path_of(ctx), ())
    if examples:
        with formatter.section("Examples"):
            for line, told in examples:
                formatter.write(f"{'':{formatter.current_indent}}{line}\n")
                formatter.write(f"{'':{formatter.current_indent + 4}}{told}\n")


def _brief(command: click.Command) -> str:
    return command.get_short_help_str(limit=100)
