"""What is recorded comes back as it was."""

from __future__ import annotations

import math
import struct
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from normflow.errors import RegistryError
from normflow.registry import (
    CheckRow,
    ChoiceRow,
    FitRow,
    FitUseRow,
    OutputRow,
    ParameterRow,
    ProfileRow,
    Registry,
    RunRow,
)
from normflow.registry.tables import TABLES, to_sql
from normflow.spec import Server
from tests.columns import ZOO

if TYPE_CHECKING:
    from pathlib import Path

MONDAY = datetime(2024, 1, 1, 6, 30, 0, 123456, tzinfo=UTC)
HARD = (0.1, 1 / 3, -0.0, 5e-324, 1.7976931348623157e308, math.inf, -math.inf, math.nan, 2.0**53 + 2)


@pytest.fixture(params=["duckdb", "postgres"])
def registry(tmp_path: Path, request: pytest.FixtureRequest) -> Registry:
    """What holds of the one holds of the other."""
    if request.param == "duckdb":
        return Registry(tmp_path / "registry.duckdb", wait=5)
    return Registry(request.getfixturevalue("address"), wait=5)


def bits(value: float) -> bytes:
    return struct.pack("<d", value)


def a_run(run_id: str, day: int = 0, pipeline: str = "weather", **more: object) -> RunRow:
    run = RunRow(run_id=run_id, pipeline=pipeline, started=MONDAY + timedelta(days=day))
    return replace(run, **more)  # type: ignore[arg-type]


def a_fit(fit_id: str) -> FitRow:
    return FitRow(fit_id=fit_id, created=MONDAY, goal="model", rows=26_115, document='{"columns":{}}')


def succeeded(
    registry: Registry, run_id: str, day: int, fit_id: str, *, key: str = "k", pipeline: str = "weather"
) -> None:
    """A whole run: started, fitted, published."""
    with registry.transaction():
        registry.start_run(a_run(run_id, day, pipeline))
        registry.record_fit(a_fit(fit_id))
        registry.use_fit(
            FitUseRow(
                run_id=run_id,
                pipeline=pipeline,
                fit_id=fit_id,
                created=MONDAY + timedelta(days=day),
                reuse_key=key,
                document=f"{{{run_id}}}",
            )
        )
        registry.succeed(run_id, finished=MONDAY + timedelta(days=day, minutes=1))


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_columns_are_named_as_the_fields_of_their_record(table: object) -> None:
    assert set(table.types) == {field.name for field in fields(table.row)}  # type: ignore[attr-defined]


def test_a_run_comes_back_whole(registry: Registry) -> None:
    run = RunRow(
        run_id="r1",
        pipeline="weather",
        started=MONDAY,
        mode="refit",
        config_hash="c0ffee",
        input_fingerprint="abc",
        inputs='[{"path":"a.parquet"}]',
        versions='{"polars":"2.1.0"}',
        sinks=("/out/weather.parquet", "/out/weather.quarantine.parquet"),
    )
    registry.start_run(run)
    assert registry.run("r1") == run


def test_a_time_of_another_zone_is_stored_in_utc(registry: Registry) -> None:
    east = MONDAY.astimezone(timezone(timedelta(hours=5, minutes=30)))
    registry.start_run(a_run("r1", started=east))
    assert registry.run("r1").started == MONDAY
    assert registry.run("r1").started.tzinfo is UTC


def test_doubles_of_parameters_keep_their_bits(registry: Registry) -> None:
    numbers = {f"n{i}": value for i, value in enumerate(HARD)}
    row = ParameterRow(fit_id="f1", column='we"ird', method="zscore", numbers=numbers)
    registry.record_fit(a_fit("f1"), [row, replace(row, column="empty", numbers={})])
    empty, back = registry.parameters("f1")
    assert empty.numbers == {}
    assert list(back.numbers) == list(numbers)
    assert [bits(x) for x in back.numbers.values()] == [bits(x) for x in numbers.values()]


