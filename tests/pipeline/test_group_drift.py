"""A run that uses an earlier fit says how far each group is from what taught it, and does what was asked."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest

from normflow.errors import DriftError
from normflow.fits import Reference, drift_of
from normflow.pipeline import group_drifting
from normflow.profiles import observe
from normflow.registry import Registry, forget, health
from tests.pipeline.one_file import recorded, written
from tests.pipeline.test_drift import drift, runs

if TYPE_CHECKING:
    from pathlib import Path

    import normflow as nf
    from normflow.record import CheckRecord

ALL = "fit: {by: g, drift: {warn: 0.1, refit: 0.25, fail: 3}}\nnormalize: {x: zscore, y: minmax}\n"
FROZEN = ALL.replace("refit: 0.25, ", "")


def day(seed: int, **shifts: float) -> pl.DataFrame:
    """1,500 rows of each of three groups; `b=2.0` shifts x in one of them."""
    draw = np.random.default_rng(seed)
    parts = [
        pl.DataFrame({"x": draw.normal(shifts.get(g, 0.0), 1, 1_500), "y": draw.random(1_500)}).with_columns(
            g=pl.lit(g)
        )
        for g in "abc"
    ]
    return pl.concat(parts).sample(fraction=1.0, shuffle=True, seed=seed)


def verdicts(record: nf.RunRecord) -> dict[str, CheckRecord]:
    return {one.column: one for one in record.checks if one.section == "drift:g"}


def history(record: nf.RunRecord, clause: str) -> list[Any]:
    with Registry(record.registry) as registry, registry.reading() as con:
        return con.execute(f"SELECT {clause}").fetchall()


def test_a_group_that_moved_is_found_in_a_table_that_hardly_did(tmp_path: Path) -> None:
    """One group up, another one down: the column as a whole has the quantiles it had."""
    _, record = runs(tmp_path, FROZEN, day(1), day(2, a=0.5, b=-0.5))
    assert (record.status, record.fit) == ("succeeded", "reused")
    assert {one.check: one.status for one in record.checks if one.section == "drift"} == {
        "x": "passed",
        "y": "passed",
    }
    found = verdicts(record)
    assert {name: one.status for name, one in found.items()} == {"x": "warned", "y": "passed"}
    assert found["x"].message.startswith("2 of 3 groups of x moved from what taught them: g=")
    assert found["x"].message.endswith(", and warn is 0.1")
    assert found["y"].message == "none of 3 groups of y has moved from what taught it"
    assert (found["x"].rows, found["x"].failed, found["x"].threshold) == (4_500, 3_000, "warn 0.1, fail 3")
    (warning,) = record.warnings
    assert warning.startswith("x in 2 groups by g: drifted from what taught them, PSI up to 0.")
    assert warning.endswith(" is above 0.1")


def test_the_numbers_are_those_of_each_group_by_itself(tmp_path: Path) -> None:
    first, second = day(1), day(2, b=0.7)
    _, record = runs(tmp_path, FROZEN, first, second)
    found = history(record, "* FROM drift WHERE \"group\" <> ''")
    assert len(found) == 6
    for name in "xy":
        for g in "abc":
            then, now = (one.filter(g=g).lazy() for one in (first, second))
            reference = Reference.of(observe(then, resolution=512)[name])  # as groups have
            assert reference
            expected = drift_of(reference, observe(now)[name])
            told = history(
                record,
                "psi, ks, outside, missing, rows, taught FROM drift"
                f' WHERE "column" = \'{name}\' AND "group" = \'{{"g":"{g}"}}\'',
            )
            psi, ks, outside, missing, rows, taught = told[0]
            assert psi == pytest.approx(expected.psi, rel=1e-9)
            assert expected.ks - 0.08 <= ks <= expected.ks
            assert (outside, missing, rows, taught) == (expected.outside, 0.0, 1_500, 1_500)
    moved = next(one["drift"]["groups"] for one in record.columns if one["output"] == "x")
    assert (moved["compared"], moved["moved"], moved["few"]) == (3, 1, 0)
    assert (moved["most"][0]["group"], moved["most"][0]["status"]) == ("g=b", "warned")


def test_a_group_above_refit_makes_the_run_learn_anew(tmp_path: Path) -> None:
    second = day(2, b=1.5)
    first, record = runs(tmp_path, ALL, day(1), second)
    assert (record.status, record.fit) == ("succeeded", "learned")
    assert "x in 1 group by g (PSI " in record.warnings[0]
    assert verdicts(record)["x"].status == "warned"
    assert written(tmp_path).equals(recorded(tmp_path).transform(second))
    parents = history(record, "run_id, parent FROM fit_uses ORDER BY created")
    assert parents == [(first.run_id, None), (record.run_id, first.fit_id)]
    assert record.fit_id != first.fit_id


def test_a_group_above_fail_publishes_nothing(tmp_path: Path) -> None:
    runs(tmp_path, ALL, day(1))
    before = written(tmp_path)
    with pytest.raises(DriftError, match=r"drift:g\.x: 1 of 3 groups of x moved .*g=b has PSI") as caught:
        runs(tmp_path, ALL, day(2, b=6.0))
    assert caught.value.exit_code == 5
    record = caught.value.record
    assert record
    assert verdicts(record)["x"].status == "failed"
    assert written(tmp_path).equals(before)
    assert [one.name for one in (tmp_path / "out").iterdir()] == ["data.parquet"]


def test_a_group_of_few_rows_only_warns(tmp_path: Path) -> None:
    """Few came of b, and few taught c: neither fails the run, nor makes it learn anew."""
    first, second = day(1), day(2, b=6.0, c=6.0)
    few = pl.concat([first.filter(pl.col("g") != "c"), first.filter(g="c").head(199)])
    other = pl.concat([second.filter(pl.col("g") != "b"), second.filter(g="b").head(199)])
    text = ALL.replace("warn: 0.1, refit: 0.25, fail: 3", "refit: 4, fail: 5")
    _, record = runs(tmp_path, text, few, other)
    assert (record.status, record.fit) == ("succeeded", "reused")
    found = verdicts(record)["x"]
    assert (found.status, found.severity) == ("warned", "error")
    assert found.message.startswith("2 of 3 groups of x moved")
    assert found.value is not None
    assert found.value < 0.1


def test_groups_that_come_and_go_are_told_of(tmp_path: Path) -> None:
    first, second = day(1), day(2)
    other = second.with_columns(g=pl.col("g").replace({"a": "new", "b": None}))
    _, record = runs(tmp_path, FROZEN, first, other)
    assert record.warnings == (
        "groups that did not teach the fit: 2, with 3,000 rows (g=null; g=new)",
        "groups of the fit that did not come: 2 of 3 (g=a; g=b)",
    )
    assert record.groups
    assert record.groups["drift"] == {"compared": 1, "new": 2, "new_rows": 3_000, "gone": 2}
    assert {one.status for one in verdicts(record).values()} == {"passed"}
    assert history(record, 'DISTINCT "group" FROM drift ORDER BY 1') == [("",), ('{"g":"c"}',)]


def test_keys_that_may_not_be_told_are_not(tmp_path: Path) -> None:
    text = FROZEN + "contract: {g: {redact: true}}\n"
    other = day(2, b=0.9).with_columns(g=pl.col("g").replace({"a": "secret"}))
    _, record = runs(tmp_path, text, day(1), other)
    assert verdicts(record)["x"].message.startswith(
        "1 of 2 groups of x moved from what taught them: group 2 has"
    )
    assert record.warnings[-2:] == (
        "groups that did not teach the fit: 1, with 1,500 rows",
        "groups of the fit that did not come: 1 of 3 (group 1)",
    )
    assert "secret" not in json.dumps(record.to_json())


def test_nothing_is_kept_or_measured_unless_it_is_asked_for(tmp_path: Path) -> None:
    """And a fit that keeps nothing of its groups says so when it is."""
    plain = "fit: {by: g}\nnormalize: {x: zscore, y: minmax}\n"
    _, reused = runs(tmp_path, plain, day(1), day(2, b=5.0))
    groups = recorded(tmp_path).groups
    assert groups
    assert (groups.references, verdicts(reused), reused.warnings) == ({}, {}, ())
    (record,) = runs(tmp_path, FROZEN, day(1))
    assert record.warnings == (
        "the fit keeps nothing to compare the groups by g with; `--mode refit` once mends that",
    )


def test_only_rows_that_would_teach_are_compared(tmp_path: Path) -> None:
    text = (
        'fit: {by: g, where: "y < 0.5", drift: 0.1}\n'
        "contract: {x: {range: [-6, 6], on_fail: quarantine}}\nnormalize: {x: zscore}\n"
    )
    wild = pl.concat([day(1), day(3, a=50.0).filter(g="a").head(30)])
    other = wild.with_columns(x=pl.when(pl.col("y") >= 0.5).then(pl.col("x") / 3).otherwise("x"))
    _, record = runs(tmp_path, text, day(1), other)
    assert record.quarantined > 0
    found = history(record, "sum(rows), max(psi), count(*) FROM drift WHERE \"group\" <> ''")
    assert found == [(day(1).filter(pl.col("y") < 0.5).height, 0.0, 3)]


@pytest.mark.parametrize("key", ["whole", "float", "date", "two"])
def test_keys_of_any_type_find_their_group(tmp_path: Path, key: str) -> None:
    number = pl.col("g").replace_strict({"a": 1, "b": 2, "c": None}, return_dtype=pl.Int64)
    made = {
        "whole": [number.alias("g")],
        "float": [number.cast(pl.Float64).fill_null(float("nan")).alias("g")],
        "date": [pl.date(2013, 1, 1 + number).alias("g")],
        "two": [pl.col("g"), (pl.col("y") > 0.5).alias("h")],
    }[key]
    text = FROZEN.replace("by: g", "by: [g, h]") if key == "two" else FROZEN
    _, record = runs(tmp_path, text, *(one.with_columns(made) for one in (day(1), day(1))))
    assert record.groups
    assert record.groups["drift"] == {
        "compared": 6 if key == "two" else 3,
        "new": 0,
        "new_rows": 0,
        "gone": 0,
    }
    assert history(record, "max(psi) FROM drift") == [(0.0,)]


def test_places_of_arrays_are_compared_by_group(tmp_path: Path) -> None:
    def rows(shift: float) -> pl.DataFrame:
        data = day(4)
        second = data["x"] + shift * (data["g"] == "b")
        return pl.DataFrame({"v": np.column_stack([data["y"], second]), "g": data["g"]})

    text = "fit: {by: g, drift: 0.1}\nnormalize: {v: zscore}\n"
    _, record = runs(tmp_path, text, rows(0.0), rows(1.0))
    assert {name: one.status for name, one in verdicts(record).items()} == {
        "v[0]": "passed",
        "v[1]": "warned",
    }


def test_of_many_groups_those_that_moved_most_are_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(group_drifting, "MOST_KEPT", 2)
    _, record = runs(tmp_path, FROZEN, day(1), day(2, b=0.5, c=0.9))
    found = history(record, '"group" FROM drift WHERE "group" <> \'\' AND "column" = \'x\'')
    assert found == [('{"g":"b"}',), ('{"g":"c"}',)]


def test_new_groups_are_counted_up_to_a_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the batches, the first keys in order are kept."""
    monkeypatch.setattr(group_drifting, "MOST_NEW", 5)
    new = day(2).with_columns(g=pl.format("n{}", pl.int_range(pl.len()) % 100))
    _, record = runs(tmp_path, FROZEN, day(1), new)
    assert record.warnings[0] == (
        "groups that did not teach the fit: 5 or more, with 4,500 rows (g=n0; g=n1; g=n10; …)"
    )


