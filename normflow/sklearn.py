"""normflow as a scikit-learn transformer: `Normalizer` in a Pipeline, a ColumnTransformer, a grid search.

It learns through profiles alone, so that `partial_fit` over parts in any order gives the bits of one `fit`.
"""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import polars as pl

import normflow.fits as _fits
from normflow.errors import FormatError, NormflowError, PluginError
from normflow.fits import Fit
from normflow.profiles import Profile, profile

try:
    from sklearn.base import BaseEstimator, TransformerMixin
    from sklearn.utils.validation import _check_feature_names_in, check_is_fitted, validate_data
except ImportError as error:  # pragma: no cover
    raise PluginError(
        f"normflow.sklearn needs scikit-learn: {error}", hint="pip install 'normflow-etl[sklearn]'"
    ) from None

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

FORMAT = 1


class Normalizer(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Normalize each feature by a method that is named, or chosen from what the feature looks like.

    Args:
        method: `auto`, or the name of a column method: `zscore`, `robust`, `yeojohnson`, `quantile_normal` …;
            with options and policies a line as in a pipeline file, `{"method": "minmax", "outside": "clip"}`.
        goal: what `auto` aims at: model, gaussian, robust, bounded or preserve.
        candidates: the only methods there are for `auto`; None is all that suit the goal.
        columns: lines for single features or patterns, `{"wind_*": "log", "x0": {"method": "robust"}}`; they
            win over `method`. Features of an array are named x0, x1 …
        compat: the conventions of sklearn, r, spark or bigquery.

    Attributes:
        fit_: the `normflow.Fit`, with `explain()`, `to_sql()` and `to_json()`.
        profile_: the `normflow.Profile` of all rows seen; profiles of other machines add to it.
        n_features_in_, feature_names_in_: as everywhere in scikit-learn.

    X has shape (n_samples, n_features). NaN is a missing value: it teaches nothing and stays NaN. What a
    map's domain does not hold becomes NaN. The output is float64.
    """

    fit_: Fit
    profile_: Profile

    def __init__(
        self,
        method: str | Mapping[str, object] = "auto",
        *,
        goal: str = "model",
        candidates: Sequence[str] | None = None,
        columns: Mapping[str, str | Mapping[str, object]] | None = None,
        compat: str = "sklearn",
    ) -> None:
        self.method = method
        self.goal = goal
        self.candidates = candidates
        self.columns = columns
        self.compat = compat

    def fit(self, X: ArrayLike, y: object = None) -> Self:  # noqa: N803, ARG002  (scikit-learn's signature)
        """Learn from the rows of X, and forget what was learned before.

        Raises:
            ValueError: X holds infinities or no numbers, or a named method refuses a feature.
        """
        return self._learn(X, fresh=True)

    def partial_fit(self, X: ArrayLike, y: object = None) -> Self:  # noqa: N803, ARG002  (scikit-learn's signature)
        """Learn from more rows: equal, bit for bit, to one `fit` of all rows so far.

        Raises:
            ValueError: as `fit`; X has other features than before; or the transformer is of `from_fit`.
        """
        if hasattr(self, "fit_") and not hasattr(self, "profile_"):
            raise ValueError(
                "this transformer was made from a fit alone, which has no profile to add rows to"
            )
        return self._learn(X, fresh=not hasattr(self, "profile_"))

    def _learn(self, rows: ArrayLike, *, fresh: bool) -> Self:
        data = validate_data(self, rows, dtype=np.float64, ensure_all_finite="allow-nan", reset=fresh)
        seen = profile(self._frame(data, self._names()))
        try:
            known = seen if fresh else self.profile_ + seen
            self.fit_ = _fits.fit(known, self._lines(), goal=self.goal, compat=self.compat)  # type: ignore[arg-type]  # it checks
        except NormflowError as error:
            raise ValueError(str(error)) from error
        self.profile_ = known
        return self

    def transform(self, X: ArrayLike) -> NDArray[np.float64]:  # noqa: N803  (scikit-learn's signature)
        """The rows normalized, shape (n_samples, n_features_out).

        Raises:
            NotFittedError: before `fit`.
            ValueError: X holds infinities or other features, or a value breaks a policy of `error`.
        """
        check_is_fitted(self)
        data = validate_data(self, X, dtype=np.float64, ensure_all_finite="allow-nan", reset=False)
        try:
            return self._array(self.fit_.transform(self._frame(data, self._names())))
        except NormflowError as error:
            raise ValueError(str(error)) from error

    def inverse_transform(self, X: ArrayLike) -> NDArray[np.float64]:  # noqa: N803  (scikit-learn's signature)
        """Normalized rows in the units of the features again, shape (n_samples, n_features_in_).

        A value outside a map's image becomes NaN.

        Raises:
            NotFittedError: before `fit`.
            ValueError: X has other columns than `transform` gives.
        """
        from sklearn.utils import check_array

        check_is_fitted(self)
        data = check_array(X, dtype=np.float64, ensure_all_finite="allow-nan")
        outputs = self._outputs()
        if data.shape[1] != len(outputs):
            raise ValueError(f"X has {data.shape[1]} columns, and transform gives {len(outputs)}")
        back = self.fit_.inverse(self._frame(data, outputs))
        written = {one.column: one.output for one in self.fit_.columns}
        return self._array(back.select(written.get(name, name) for name in self._names()))

    def get_feature_names_out(self, input_features: ArrayLike | None = None) -> NDArray[np.object_]:
        """The names of the columns that `transform` gives.

        Raises:
            NotFittedError: before `fit`.
            ValueError: `input_features` are others than those of `fit`.
        """
        check_is_fitted(self)
        names = _check_feature_names_in(self, input_features)
        given = dict(zip(self._names(), names, strict=True))
        return np.asarray([given.get(name, name) for name in self._outputs()], dtype=object)

    def to_json(self) -> str:
        """Parameters, fit and profile as one JSON text that `from_json` reads, on any machine.

        Raises:
            NotFittedError: before `fit`.
        """
        check_is_fitted(self)
        return json.dumps(
            {"format": FORMAT, "params": self.get_params(), **self._plain()}, ensure_ascii=False
        )

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The transformer that `to_json` stored.

        Raises:
            FormatError: the text is damaged, or of a format that this program does not read.
        """
        try:
            document = json.loads(text)
            if document["format"] != FORMAT:
                raise FormatError(f"format {document['format']} of a stored Normalizer is not known")
            made = cls(**document["params"])
            made._restore(document)
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            raise FormatError(f"no stored Normalizer: {error}") from None
        return made

    @classmethod
    def from_fit(cls, fit: Fit) -> Self:
        """A fitted transformer of the columns of a fit that a run, or `normflow.fit`, has learned.

        Its features are those columns in the order of the fit. It has no profile, so `partial_fit` is
        refused; `fit` starts anew with the methods and options of the fit.

        Raises:
            ValueError: the fit has groups, row-wise methods, or columns of arrays.
        """
        if fit.groups is not None or fit.row_wise or any(one.index is not None for one in fit.columns):
            raise ValueError("a transformer of scikit-learn has no groups, row-wise methods, or arrays")
        lines = {one.column: {"method": one.method, **one.options} for one in fit.columns}
        made = cls("none", columns=lines)
        made.fit_ = fit
        made.feature_names_in_ = np.asarray(list(lines), dtype=object)
        made.n_features_in_ = len(lines)
        return made

    def __getstate__(self) -> dict[str, Any]:
        """Plain values alone: a pickle of it names no class of normflow but this one."""
        state: dict[str, Any] = super().__getstate__()
        return {**state, **self._plain()} if "fit_" in state else state

    def __setstate__(self, state: dict[str, Any]) -> None:
        fitted = {key: state[key] for key in ("fit_", "profile_") if key in state}
        super().__setstate__({key: value for key, value in state.items() if key not in fitted})
        if fitted:
            self._restore(state)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags

    def _plain(self) -> dict[str, Any]:
        named = hasattr(self, "feature_names_in_")
        names = {"feature_names_in_": self.feature_names_in_.tolist()} if named else {}
        return {
            "n_features_in_": self.n_features_in_,
            **names,
            "fit_": self.fit_.to_json(),
            **({"profile_": base64.b64encode(self.profile_.to_bytes()).decode()} if self._profiled else {}),
        }

    @property
    def _profiled(self) -> bool:
        return hasattr(self, "profile_")

    def _restore(self, state: Mapping[str, Any]) -> None:
        self.fit_ = Fit.from_json(state["fit_"])
        if "profile_" in state:
            self.profile_ = Profile.from_bytes(base64.b64decode(state["profile_"], validate=True))
        self.n_features_in_ = int(state["n_features_in_"])
        if "feature_names_in_" in state:
            self.feature_names_in_ = np.asarray(state["feature_names_in_"], dtype=object)

    def _lines(self) -> dict[str, str | Mapping[str, object]]:
        every: dict[str, object] = (
            {"method": self.method} if isinstance(self.method, str) else dict(self.method)
        )
        if self.candidates is not None:
            every["candidates"] = list(self.candidates)
        return {"*": every, **(self.columns or {})}

    def _names(self) -> list[str]:
        named = getattr(self, "feature_names_in_", None)
        return [f"x{i}" for i in range(self.n_features_in_)] if named is None else list(named)

    def _outputs(self) -> list[str]:
        nothing = np.empty((0, self.n_features_in_))
        return self.fit_.transform(self._frame(nothing, self._names())).columns

    @staticmethod
    def _frame(data: NDArray[np.float64], names: Sequence[str]) -> pl.DataFrame:
        """The rows as a frame, NaN as null."""
        return pl.DataFrame({name: pl.Series(data[:, i], nan_to_null=True) for i, name in enumerate(names)})

    @staticmethod
    def _array(frame: pl.DataFrame) -> NDArray[np.float64]:
        return frame.cast(pl.Float64).fill_null(float("nan")).to_numpy(order="c")