@given(values=st.lists(st.floats(allow_subnormal=True, width=64), max_size=20))
def test_any_doubles_go_through_duckdb_with_their_bits(values: list[float]) -> None:
    sent = to_sql({str(i): value for i, value in enumerate(values)})
    (back,) = duckdb.execute("SELECT ?::MAP(VARCHAR, DOUBLE)", [sent]).fetchone() or ()
    assert [bits(x) for x in back.values() if x == x] == [bits(x) for x in values if x == x]  # noqa: PLR0124
    assert [math.isnan(x) for x in back.values()] == [math.isnan(x) for x in values]


def test_the_numbers_of_the_zoo_keep_their_bits(registry: Registry) -> None:
    rows = [
        ParameterRow(
            fit_id="f1",
            column=name,
            method="none",
            numbers={str(i): x for i, x in enumerate(values) if x is not None},
        )
        for name, values in ZOO.items()
    ]
    registry.record_fit(a_fit("f1"), rows)
    back = {row.column: row for row in registry.parameters("f1")}
    assert {name: [bits(x) for x in row.numbers.values()] for name, row in back.items()} == {
        name: [bits(x) for x in values if x is not None] for name, values in ZOO.items()
    }


def test_choices_checks_outputs_and_profiles_come_back(registry: Registry) -> None:
    choice = ChoiceRow(
        fit_id="f1", column="t", method="log", rule="skew", reason="skewed", runner_up="boxcox", margin=0.1
    )
    check = CheckRow(
        run_id="r1",
        check="contract.t.range",
        column="t",
        severity="error",
        rows=3,
        failed=1,
        share=1 / 3,
        threshold="0.1%",
        status="failed",
        examples="[1048.36]",
    )
    output = OutputRow(run_id="r1", path="/out/w.parquet", role="sink", rows=3, bytes=2**40, sha256="ab")
    profile = ProfileRow(state_key="s", fingerprint="f", column="t", rows=3, state=bytes(range(256)))
    registry.start_run(a_run("r1"))
    registry.record_fit(a_fit("f1"), choices=[choice])
    registry.record_checks([check])
    registry.record_profiles([profile])
    registry.intend("r1", [output])
    assert registry.choices("f1") == [choice]
    assert registry.checks("r1") == [check]
    assert registry.profiles("s", "f") == [profile]
    assert registry.outputs("r1") == [output]


def test_a_fit_and_a_profile_are_kept_once(registry: Registry) -> None:
    first = ProfileRow(state_key="s", fingerprint="f", column="t", rows=3, state=b"first")
    registry.record_fit(a_fit("f1"), [ParameterRow(fit_id="f1", column="t", method="log")])
    registry.record_fit(
        replace(a_fit("f1"), goal="other"), [ParameterRow(fit_id="f1", column="t", method="sqrt")]
    )
    registry.record_profiles([first])
    registry.record_profiles([replace(first, state=b"second"), replace(first, column="u")])
    assert registry.fit("f1").goal == "model"
    assert [row.method for row in registry.parameters("f1")] == ["log"]
    assert [row.state for row in registry.profiles("s", "f")] == [b"first", b"first"]


def test_a_run_goes_from_running_to_publishing_to_succeeded(registry: Registry) -> None:
    output = OutputRow(run_id="r1", path="/out/w.parquet", role="sink", rows=3, bytes=9, sha256="ab")
    registry.start_run(a_run("r1"))
    assert registry.run("r1").status == "running"
    registry.intend("r1", [output], rows=3, quarantined=1)
    assert (registry.run("r1").status, registry.outputs("r1")[0].state) == ("publishing", "staged")
    registry.succeed("r1", document='{"version":1}', finished=MONDAY)
    assert registry.run("r1") == a_run(
        "r1",
        status="succeeded",
        exit_code=0,
        finished=MONDAY,
        rows=3,
        quarantined=1,
        document='{"version":1}',
    )
    assert registry.outputs("r1")[0].state == "published"


