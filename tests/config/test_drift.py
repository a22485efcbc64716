"""The keys that judge the shape of what leaves, and drift from the fit: read, kept, refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import normflow as nf
from normflow.errors import ConfigError
from normflow.spec import DriftSpec, Limit, Pipeline

if TYPE_CHECKING:
    from pathlib import Path


def load(folder: Path, text: str) -> Pipeline:
    (folder / "p.yaml").write_text(f"source: a.parquet\nsink: out/a.parquet\n{text}\n")
    return nf.load(folder / "p.yaml")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0.1", DriftSpec(warn=0.1)),
        ("1", DriftSpec(warn=1.0)),
        ("{warn: 0.1, refit: 0.25}", DriftSpec(warn=0.1, refit=0.25)),
        ("{warn: 0.1, refit: 0.25, fail: 2}", DriftSpec(warn=0.1, refit=0.25, fail=2.0)),
        ("{fail: 0.5}", DriftSpec(fail=0.5)),
    ],
)
def test_limits_of_the_fit(tmp_path: Path, text: str, expected: DriftSpec) -> None:
    found = load(tmp_path, f"fit: {{drift: {text}}}")
    assert found.fit.drift == expected
    assert Pipeline.from_json(found.to_json()) == found


def test_checks_of_the_shape(tmp_path: Path) -> None:
    text = (
        "checks:\n"
        "  x: {skew: [-1, null], quantile: {50%: [-0.1, 0.1], 99.5%: [null, 4]}, nulls_at_most: 1%,"
        " drift: 0.1}\n"
        "  y: {nulls_at_most: 3, drift: {warn: 0.1, fail: 0.5}}\n"
    )
    found = load(tmp_path, text)
    x, y = found.checks["x"], found.checks["y"]
    assert (x.skew, x.quantile) == ((-1, None), ((0.5, (-0.1, 0.1)), (0.995, (None, 4))))
    assert (x.nulls_at_most, x.drift) == (Limit(share=0.01), DriftSpec(fail=0.1))
    assert (y.nulls_at_most, y.drift) == (Limit(count=3), DriftSpec(warn=0.1, fail=0.5))
    assert Pipeline.from_json(found.to_json()) == found


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("fit: {drift: {}}", "3:14: fit.drift: names no threshold; write warn: 0.1"),
        ("fit: {drift: much}", "3:14: fit.drift: expected a number or a mapping, got text 'much'"),
        ("fit: {drift: true}", "3:14: fit.drift: expected a number or a mapping, got true"),
        (
            "fit: {drift: {warn: 0}}",
            "3:21: fit.drift.warn: expected a population stability index above 0 such as 0.1, got number 0",
        ),
        (
            "fit: {drift: {warn: 0.3, refit: 0.25}}",
            "3:33: fit.drift.refit: refit 0.25 is not above warn 0.3",
        ),
        ("fit: {drift: {refit: 1, fail: 1}}", "3:31: fit.drift.fail: fail 1 is not above refit 1"),
        ("checks: {x: {drift: {refit: 1}}}", "checks.x.drift.refit: unknown key; known are warn, fail"),
        ("contract: {x: {drift: 1}}", "contract.x.drift: unknown key"),
        ("checks: {x: {quantile: {50: [0, 1]}}}", "3:25: checks.x.quantile.50: 50 is no share such as 50%"),
        ("checks: {x: {quantile: {}}}", "3:24: checks.x.quantile: "),
        (
            "checks: {x: {quantile: {50%: [0, 1], 50.0%: [0, 1]}}}",
            "checks.x.quantile.50.0%: 50.0% is there twice",
        ),
        (
            "checks: {x: {quantile: {50%: [1, 0]}}}",
            "3:30: checks.x.quantile.50%: the lower end 1 is above the upper end 0; write [lower, upper]",
        ),
        (
            "checks: {x: {quantile: {50%: 1}}}",
            "3:30: checks.x.quantile.50%: expected a list, got number 1",
        ),
        (
            "checks: {x: {nulls_at_most: 1.5}}",
            "checks.x.nulls_at_most: expected a share such as 5% or a whole number of rows, got number 1.5",
        ),
    ],
)
def test_what_is_wrong_is_told_at_its_place(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text)
    assert message in str(caught.value)


def test_limits_shape_no_parameters(tmp_path: Path) -> None:
    """With other limits the same fit is used."""
    import polars as pl

    pl.DataFrame({"x": [1.0, 2.0, 4.0]}).write_parquet(tmp_path / "a.parquet")
    first = nf.run(load(tmp_path, ""))
    second = nf.run(load(tmp_path, "fit: {drift: 0.1}\nchecks: {x: {skew: [-1, 1], drift: 1}}"))
    assert (second.fit, second.fit_id) == ("reused", first.fit_id)
