"""A fit's query: which columns it selects, and what they hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain, zip_longest
from typing import TYPE_CHECKING, NamedTuple

from normflow.dialects import dialect_named, written_for
from normflow.errors import ConfigError, SchemaError
from normflow.fits.apply import MISSING, OUTSIDE, require, require_names, undone
from normflow.fits.layout import free_prefix
from normflow.fits.sql.layout import Columns, laid_out
from normflow.fits.sql.values import beyond, entered, judged, leaving, number
from normflow.naming import quoted
from normflow.transforms.arithmetic import StagedSql

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from polars._typing import PolarsDataType

    from normflow.dialects import Dialect
    from normflow.fits.column import ColumnFit
    from normflow.fits.table import Fit

Fresh = "Callable[[], str]"