def test_a_failed_run_says_why(registry: Registry) -> None:
    registry.start_run(a_run("r1"))
    registry.fail("r1", 1, "temp: 3 rows out of range", finished=MONDAY)
    assert registry.run("r1") == a_run(
        "r1", status="failed", exit_code=1, finished=MONDAY, error="temp: 3 rows out of range"
    )


def test_an_ended_run_does_not_change_any_more(registry: Registry) -> None:
    registry.start_run(a_run("r1"))
    registry.fail("r1", 3, "disk full")
    with pytest.raises(RegistryError) as caught:
        registry.succeed("r1")
    assert str(caught.value) == f"{registry.path}: run 'r1' is not under way"
    assert registry.run("r1").status == "failed"


def test_a_transaction_lasts_whole_or_not_at_all(registry: Registry) -> None:
    registry.start_run(a_run("r0"))

    def half_a_story() -> None:
        with registry.transaction():
            registry.start_run(a_run("r1"))
            registry.record_fit(a_fit("f1"))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        half_a_story()
    assert [run.run_id for run in registry.runs()] == ["r0"]
    assert registry.fits("weather") == []


def test_a_key_that_is_there_already_is_an_error_of_the_registry(registry: Registry) -> None:
    registry.start_run(a_run("r1"))
    with pytest.raises(RegistryError, match=r"(?i)duplicate key"):
        registry.start_run(a_run("r1"))


def test_five_thousand_rows_go_in_at_once(registry: Registry) -> None:
    rows = [
        ParameterRow(fit_id="f1", column=f"c{i:04}", method="zscore", numbers={"shift": i / 7})
        for i in range(5000)
    ]
    registry.record_fit(a_fit("f1"), rows)
    assert registry.parameters("f1") == rows


def test_the_newest_fit_is_the_last_used_by_a_successful_run_under_the_key(registry: Registry) -> None:
    assert registry.newest_use("weather", "k") is None
    succeeded(registry, "r1", 1, "f1")
    succeeded(registry, "r2", 2, "f2")
    succeeded(registry, "r3", 3, "f1")
    succeeded(registry, "r4", 4, "f4", key="other")
    succeeded(registry, "r5", 5, "f5", pipeline="sales")
    with registry.transaction():
        registry.start_run(a_run("r6", 6))
        registry.record_fit(a_fit("f6"))
        registry.use_fit(
            FitUseRow(
                run_id="r6",
                pipeline="weather",
                fit_id="f6",
                created=MONDAY + timedelta(6),
                reuse_key="k",
                document="{r6}",
            )
        )
        registry.fail("r6", 1, "checks failed")
    newest = registry.newest_use("weather", "k")
    assert newest is not None
    assert (newest.run_id, newest.fit_id, newest.document) == ("r3", "f1", "{r3}")
    assert registry.newest_use("weather", "unknown") is None
    assert [fit.fit_id for fit in registry.fits("weather")] == ["f4", "f1", "f2"]


def test_runs_come_newest_first(registry: Registry) -> None:
    for day, pipeline in enumerate(["weather", "sales", "weather", "weather"]):
        registry.start_run(a_run(f"r{day}", day, pipeline))
    assert [run.run_id for run in registry.runs()] == ["r3", "r2", "r1", "r0"]
    assert [run.run_id for run in registry.runs("weather", limit=2)] == ["r3", "r2"]


def test_unfinished_runs_are_those_of_the_sink_that_never_ended(registry: Registry, tmp_path: Path) -> None:
    sink, other = str(tmp_path / "w.parquet"), str(tmp_path / "x.parquet")
    output = OutputRow(run_id="r2", path=sink, role="sink", rows=3, bytes=9, sha256="ab")
    assert registry.unfinished([sink]) == []
    with registry.transaction():
        registry.start_run(a_run("r1", 1, sinks=(sink, other)))
        registry.start_run(a_run("r2", 2, sinks=(sink,)))
        registry.start_run(a_run("r3", 3, sinks=(other,)))
        registry.start_run(a_run("r4", 4, sinks=(sink,)))
        registry.intend("r2", [output])
        registry.fail("r4", 1, "no")
    found = registry.unfinished([tmp_path / "w.parquet"])
    assert [(one.run.run_id, one.run.status, one.outputs) for one in found] == [
        ("r1", "running", ()),
        ("r2", "publishing", (output,)),
    ]


