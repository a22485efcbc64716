"""normflow on Spark: the same kernel on every partition, and the same bits however the rows are partitioned.

`fit` profiles each partition where it is and adds the profiles up on the driver; `transform` applies a fit
batch by batch. Both go through Arrow (`mapInArrow`), so the workers need normflow and pyarrow installed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import polars as pl

import normflow.fits as _fits
from normflow.errors import PluginError
from normflow.profiles import Asked, GroupedProfile, Profile, Reader, observe, observe_groups, refined_by
from normflow.profiles.distinct import Distinct
from normflow.profiles.histogram import Histogram

try:
    import pyarrow as pa
    from pyspark.sql.types import StructType
except ImportError as error:  # pragma: no cover
    raise PluginError(
        f"normflow.spark needs pyspark: {error}", hint="pip install 'normflow-etl[spark]'"
    ) from None

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from pyspark.sql import DataFrame

    from normflow.fits import Fit

    Kernel = Callable[[pl.LazyFrame], tuple[Profile, GroupedProfile | None]]

CHUNK = 1 << 28
"""Bytes of Arrow batches that a worker gathers before it profiles them: few profiles to add, and bounded."""
STATES = "profile binary, groups binary"


def fit(
    data: DataFrame, normalize: Mapping[str, str | Mapping[str, object]] | None = None, **options: Any
) -> Fit:
    """Learn a fit from a Spark DataFrame, with the arguments and errors of `normflow.fit`.

    It is, bit for bit, the fit of the same rows in a frame here, whatever their order and partitions.
    """
    return _fits.fit(_SparkReader(data), normalize, **options)


def profile(data: DataFrame) -> Profile:
    """What is known of each column of a Spark DataFrame, as `normflow.profile`."""
    whole, _ = _SparkReader(data).looked(lambda lf: (observe(lf), None))
    return whole


def transform(data: DataFrame, fit: Fit) -> DataFrame:
    """Apply a fit to a Spark DataFrame, lazily: the columns and numbers of `Fit.transform`.

    Raises:
        SchemaError: a fitted column or a key is missing, or cannot be what it is to be.
    """
    return _mapped(data, fit.transform)


def inverse(data: DataFrame, fit: Fit, columns: Iterable[str] | Mapping[str, str] | None = None) -> DataFrame:
    """Undo a fit on a Spark DataFrame, lazily, as `Fit.inverse`.

    Raises:
        SchemaError: a named column is missing from the data or from the fit, or cannot be undone.
    """
    return _mapped(data, partial(fit.inverse, columns=columns))


def _mapped(data: DataFrame, step: Callable[[pa.Table], pa.Table]) -> DataFrame:
    """The data batch by batch; a column that the step leaves alone keeps its type of Spark."""
    nothing = data.limit(0).toArrow()
    made = step(nothing)
    kept = {one.name for one in nothing.schema if one.name in made.column_names}
    kept = {name for name in kept if made.schema.field(name).type == nothing.schema.field(name).type}
    types = data.sparkSession.createDataFrame(made).schema
    schema = StructType([data.schema[name] if name in kept else types[name] for name in made.column_names])
    return data.mapInArrow(partial(_by_batch, step=step), schema)


def _by_batch(
    batches: Iterator[pa.RecordBatch], *, step: Callable[[pa.Table], pa.Table]
) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        yield from step(pa.Table.from_batches([batch])).to_batches()


@dataclass(frozen=True, slots=True)
class _SparkReader(Reader):
    """The rows of a Spark DataFrame, for `normflow.fit`."""

    data: DataFrame
    chosen: tuple[pl.Expr, ...] = ()

    def schema(self) -> pl.Schema:
        return pl.DataFrame(self.data.limit(0).toArrow()).schema

    def only(self, chosen: pl.Expr) -> _SparkReader:
        return _SparkReader(self.data, (*self.chosen, chosen))

    def observe(self, columns: Sequence[str], *, shapeless: Collection[str] = ()) -> Profile:
        names = list(columns)
        whole, _ = self.looked(lambda lf: (observe(lf, names), None))
        thin = {
            name: replace(one, histogram=Histogram(), registers=Distinct()) for name, one in whole.items()
        }
        return replace(
            whole,
            profiles={name: thin[name] if name in shapeless else one for name, one in whole.items()},
        )

    def observe_groups(
        self, by: Sequence[str], columns: Sequence[str], *, resolution: int
    ) -> tuple[Profile, GroupedProfile]:
        whole, grouped = self.looked(lambda lf: observe_groups(lf, by, columns, resolution=resolution))
        return whole, grouped or GroupedProfile()

    def refined(self, profile: Profile, wanted: Mapping[str, Sequence[float]], *, always: bool) -> Profile:
        def look(asked: Asked) -> Profile:
            return self.looked(lambda lf: (observe(asked.values(lf)), None))[0]

        return refined_by(look, profile, wanted, always=always)

    def looked(self, kernel: Kernel) -> tuple[Profile, GroupedProfile | None]:
        """What the kernel says of all rows: of each partition where it is, added up here."""
        filtered = partial(_filtered, chosen=self.chosen)
        whole, grouped = kernel(filtered(pl.DataFrame(self.data.limit(0).toArrow()).lazy()))
        parts = self.data.mapInArrow(partial(_states, kernel=kernel, filtered=filtered), STATES)
        for row in parts.toLocalIterator():
            whole += Profile.from_bytes(bytes(row["profile"]))
            if grouped is not None and row["groups"] is not None:
                grouped += GroupedProfile.from_bytes(bytes(row["groups"]))
        return whole, grouped


def _states(
    batches: Iterator[pa.RecordBatch], *, kernel: Kernel, filtered: Callable[[pl.LazyFrame], pl.LazyFrame]
) -> Iterator[pa.RecordBatch]:
    """One row a partition: the states of its profiles."""
    whole: Profile | None = None
    grouped: GroupedProfile | None = None
    for table in _chunks(batches):
        one, its = kernel(filtered(pl.DataFrame(table).lazy()))
        whole = one if whole is None else whole + one
        grouped = its if grouped is None or its is None else grouped + its
    if whole is not None:
        columns = [[whole.to_bytes()], [grouped.to_bytes() if grouped else None]]
        yield pa.record_batch([pa.array(one, pa.binary()) for one in columns], ["profile", "groups"])


def _chunks(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.Table]:
    gathered: list[pa.RecordBatch] = []
    for batch in batches:
        gathered.append(batch)
        if sum(one.nbytes for one in gathered) >= CHUNK:
            yield pa.Table.from_batches(gathered)
            gathered = []
    if gathered:
        yield pa.Table.from_batches(gathered)


def _filtered(lf: pl.LazyFrame, chosen: tuple[pl.Expr, ...]) -> pl.LazyFrame:
    return lf.filter(*chosen) if chosen else lf
