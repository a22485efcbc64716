"""Signatures and docstrings read from source, of modules whose hosts are missing where pages are made."""

from __future__ import annotations

import ast
import re
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent
DEFAULT = re.compile(r"(?<=[\w\]])=(?=\S)")  # as `inspect` writes defaults
Function = (ast.FunctionDef, ast.AsyncFunctionDef)


def parsed(module: str) -> ast.Module:
    """The module, which is a package or a file."""
    path = ROOT / Path(*module.split("."))
    return ast.parse((path / "__init__.py" if path.is_dir() else path.with_suffix(".py")).read_text())


def told(module: str, name: str) -> Iterator[tuple[str, str | None]]:
    """A function, or a class with its public methods: what stands for its heading or call, and its docstring.

    Raises:
        KeyError: the module defines no such name.
    """
    found = {one.name: one for one in parsed(module).body if isinstance(one, (*Function, ast.ClassDef))}[name]
    if isinstance(found, Function):
        yield f"{name}{_signature(found)}", ast.get_docstring(found)
        return
    yield f"{name}{_made(found)}", ast.get_docstring(found)
    for one in sorted(_methods(found), key=lambda one: one.name):
        if not one.name.startswith("_") and (text := ast.get_docstring(one)):
            yield f".{one.name}{_signature(one)}", text


def _methods(kind: ast.ClassDef) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [one for one in kind.body if isinstance(one, Function)]


def _made(kind: ast.ClassDef) -> str:
    """How a class is called: its `__init__`, or else its fields."""
    init = next((one for one in _methods(kind) if one.name == "__init__"), None)
    if init is not None:
        return _signature(init)
    fields = [one for one in kind.body if isinstance(one, ast.AnnAssign) and not _shared(one)]
    return f"({', '.join(['*', *map(ast.unparse, fields)]) if fields else ''})"


def _shared(field: ast.AnnAssign) -> bool:
    """Whether a field belongs to the class, such as the hooks of its host."""
    return "ClassVar" in ast.unparse(field.annotation)


def _signature(function: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    arguments = deepcopy(function.args)
    if arguments.args and arguments.args[0].arg == "self":
        arguments.args.pop(0)
    returns = f" -> {ast.unparse(function.returns)}" if function.returns else ""
    return f"({DEFAULT.sub(' = ', ast.unparse(arguments))}){returns}"