def test_fits_and_runs_are_found_by_id_prefix_and_latest(registry: Registry) -> None:
    succeeded(registry, "r10", 1, "abc1")
    succeeded(registry, "r2", 2, "abd2")
    registry.start_run(a_run("r3", 3))
    assert registry.fit("abc1") == registry.fit("abc") == a_fit("abc1")
    assert registry.fit("weather@latest") == a_fit("abd2")
    assert registry.run("r1").run_id == "r10"
    assert registry.run("weather@latest").run_id == "r2"


def test_an_id_that_begins_another_is_no_doubt(registry: Registry) -> None:
    succeeded(registry, "r1", 1, "f1")
    succeeded(registry, "r11", 2, "f11")
    assert registry.run("r1").run_id == "r1"
    assert registry.fit("f1").fit_id == "f1"


@pytest.mark.parametrize(
    ("ref", "text"),
    [
        ("ab", "'ab' begins 2 fits: abc1, abd2; give more characters"),
        ("zz", "no fit 'zz'; `normflow runs` lists what is there, and `pipeline@latest` names the last"),
        ("", "'' begins 2 fits: abc1, abd2; give more characters"),
        ("wether@latest", "pipeline 'wether' has no successful run; did you mean 'weather'?"),
        ("bare@latest", "the fit of run 'r3' was forgotten; run the pipeline once more"),
    ],
)
def test_a_reference_that_names_no_fit_says_so(registry: Registry, ref: str, text: str) -> None:
    succeeded(registry, "r1", 1, "abc1")
    succeeded(registry, "r2", 2, "abd2")
    registry.start_run(a_run("r3", 3, "bare"))
    registry.succeed("r3")
    with pytest.raises(RegistryError) as caught:
        registry.fit(ref)
    assert str(caught.value) == f"{registry.path}: {text}"


def test_a_reference_that_many_runs_match_shows_the_first_five(registry: Registry) -> None:
    with registry.transaction():
        for i in range(7):
            registry.start_run(a_run(f"r{i}", i))
    with pytest.raises(RegistryError) as caught:
        registry.run("r")
    assert str(caught.value) == (
        f"{registry.path}: 'r' begins 7 runs: r0, r1, r2, r3, r4, …; give more characters"
    )


def test_people_find_parameters_and_quality_in_the_views(registry: Registry) -> None:
    parameter = ParameterRow(
        fit_id="f1", column="temp", method="zscore", numbers={"shift": 55.2, "scale": 17.8}
    )
    registry.record_fit(a_fit("f1"), [parameter])
    registry.record_fit(
        a_fit("f2"), [replace(parameter, fit_id="f2", numbers={"shift": 60.5, "scale": 17.9})]
    )
    succeeded(registry, "r1", 1, "f1")
    succeeded(registry, "r2", 2, "f1")
    succeeded(registry, "r3", 3, "f2")
    registry.record_checks(
        [
            CheckRow(run_id=f"r{i}", check="temp.range", severity="error", rows=9, failed=i, status="ok")
            for i in (3, 1)
        ]
    )
    of_map = "(numbers->>'shift')::float8" if isinstance(registry.path, Server) else "numbers['shift']"
    with registry.reading() as con:
        latest = con.execute(f"SELECT pipeline, run_id, {of_map} FROM latest_parameters").fetchall()  # noqa: S608
        history = con.execute(f"SELECT fit_id, runs, {of_map} FROM parameter_history").fetchall()  # noqa: S608
        trend = con.execute("SELECT run_id, failed FROM quality_trend").fetchall()
    assert latest == [("weather", "r3", 60.5)]
    assert history == [("f1", 2, 55.2), ("f2", 1, 60.5)]
    assert trend == [("r1", 1), ("r3", 3)]
