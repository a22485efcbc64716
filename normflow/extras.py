"""Libraries that only some need: there, or one error that names the extra which brings them."""

from __future__ import annotations

from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING

from normflow.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType


def required(library: str, extra: str, what: str) -> ModuleType:
    """A library that an extra of this package brings; `what` is done with it: `streams are read`.

    Raises:
        ConfigError: it is not installed.
    """
    try:
        return import_module(library)
    except ImportError:
        told = f"{what} with {library}, which is not installed"
        raise ConfigError(told, hint=f"pip install 'normflow-etl[{extra}]'") from None


@contextmanager
def host(extra: str) -> Iterator[None]:
    """Where an adapter imports its host, which the extra brings.

    Raises:
        ImportError: it is not installed; the text names the extra that brings it.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        what = f"{error.name} is not installed: pip install 'normflow-etl[{extra}]'"
        raise ImportError(what, name=error.name) from None
