"""Checks of the shape of what leaves: skewness, quantiles, nulls and drift, beside numpy and scipy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from scipy.stats import skew

import normflow as nf
from normflow.contract import judge_drift
from normflow.errors import ContractError, SchemaError
from normflow.fits import Drift
from normflow.profiles import RunningProfile, observe
from normflow.spec import DriftSpec
from tests.pipeline.one_file import pipeline, written

if TYPE_CHECKING:
    from pathlib import Path

    from normflow.record import CheckRecord

DRAW = np.random.default_rng(8)
DATA = pl.DataFrame(
    {
        "x": np.exp(DRAW.normal(size=3_000)),
        "y": pl.Series(DRAW.normal(size=3_000)).set(pl.Series(DRAW.random(3_000) < 0.02), None),
        "t": ["a", "b", None] * 1_000,
    }
)
ZSCORE = "normalize: {x: zscore, y: zscore}\n"


def verdicts(folder: Path, checks: str) -> dict[str, CheckRecord]:
    record = nf.run(pipeline(folder, DATA, f"{ZSCORE}checks: {checks}\n"))
    return {one.check: one for one in record.checks if one.section == "checks"}


def refused(folder: Path, checks: str) -> ContractError:
    with pytest.raises(ContractError) as caught:
        verdicts(folder, checks)
    return caught.value


def test_the_numbers_are_those_of_the_written_rows(tmp_path: Path) -> None:
    quantiles = "{1%: [-5, 0], 50%: [-1, 0], 99.5%: [1, null]}"
    checks = f"{{x: {{skew: [0, 10], quantile: {quantiles}}}, y: {{nulls_at_most: 5%}}}}"
    found = verdicts(tmp_path, checks)
    x, y = written(tmp_path)["x"].to_numpy(), written(tmp_path)["y"]
    assert found["x.skew"].value == pytest.approx(skew(x), rel=1e-9)
    for share in (1.0, 50.0, 99.5):
        value = found[f"x.quantile.{share:g}%"].value
        assert value == pytest.approx(np.quantile(x, share / 100), rel=1e-12)
    assert found["y.nulls_at_most"].value == y.null_count() > 0
    assert {one.status for one in found.values()} == {"passed"}
    assert found["x.quantile.99.5%"].threshold == "[1, ∞]"


@pytest.mark.parametrize(
    ("checks", "message"),
    [
        ("{x: {skew: [-1, 1]}}", "checks.x.skew: the skew of x is "),
        ("{x: {quantile: {99.5%: [null, 1]}}}", "checks.x.quantile.99.5%: the 99.5% quantile of x is "),
        ("{y: {nulls_at_most: 1%}}", "%), and nulls_at_most is 1%; relax the check"),
        ("{y: {nulls_at_most: 3}}", "%), and nulls_at_most is 3; relax the check"),
    ],
)
def test_what_is_beyond_its_limit_fails_the_run(tmp_path: Path, checks: str, message: str) -> None:
    error = refused(tmp_path, checks)
    assert error.exit_code == 1
    assert message in error.message
    assert "p.yaml:4:" in error.message
    assert not (tmp_path / "out" / "data.parquet").exists()


def test_a_warning_fails_nothing(tmp_path: Path) -> None:
    found = verdicts(
        tmp_path, "{x: {skew: [-1, 1], drift: 0.1, severity: warn}, t: {nulls_at_most: 0, severity: warn}}"
    )
    assert {name: one.status for name, one in found.items()} == {
        "x.skew": "warned",
        "x.drift": "passed",
        "t.nulls_at_most": "warned",
    }


def test_drift_of_an_output_is_that_of_all_rows_it_is_made_of(tmp_path: Path) -> None:
    """The fit learned from the smaller half, so what is written is unlike what taught it."""
    half = float(DATA["x"].median())  # type: ignore[arg-type]
    text = f'fit: {{where: "x <= {half}"}}\nnormalize: {{x: {{method: zscore, suffix: _n, clip: [0, 1]}}}}\n'
    with pytest.raises(ContractError, match=r"checks\.x_n\.drift: x_n has PSI ") as caught:
        nf.run(pipeline(tmp_path, DATA, f"{text}checks: {{x_n: {{drift: 0.1}}}}\n"))
    assert caught.value.exit_code == 1
    record = nf.run(pipeline(tmp_path, DATA, f"{text}checks: {{x_n: {{drift: {{warn: 0.1}}}}}}\n"))
    (found,) = [one for one in record.checks if one.check == "x_n.drift"]
    tenth, rest = 0.05, 0.5 + 0.05  # half of the rows lie above the last edge
    expected = 9 * (tenth - 0.1) * np.log(tenth / 0.1) + (rest - 0.1) * np.log(rest / 0.1)
    assert found.value == pytest.approx(expected, rel=0.01)
    assert (found.status, found.severity, found.threshold) == ("warned", "warn", "warn 0.1")


@pytest.mark.parametrize(
    ("checks", "message"),
    [
        ("{t: {skew: [0, 1]}}", "checks.t: skew needs numbers, and the column is String"),
        ("{t: {quantile: {5%: [0, 1]}}}", "checks.t: quantile needs numbers"),
        ("{t: {drift: 1}}", "checks.t: drift needs "),
        ("{u: {drift: 1}}", "no such column in the output"),
    ],
)
def test_what_cannot_be_judged_is_told_before_a_row_is_read(
    tmp_path: Path, checks: str, message: str
) -> None:
    with pytest.raises(SchemaError, match=message):
        verdicts(tmp_path, checks)


DRIFT = Drift(rows=1_000, taught=1_000, psi=0.3, ks=0.2, outside=0.0, missing=-0.01, shift=None)


@pytest.mark.parametrize(
    ("limits", "severity", "rows", "status"),
    [
        (DriftSpec(warn=0.4), "error", 1_000, "passed"),
        (DriftSpec(warn=0.1), "error", 1_000, "warned"),
        (DriftSpec(warn=0.1, fail=0.4), "error", 1_000, "warned"),
        (DriftSpec(fail=0.2), "error", 1_000, "failed"),
        (DriftSpec(fail=0.2), "warn", 1_000, "warned"),
        (DriftSpec(fail=0.2), "error", 199, "warned"),
        (DriftSpec(fail=0.2), "error", 200, "failed"),
        (DriftSpec(fail=0.3), "error", 1_000, "passed"),
    ],
)
def test_drift_is_judged_by_its_limits(limits: DriftSpec, severity: str, rows: int, status: str) -> None:
    drift = Drift(**{**DRIFT.to_json(), "rows": rows})  # type: ignore[arg-type]
    assert judge_drift("x", drift, limits, section="checks", severity=severity).status == status


def test_the_message_says_what_moved() -> None:
    found = judge_drift("x", DRIFT, DriftSpec(warn=0.1, refit=0.25), section="drift", severity="error")
    assert found.message == (
        "x has PSI 0.3 against what taught the fit (KS 0.2, missing -0.01), and refit is 0.25"
    )
    assert (found.check, found.threshold) == ("x", "warn 0.1, refit 0.25")


@pytest.mark.parametrize("rows", [1, 7, 700, 5_000])
def test_a_profile_of_batches_is_that_of_the_rows(rows: int) -> None:
    """Whatever the batches, their order and the threads: equal bits."""
    from concurrent.futures import ThreadPoolExecutor

    data = DATA.head(1_000).with_columns(
        v=pl.concat_list("x", "y").list.to_array(2), d=pl.lit(0).cast(pl.Date), k=pl.col("y") > 0
    )
    columns = ["x", "y", "v", "k"]
    running = RunningProfile(columns, data.schema, resolution=256)
    batches = list(data.iter_slices(rows))[::-1]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(running.add, batches))
    expected = observe(data.lazy(), columns, resolution=256)
    assert running.settled() == expected
