"""What a method promises, on every column of the zoo."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import polars as pl
import pytest

import normflow as nf
from normflow.methods.plugins import PARTS, checked_attempt
from normflow.profiles import observe_values
from normflow.testing.columns import ZOO
from normflow.transforms import Transform

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from normflow.methods import Method
    from normflow.profiles import ColumnProfile

PROFILES = {name: observe_values(values) for name, values in ZOO.items()}
NEAR = 1e-6


class MethodContract:
    """The laws of a method; a subclass names the `variants` that are tested, each with options of its own."""

    variants: ClassVar[Sequence[Method]] = ()

    def test_there_are_variants(self) -> None:
        """A contract without a method would pass by saying nothing."""
        assert self.variants, f"{type(self).__name__}.variants names no method"

    def test_a_method_is_a_frozen_value_of_plain_options(self) -> None:
        """A dataclass that is equal to its copy, hashable, and whose options are JSON."""
        for method in self.variants:
            kind: Any = type(method)
            assert hasattr(kind, "__dataclass_fields__"), f"{kind.__name__} is no dataclass"
            assert not [part for part in PARTS if not hasattr(method, part)]
            assert kind.__dataclass_params__.frozen, f"{kind.__name__} is not frozen"
            options = asdict(_plain(method))
            assert kind(**options) == method
            assert hash(kind(**options)) == hash(method)
            assert json.loads(json.dumps(options)) == {
                name: list(value) if isinstance(value, tuple) else value for name, value in options.items()
            }
            assert isinstance(method.version, int)
            assert method.name.isidentifier()

    @pytest.mark.parametrize("column", ZOO)
    def test_it_refuses_with_a_sentence_or_maps_all_rows_to_numbers(self, column: str) -> None:
        """Never a traceback, never NaN or ±inf for a value that it was fitted on."""
        profile = PROFILES[column]
        for method, outcome in self._outcomes(profile):
            if isinstance(outcome, str):
                assert method.refuses(profile) == outcome
                assert len(outcome.split()) > 2, (
                    f"a refusal is a sentence with the number at fault: {outcome!r}"
                )
                with pytest.raises(nf.FitError):
                    method.fit(profile)
            else:
                assert method.refuses(profile) is None
                assert method.fit(profile) == outcome
                assert np.isfinite(_mapped(outcome, _finite(column))).all()

    @pytest.mark.parametrize("column", ZOO)
    def test_order_and_parts_leave_no_trace(self, column: str) -> None:
        """A fit is a function of the set of rows: shuffled, or profiled in parts, the bits are the same."""
        values = ZOO[column]
        shuffled = [values[i] for i in np.random.default_rng(1).permutation(len(values))]
        cut = len(values) // 3
        merged = observe_values(values[cut:]) + observe_values(values[:cut])
        for method, outcome in self._outcomes(PROFILES[column]):
            for other in (observe_values(shuffled), merged):
                assert repr(method.attempt(other)) == repr(outcome)

    @pytest.mark.parametrize("column", ZOO)
    def test_what_it_gives_is_stored_and_read_again(self, column: str) -> None:
        """Through JSON, bit for bit."""
        for _, outcome in self._outcomes(PROFILES[column]):
            if not isinstance(outcome, str):
                stored = json.loads(json.dumps(outcome.to_json(), allow_nan=False))
                assert repr(Transform.from_json(stored)) == repr(outcome)

    @pytest.mark.parametrize("column", ZOO)
    def test_larger_values_stay_larger_or_equal(self, column: str) -> None:
        """Maps are monotone."""
        values = np.sort(_finite(column))
        for _, outcome in self._outcomes(PROFILES[column]):
            if not isinstance(outcome, str) and values.size:
                assert (np.diff(_mapped(outcome, values)) >= 0.0).all()

    @pytest.mark.parametrize(
        "column", ["one to five", "normal", "log-normal", "integers", "uniform with nulls"]
    )
    def test_the_inverse_brings_values_back(self, column: str) -> None:
        """Within 1e-6 of the column's range, on columns that hurt nobody."""
        values = np.unique(_finite(column))
        for method, outcome in self._outcomes(PROFILES[column]):
            if isinstance(outcome, str):
                continue
            y = pl.DataFrame({"y": _mapped(outcome, values)})
            back = y.select(outcome.inverse(pl.col("y"))).to_series().to_numpy()
            if (
                len(np.unique(y["y"])) == values.size
            ):  # what takes several values to one cannot tell them apart
                away = np.abs(back - values) / np.ptp(values)
                assert np.nanmax(away) < NEAR, f"{method}: {away.max()}"

    def test_a_pipeline_that_lists_it_can_use_it(self) -> None:
        """By its entry point, named on a column; the fit keeps its id through JSON."""
        taught = pl.DataFrame({"x": ZOO["integers"]})
        for method in self.variants:
            profile = PROFILES["integers"]
            if isinstance(method.attempt(profile), str):
                continue
            line = {
                "method": method.name,
                **{one.name: getattr(method, one.name) for one in fields(_plain(method))},
            }
            fit = nf.fit(taught, {"x": line}, plugins=[method.name])
            assert fit["x"].method == method.name
            assert nf.Fit.from_json(fit.to_json()).id == fit.id
            assert all(map(math.isfinite, fit.transform(taught)["x"]))

    def _outcomes(self, profile: ColumnProfile) -> Iterator[tuple[Method, Transform | str]]:
        for method in self.variants:
            yield method, checked_attempt(method, profile)


def _plain(method: Method) -> Any:
    """The dataclass that a method is."""
    return method


def _finite(column: str) -> np.ndarray[Any, Any]:
    return np.array([value for value in ZOO[column] if value is not None and math.isfinite(value)])


def _mapped(transform: Transform, values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """As a frame has it."""
    found = pl.DataFrame({"x": values}, schema={"x": pl.Float64}).select(transform.expr(pl.col("x")))
    return found.to_series().cast(pl.Float64).fill_null(math.nan).to_numpy()