def test_the_view_has_each_measure_of_each_run(tmp_path: Path) -> None:
    """For people: pipeline, run, time, column, group, measure, value, threshold, status."""
    _, record, last = runs(tmp_path, FROZEN, day(1), day(2, b=0.7), day(3))
    found = history(
        last,
        'run_id, "group", measure, value, threshold, status FROM drift_history'
        " WHERE pipeline = 'p' AND section = 'drift' AND \"column\" = 'x' ORDER BY started, 2, 3",
    )
    assert len(found) == 2 * 4 * 5
    drifts = {run.run_id: drift(run)["x"] for run in (record, last)}
    for run_id, group, measure, value, threshold, status in found:
        if not group:
            assert value == drifts[run_id][measure]
        assert (threshold, status is None) == ((0.1, False) if measure == "psi" else (None, True))
    assert [one for one in found if one[5] == "warned"] == [
        (record.run_id, '{"g":"b"}', "psi", drifts[record.run_id]["groups"]["most"][0]["psi"], 0.1, "warned")
    ]


def test_what_is_forgotten_leaves_no_distance_behind(tmp_path: Path) -> None:
    """A column's own rows; those of all groups, where they were made of it; all of the pipeline."""
    _, record = runs(tmp_path, FROZEN, day(1), day(2))
    rest = 'DISTINCT "column", "group" = \'\' FROM drift ORDER BY 1, 2'
    assert history(record, rest) == [("x", False), ("x", True), ("y", False), ("y", True)]
    assert forget(Registry(record.registry), "p", "x").rows["drift"] == 4
    assert history(record, rest) == [("y", False), ("y", True)]
    assert forget(Registry(record.registry), "p", "g").rows["drift"] == 3
    assert history(record, rest) == [("y", True)]
    assert forget(Registry(record.registry), "p").rows["drift"] == 1
    assert health(Registry(record.registry)).flaws == ()
