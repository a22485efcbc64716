"""Checks that are functions, registered with pandera or a plugin's: each is shown the rows batch by batch."""

from __future__ import annotations

from dataclasses import replace
from inspect import signature
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from normflow.contract.conditions import CHECKS
from normflow.contract.examples import sampled
from normflow.contract.split import SAMPLE
from normflow.contract.wording import share_of
from normflow.errors import CheckError, Problem, SchemaError, suggestion
from normflow.frames import collected_here
from normflow.naming import column as named
from normflow.plugins import listed, loaded, offered
from normflow.record import CheckRecord
from normflow.spec import Limit
from normflow.spec.named import BUILTINS, builtin

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    import pandera.polars as pa
    from pandera.api.polars.types import PolarsData

    from normflow.contract.counts import Counts
    from normflow.spec import ColumnChecks, NamedCheck

NONE_MAY = Limit(count=0)


class BatchCheck:
    """A pandera check of one column, judged batch by batch.

    So it has to judge each row by itself. A function that gives one verdict for all the rows it sees would
    give one for each batch, and is refused as soon as a batch shows it.

    Args:
        check: pandera's own object.
        column: the column it judges, empty for whole rows; `row` is the one with the rows' numbers.
        name: of the check, `section` and `place` as in a record and in the pipeline file.
        rule: the declaration it belongs to, with its severity and limit.
        columns: the table's own, for a check of whole rows.
    """

    where: Literal["entering"] = "entering"

    def __init__(
        self,
        check: pa.Check,
        column: str,
        name: str,
        rule: ColumnChecks,
        *,
        row: str,
        place: str,
        section: str,
        columns: tuple[str, ...] = (),
    ) -> None:
        self._check, self._column, self._rule, self._row = check, column, rule, row
        self._name, self._place, self._section = name, place, section
        self._columns = columns
        self._id = f"{column}.{CHECKS}.{name}" if column else f"{CHECKS}.{name}"
        self._failed = 0
        self._sample: pl.DataFrame | None = None
        self._adding = Lock()

    def see(self, batch: pl.DataFrame) -> None:
        """Judge a batch.

        Raises:
            CheckError: the check raised, or judged the batch as a whole.
        """
        if not batch.height:
            return
        passed = self._passed(batch)
        with self._adding:
            self._failed += int((~passed).sum())
            found = batch.filter(~passed).head(SAMPLE)
            value = named(self._column) if self._column else pl.lit(None, dtype=pl.Null)
            told = found.select(named(self._row).alias("row"), value.alias("value"))
            both = told if self._sample is None else pl.concat([self._sample, told])
            self._sample = both.sort("row").head(SAMPLE)

    def verdicts(self, counts: Counts) -> tuple[CheckRecord, ...]:
        """How many rows failed."""
        limit, rows = self._rule.max_failed or NONE_MAY, counts.rows
        allowed = limit.allows(self._failed, rows)
        told = f"{self._column or 'a row'} does not pass {self._name} in {share_of(self._failed, rows)}"
        what = told if self._failed else "every row passes"
        beyond = "" if allowed or self._rule.max_failed is None else f", and max_failed is {limit}"
        return (
            CheckRecord(
                check=self._id,
                section=self._section,
                column=self._column,
                severity=self._rule.severity,
                rows=rows,
                failed=self._failed,
                share=self._failed / rows if rows else 0.0,
                threshold=str(limit),
                status="passed" if allowed else "failed" if self._rule.severity == "error" else "warned",
                message=f"{what}{beyond}; judged batch by batch",
                examples=() if self._sample is None else sampled(self._sample),
            ),
        )

    def _passed(self, batch: pl.DataFrame) -> pl.Series:
        try:
            rows = batch if self._column else batch.select(named(name) for name in self._columns)
            found = self._answer(rows.lazy())
            passed = collected_here(found).to_series() if isinstance(found, pl.LazyFrame) else None
        except Exception as error:  # a stranger's function may raise anything
            raise CheckError(
                f"the check raised {type(error).__name__}: {error}",
                where=f"{self._place}: {self._column or 'rows'}.{self._name}",
                hint="mend the function; it gets the rows in batches",
            ) from error
        if passed is None or len(passed) != batch.height:
            raise CheckError(
                "the check gives one verdict for all the rows it sees, and it sees them in batches",
                where=f"{self._place}: {self._column or 'rows'}.{self._name}",
                hint="give a verdict for each row",
            )
        return passed.fill_null(value=bool(self._check.ignore_na))

    def _answer(self, rows: pl.LazyFrame) -> pl.LazyFrame | bool:
        """What the check says of rows, unread: pandera reads it with an engine that may be busy with us."""
        from pandera.api.polars.types import PolarsData

        backend: Any = self._check.get_backend(rows)(self._check)
        asked = PolarsData(backend.preprocess(rows, self._column or None), self._column or "*")
        found: pl.LazyFrame | bool = backend.apply(asked)
        return found


