"""Tables of plugins: how what other packages read and write is called."""

from __future__ import annotations

from inspect import signature
from typing import TYPE_CHECKING, Any

from normflow.errors import ConfigError, NormflowError, PluginError, first_line
from normflow.plugins import loaded
from normflow.spec.tables import opened, without_values

if TYPE_CHECKING:
    from collections.abc import Callable

    from normflow.spec import TableSink, TableSource


def reader(source: TableSource) -> Callable[[], Any]:
    """The plugin's `read`, with the options of the file; what it gives is a frame.

    Raises:
        ConfigError: it is not installed, cannot read, or takes other options.
        PluginError: its code cannot be imported.
    """
    thing = loaded("sources", str(source.place), ("read",))
    return _bound(source, "read", thing.read, query=source.query)


def writer(sink: TableSink, part: str, **given: object) -> Callable[[], Any]:
    """The plugin's `check` or `publish`, with the options of the file.

    Raises:
        ConfigError: it is not installed, cannot publish, or takes other options.
        PluginError: its code cannot be imported.
    """
    thing = loaded("sinks", str(sink.place), ("publish",))
    return _bound(sink, part, getattr(thing, part, _nothing), **given)


def _bound(
    table: TableSource | TableSink, part: str, function: Callable[..., Any], **given: object
) -> Callable[[], Any]:
    told = {name: value for name, value in {"table": table.table, **given}.items() if value is not None}
    options = {**opened(table.options), **told}
    try:
        signature(function).bind(**options)
    except TypeError as error:
        raise ConfigError(f"the plugin's {part}: {error}", where=table.named) from None

    def call() -> Any:
        try:
            return function(**options)
        except NormflowError:
            raise
        except Exception as error:  # noqa: BLE001  (a stranger's code may raise anything)
            what = f"{type(error).__name__}: {without_values(first_line(error), table.options)}"
            # what the library below it says may hold a secret, and so the chain is cut
            raise PluginError(what, where=table.named, hint="see what its makers say of it") from None

    return call


def _nothing(**_options: object) -> None:
    """Check nothing."""
