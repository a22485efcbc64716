"""The page on every public name in Python: signatures and docstrings."""

from __future__ import annotations

import ast
import inspect
import re
from importlib import import_module
from typing import TYPE_CHECKING, Any

import normflow as nf
from normflow.errors import NormflowError
from tests.reference_source import parsed, told

if TYPE_CHECKING:
    from collections.abc import Iterator

MODULES = {
    "normflow.registry": ("Registry",),
    "normflow.pipeline": ("report", "write_site"),
    "normflow.polars": ("FrameNamespace", "ExprNamespace"),
    "normflow.sklearn": ("Normalizer",),
    "normflow.onnx": ("to_onnx",),
    "normflow.methods": ("Method", "ColumnMethod"),
    "normflow.plugins": ("Hook",),
    "normflow.logs": ("JsonLines",),
    "normflow.testing": (
        "MethodContract",
        "CheckContract",
        "HookContract",
        "SecretsContract",
        "SourceContract",
        "SinkContract",
    ),
}
HOSTS = {  # not installed where the page is made: read, not imported
    "normflow.spark": ("fit", "profile", "transform", "inverse"),
    "normflow.integrations.airflow": ("NormflowOperator", "normflow_task"),
    "normflow.integrations.dagster": ("normflow_asset", "NormflowComponent"),
    "normflow.integrations.dlt": ("normalize",),
    "normflow.integrations.hamilton": ("check_contract", "ContractValidator"),
    "normflow.integrations.kedro": (
        "run_node",
        "fit_node",
        "transform_node",
        "FitDataset",
        "ContractHooks",
    ),
    "normflow.integrations.openlineage": ("run", "Events"),
    "normflow.integrations.opentelemetry": ("Spans",),
    "normflow.integrations.prefect": ("run_pipeline", "normflow_flow"),
}
SECTION = re.compile(r"^(Args|Raises|Returns|Yields):$")
ITEM = re.compile(r"^ {4}(\*{0,2}[\w.]+(?:, [\w.]+)*): ")


class Plain(str):
    """An annotation that is shown without quotes."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def names_page(written: str) -> str:
    """Functions, classes with their methods, and errors, in the order of the alphabet."""
    parts = [
        "# Every name in Python",
        written,
        "Signatures and docstrings. [Python](python.md) shows how they are used.",
        "## normflow",
    ]
    for name in sorted(nf.__all__, key=str.lower):
        parts += _told(f"nf.{name}", getattr(nf, name))
    for module, names in MODULES.items():
        parts += [f"## {module}", _prose(ast.get_docstring(parsed(module)))]
        for name in names:
            parts += _told(name, getattr(import_module(module), name))
    for module, names in HOSTS.items():
        parts += [f"## {module}", _prose(ast.get_docstring(parsed(module)))]
        for name in names:
            parts += _read(module, name)
    return "\n\n".join(parts) + "\n"


def _told(name: str, value: Any) -> Iterator[str]:
    yield f"### {name}"
    if isinstance(value, type) and issubclass(value, NormflowError) and "__init__" not in vars(value):
        yield f"Exit code {value.exit_code}, id {value.id}: [what to do](errors.md#{value.id.lower()})."
        yield _prose(value.__doc__)
        return
    if not getattr(value, "_is_protocol", False):  # which nobody makes
        yield f"```text\n{name}{_signature(value)}\n```"
    yield _prose(inspect.getdoc(value))
    if isinstance(value, type):
        yield from _members(value)


def _read(module: str, name: str) -> Iterator[str]:
    (call, text), *members = told(module, name)
    yield f"### {name}"
    yield f"```text\n{call}\n```"
    yield _prose(text)
    for member, meaning in members:
        yield f"**`{member}`**"
        yield _prose(meaning)


def _members(kind: type) -> Iterator[str]:
    """Public methods and properties that the class, or a base of normflow's own, defines with a docstring."""
    for name in sorted(dir(kind)):
        home = next((one for one in kind.__mro__ if name in vars(one)), object)
        member = inspect.getattr_static(kind, name)
        if name.startswith("_") or not home.__module__.startswith("normflow") or not inspect.getdoc(member):
            continue
        if isinstance(member, property):
            yield f"**`.{name}`**"
        elif callable(getattr(kind, name)):
            yield f"**`.{name}{_signature(getattr(kind, name))}`**"
        else:
            continue
        yield _prose(inspect.getdoc(member))


def _signature(value: Any) -> str:
    signature = inspect.signature(value)
    parameters = [
        one.replace(annotation=_plain(one.annotation))
        for one in signature.parameters.values()
        if one.name != "self"
    ]
    return str(
        signature.replace(parameters=parameters, return_annotation=_plain(signature.return_annotation))
    )


def _plain(annotation: Any) -> Any:
    return Plain(annotation) if isinstance(annotation, str) else annotation


def _prose(text: str | None) -> str:
    """A docstring as Markdown: its sections are bold words, and their entries a list."""
    lines: list[str] = []
    listed = False
    for line in inspect.cleandoc(text or "").splitlines():
        if section := SECTION.match(line):
            listed = True
            lines += [f"**{section[1]}**", ""]
        elif listed and (item := ITEM.match(line)):
            lines.append(f"- `{item[1]}`: {line[item.end() :]}")
        elif listed and line.strip():
            lines.append(f"  {line.strip()}")
        else:
            listed = listed and not line.strip()
            lines.append(line)
    return "\n".join(lines)
