"""Frames of other libraries: in as Polars, and back as what they came as.

A pandas frame, a pyarrow table, batch or reader, and a DuckDB relation come back as what they were; anything
else that streams Arrow comes back as a Polars DataFrame. Their libraries are here already, since whoever made
the frame has loaded them.
"""

from __future__ import annotations

from importlib import import_module
from os import PathLike
from typing import TYPE_CHECKING, Any, TypeVar, cast

import polars as pl

from normflow.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

Frame = TypeVar("Frame")


def as_polars(data: object) -> pl.DataFrame:
    """A frame of another library as a Polars DataFrame; pandas' NaN, which stands for missing, is null.

    Raises:
        ConfigError: it is no frame, or a column of it has no type in Arrow.
    """
    if not hasattr(data, "__arrow_c_stream__") and not hasattr(data, "__arrow_c_array__"):
        place = isinstance(data, str | PathLike)
        raise ConfigError(
            f"a frame is asked for, not {type(data).__name__}",
            hint="scan it: pl.scan_parquet(path)" if place else "make one of it: pl.DataFrame(data)",
        )
    return _from_pandas(data) if _is(data, "pandas", "DataFrame") else pl.DataFrame(cast("Any", data))


def through(
    given: Frame,
    step: Callable[[pl.LazyFrame], pl.LazyFrame],
    collected: Callable[[pl.LazyFrame], pl.DataFrame],
) -> Frame:
    """What a step makes of a frame, as the kind of frame that was given.

    A LazyFrame stays lazy. A pandas frame keeps its index, and each column that the step left as it was is
    the very column that came, type and all.

    Raises:
        ConfigError: it is no frame.
    """
    if isinstance(given, pl.LazyFrame):
        return cast("Frame", step(given))
    if isinstance(given, pl.DataFrame):  # nothing to compare: it comes back as it is
        return cast("Frame", collected(step(given.lazy())))
    known = as_polars(given)
    return cast("Frame", _like(given, known, collected(step(known.lazy()))))


def _like(given: Any, known: pl.DataFrame, result: pl.DataFrame) -> object:
    same = {
        name
        for name in known.columns
        if name in result.columns and result[name].equals(known[name], check_dtypes=True)
    }
    if _is(given, "pandas", "DataFrame"):
        return _to_pandas(given, result, same)
    if _is(given, "pyarrow", "Table"):
        return _to_table(given, result, same)
    if _is(given, "pyarrow", "RecordBatch"):
        whole = _to_table(given, result, same).to_struct_array().combine_chunks()
        return import_module("pyarrow").RecordBatch.from_struct_array(whole)
    if _is(given, "pyarrow", "RecordBatchReader"):
        return result.to_arrow().to_reader()
    if _is(given, "duckdb", "DuckDBPyRelation"):
        return import_module("duckdb").from_arrow(result)
    return result


def _is(data: object, library: str, name: str) -> bool:
    """Whether it is of a class of that name of a library, or of a child of it."""
    return any(
        one.__name__ == name and one.__module__.partition(".")[0].lstrip("_") == library
        for one in type(data).__mro__
    )


def _from_pandas(data: Any) -> pl.DataFrame:
    names = list(data.columns)
    for name in names:
        if not isinstance(name, str):
            raise ConfigError(
                f"a column's name is {name!r}, and is to be text", hint="data.columns.astype(str)"
            )
    if len(set(names)) < len(names):
        raise ConfigError("two columns of the frame have one name", hint="rename one of them")
    try:
        return pl.DataFrame({name: pl.from_pandas(data[name]) for name in names})
    except ImportError as error:
        raise ConfigError(f"a pandas frame: {error}", hint="pip install 'normflow-etl[pandas]'") from None
    except (TypeError, ValueError, NotImplementedError, pl.exceptions.PolarsError) as error:
        raise ConfigError(
            f"a pandas frame has a column that is of no one type: {error}",
            hint="cast it, or give the frame without it",
        ) from None


def _to_pandas(given: Any, result: pl.DataFrame, same: set[str]) -> object:
    pandas = import_module("pandas")
    made = {
        name: given[name] if name in same else result[name].to_pandas().set_axis(given.index)
        for name in result.columns
    }
    return pandas.DataFrame(made, index=given.index)


def _to_table(given: Any, result: pl.DataFrame, same: set[str]) -> Any:
    columns = {name: given[name] if name in same else result[name].to_arrow() for name in result.columns}
    return import_module("pyarrow").table(columns)
