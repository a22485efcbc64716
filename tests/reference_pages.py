"""Reference pages made of the code itself: `python -m tests.reference_pages` writes them.

`tests/test_reference_pages.py` compares the committed pages with what this module makes.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import yaml

from normflow.cli.catalogue import normflow
from normflow.cli.contents import EXAMPLES
from normflow.cli.pages import ids, page, title
from normflow.config import pipeline_schema
from normflow.errors import NormflowError
from tests.reference_names import names_page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

REFERENCE = Path(__file__).parent.parent / "docs" / "reference"
WRITTEN = "<!-- Written by `python -m tests.reference_pages`; a test compares. -->"
COMMANDS = """What `normflow COMMAND --help` says. [The command line](command-line.md) tells how they are
used, what they print and how they end."""
KEYS = """The keys of `normflow schema`, with their types. [The pipeline file](pipeline-file.md) tells them
with examples that run. Where a key takes one value, `${var:name}`, `${env:NAME}` or, under `source.options`,
`${secret:NAME}` may stand for it; any other key is an error."""
ELSEWHERE = "#/$defs/Reference"  # a value from elsewhere
MEANINGS = {
    1: "judged on rows",
    2: "found before a row is read",
    3: "execution",
    4: "busy",
    5: "a difference",
}


def commands_page() -> str:
    """Every command with its arguments, options and examples, as click has them."""
    parts = [
        "# Every command",
        WRITTEN,
        COMMANDS,
    ]
    for path, command in _commands(normflow, ""):
        ctx = click.Context(command, info_name=f"normflow {path}", help_option_names=["-h", "--help"])
        usage = " ".join([f"normflow {path}", *command.collect_usage_pieces(ctx)])
        options = [param.get_help_record(ctx) for param in command.get_params(ctx)]
        rows = [
            f"| `{_cell(record[0])}` | {_cell(record[1])} |" for record in options if record and record[1]
        ]
        examples = [f"{line}\n    {use}" for line, use in EXAMPLES.get(path, ())]
        parts += [
            f"## {path}",
            f"```text\n{usage}\n```",
            "\n\n".join(" ".join(one.split()) for one in (command.help or "").split("\n\n")),
            "\n".join(["| option | |", "|---|---|", *rows]),
            "```text\n" + "\n".join(examples) + "\n```",
        ]
    return "\n\n".join(parts) + "\n"


def _commands(group: click.Group, path: str) -> Iterator[tuple[str, click.Command]]:
    for name, command in sorted(group.commands.items()):
        if not command.hidden:
            yield f"{path}{name}", command
        if isinstance(command, click.Group):
            yield from _commands(command, f"{path}{name} ")


def errors_page() -> str:
    """The pages that `normflow help` shows, below each other."""
    kinds = {one.id: one for one in _kinds(NormflowError)}
    rows = [
        f"| [{one}](#{one.lower()}) | `{kinds[one].__name__}` | {kinds[one].exit_code} "
        f"| {title(page(one)).partition(': ')[2]} |"
        for one in ids()
    ]
    head = [
        "# Errors",
        WRITTEN,
        "Each error has an id, which messages begin with; `normflow help NF210` shows its part of this page. "
        "Exit codes: " + ", ".join(f"{code} {meaning}" for code, meaning in MEANINGS.items()) + ".",
        "\n".join(["| id | raised as | exit | |", "|---|---|---|---|", *rows]),
    ]
    return "\n\n".join([*head, *(_error(page(one)) for one in ids())]) + "\n"


def _kinds(kind: type[NormflowError]) -> Iterator[type[NormflowError]]:
    yield kind
    for child in kind.__subclasses__():
        if child.__module__.startswith("normflow"):
            yield from _kinds(child)


def _error(text: str) -> str:
    """A page on an error as a section, whose address is the id alone."""
    first, _, rest = text.partition("\n")
    name, _, meaning = first.lstrip("# ").partition(": ")
    body = "\n".join(f"**{line[3:]}**" if line.startswith("## ") else line for line in rest.splitlines())
    return f"## {name}\n\n{meaning[:1].upper()}{meaning[1:]}.\n{body}".rstrip()


def keys_page() -> str:
    """Every key of a pipeline file, from the JSON Schema that `normflow schema` prints."""
    schema = pipeline_schema()
    sections = dict(_sections(schema, schema["$defs"]))
    parts = [
        "# Every key of a pipeline file",
        WRITTEN,
        KEYS,
    ]
    for place, section in [("", schema), *sections.items()]:
        meaning = f"{section['description']}\n\n" if place else ""
        heading = f"`{place}`" if place else "The file"
        parts.append(f"## {heading}\n\n{meaning}{_keys(section)}")
    return "\n\n".join(parts) + "\n"


def _sections(
    section: Mapping[str, Any], definitions: Mapping[str, Any], path: str = ""
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The sections inside one, with the key they stand under; `<column>` stands for any name."""
    for key, value in section["properties"].items():
        columns = value.get("additionalProperties")
        inner = f"{path}{key}.<column>" if isinstance(columns, dict) else f"{path}{key}"
        names = [
            one for one in _references(columns if isinstance(columns, dict) else value) if one != "Reference"
        ]
        for name in dict.fromkeys(names):
            yield inner, definitions[name]
            yield from _sections(definitions[name], definitions, f"{inner}.")