def registered(
    contract: Mapping[str, ColumnChecks],
    places: Mapping[str, str],
    plugins: Collection[str] = (),
    *,
    row: str = "row",
    section: str = "contract",
) -> list[BatchCheck]:
    """The checks of a contract that are not built in, each ready to see rows.

    They are registered with pandera, or stem from one of the `plugins`. `row` is the column that holds the
    rows' numbers.

    Raises:
        SchemaError: no check has such a name, or it does not take these arguments.
        PluginError: a plugin cannot be loaded.
    """
    found, problems = list[BatchCheck](), list[Problem]()
    for name, rule, one in _strangers(contract):
        place = _place(places, section, name)
        check = pandera_check(one, plugins)
        if isinstance(check, str):
            problems.append(Problem(place, check, f"{section}.{name}.checks"))
        else:
            found.append(BatchCheck(check, name, one.name, rule, row=row, place=place, section=section))
    if problems:
        raise SchemaError.of(problems)
    return found


def require_registered(
    contract: Mapping[str, ColumnChecks], places: Mapping[str, str], plugins: Collection[str]
) -> None:
    """See that somebody has each check that is not built in; no plugin is loaded.

    Raises:
        SchemaError: no check has such a name, or it does not take these arguments.
    """
    theirs = listed("checks", plugins)
    left = {
        name: replace(rule, checks=tuple(one for one in rule.checks if one.name not in theirs))
        for name, rule in contract.items()
        if rule.checks
    }
    registered(left, places)


def pandera_check(wanted: NamedCheck, plugins: Collection[str], *, warns: bool = False) -> Any:
    """Pandera's check, or a sentence why there is none.

    Raises:
        PluginError: a plugin cannot be loaded.
    """
    import pandera.polars as pa  # a second, which only a registered check is worth

    if not builtin(wanted.name) and wanted.name in listed("checks", plugins):
        return _of_plugin(wanted, warns=warns)
    known: Iterable[str] = pa.Check.REGISTERED_CUSTOM_CHECKS
    if not builtin(wanted.name) and wanted.name not in known:
        if wanted.name in {one.name for one in offered("checks")}:
            return f"'{wanted.name}' is a plugin's check; list it: plugins: [{wanted.name}]"
        hint = suggestion(wanted.name, [*BUILTINS, *known, *plugins])
        return f"no check '{wanted.name}' is built in or registered; {hint}"
    try:
        return getattr(pa.Check, wanted.name)(
            **wanted.arguments, **({"raise_warning": True} if warns else {})
        )
    except TypeError as error:
        return f"{wanted.name}: {error}"


def _of_plugin(wanted: NamedCheck, *, warns: bool) -> Any:
    """A plugin's function of a column's expression, as pandera's check."""
    import pandera.polars as pa

    passes = loaded("checks", wanted.name)
    try:
        signature(passes).bind(pl.col("x"), **wanted.arguments)
    except TypeError as error:
        return f"{wanted.name}: {error}"

    def judge(data: PolarsData) -> pl.LazyFrame:
        return data.lazyframe.select(passes(named(data.key), **wanted.arguments))

    return pa.Check(judge, name=wanted.name, error=wanted.name, raise_warning=warns)


def _strangers(contract: Mapping[str, ColumnChecks]) -> list[tuple[str, ColumnChecks, NamedCheck]]:
    return [
        (name, rule, one) for name, rule in contract.items() for one in rule.checks if not builtin(one.name)
    ]


def _place(places: Mapping[str, str], section: str, name: str) -> str:
    return places.get(f"{section}.{name}.checks") or places.get(f"{section}.{name}", "")