def _references(schema: object) -> Iterator[str]:
    if isinstance(schema, dict):
        if "$ref" in schema and schema["$ref"] != ELSEWHERE:
            yield schema["$ref"].rpartition("/")[2]
        for key, value in schema.items():
            if key not in {"examples", "default"}:
                yield from _references(value)
    elif isinstance(schema, list):
        for one in schema:
            yield from _references(one)


def _keys(section: Mapping[str, Any]) -> str:
    required = section.get("required", [])
    rows = ["| key | value | default | meaning | for example |", "|---|---|---|---|---|"]
    for key, value in section["properties"].items():
        default = "required" if key in required else _value(value["default"]) if "default" in value else ""
        examples = ", ".join(_value(one) for one in value.get("examples", []))
        kinds = " or ".join(dict.fromkeys(_types(value)))
        cells = (f"`{key}`", kinds, default, value.get("description", ""), examples)
        rows.append(f"| {' | '.join(_cell(one) for one in cells)} |")
    return "\n".join(rows)


def _types(schema: Mapping[str, Any]) -> Iterator[str]:
    """What a value may be, in words; references to values from elsewhere are told once, above the tables."""
    if "anyOf" in schema:
        for one in schema["anyOf"]:
            yield from _types(one)
    elif "$ref" in schema:
        if schema["$ref"] != ELSEWHERE:
            yield "keys, see below"
    elif "const" in schema or "enum" in schema:
        yield ", ".join(_value(one) for one in schema.get("enum", [schema.get("const")]))
    elif isinstance(schema.get("type"), list):
        yield from schema["type"]
    elif schema.get("type") == "array":
        items = schema.get("items") or schema.get("prefixItems")
        inner = items if isinstance(items, list) else [items] if isinstance(items, dict) else []
        yield "list of " + (
            " or ".join(dict.fromkeys(kind for one in inner for kind in _types(one))) or "values"
        )
    elif schema.get("type") == "object":
        yield "mapping"
    else:
        yield str(schema.get("type", "any value"))


def _value(value: object) -> str:
    """A value as YAML in one line."""
    text = yaml.safe_dump(value, default_flow_style=True, width=10_000, allow_unicode=True, sort_keys=False)
    return f"`{text.removesuffix(chr(10)).removesuffix(chr(10) + '...')}`"


def _cell(text: str) -> str:
    """Text that stays in its cell of a table."""
    return " ".join(text.split()).replace("|", "\\|")


PAGES: Mapping[str, Callable[[], str]] = {
    "commands.md": commands_page,
    "errors.md": errors_page,
    "keys.md": keys_page,
    "names.md": lambda: names_page(WRITTEN),
}

if __name__ == "__main__":
    for name, made in PAGES.items():
        (REFERENCE / name).write_text(made())
