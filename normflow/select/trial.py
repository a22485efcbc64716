"""Trying methods on a profile: each gets a score or refuses with a sentence, and none is tried twice."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from normflow.methods import attempted, method_named
from normflow.select.choice import Candidate, plain
from normflow.select.evidence import Evidence
from normflow.select.plot import Plot
from normflow.select.scores import score
from normflow.select.thumbnail import thumbnail
from normflow.transforms import Affine, Transform

if TYPE_CHECKING:
    from collections.abc import Mapping

    from normflow.profiles import ColumnProfile
    from normflow.select.scores import Score

POWERS = ("boxcox", "yeojohnson")
OPTIONS: Mapping[str, Mapping[str, object]] = {
    "robust": {"unit_variance": True},
    "boxcox": {"prescale": True, "snap": True, "condense": True, "lambda_bounds": (-3.0, 4.0)},
    "yeojohnson": {"prescale": True, "snap": True, "condense": True, "lambda_bounds": (-3.0, 5.0)},
}
KNOTS = ((400, 32), (900, 64))
MOST_KNOTS = 256
Key = tuple[str, str, float | None]  # method, options, soft clip


class Trial:
    """The candidates of one column, tried as they are asked for."""

    def __init__(
        self, profile: ColumnProfile, declared: tuple[float, float] | None, plugins: tuple[str, ...]
    ) -> None:
        self.profile, self.declared, self.plugins = profile, declared, plugins
        self.plot = Plot(profile)
        self._tried: dict[Key, Candidate] = {}

    @cached_property
    def evidence(self) -> Evidence:
        """What the rules read."""
        return Evidence.of(self.profile, self.declared, self.before)

    @cached_property
    def before(self) -> Score:
        """The score of the values as they are."""
        return score(self.profile, Transform.identity(), plot=self.plot)

    @cached_property
    def _thumbnail(self) -> ColumnProfile:
        return thumbnail(self.profile, self.profile.condensed())

    def options(self, name: str) -> dict[str, object]:
        """The options that `auto` gives a method."""
        if name == "quantile_normal":
            knots = next((knots for below, knots in KNOTS if self.profile.n < below), MOST_KNOTS)
            return {"n_quantiles": knots, "ranks": "mid"}
        if name == "minmax" and self.declared:
            return {"bounds": list(self.declared)}
        return plain(OPTIONS.get(name, {}))

    def of(
        self,
        name: str,
        soft_clip: float | None = None,
        options: Mapping[str, object] | None = None,
    ) -> Candidate:
        """The method's candidate; a power is tried on some hundred points."""
        taken = self.options(name) if options is None else plain(options)
        key = _key(name, taken, soft_clip)
        if key not in self._tried:
            self._tried[key] = self._candidate(name, taken, soft_clip)
        return self._tried[key]

    def whole(self, name: str, soft_clip: float | None, options: Mapping[str, object]) -> Candidate:
        """The same as it is fitted on the whole profile, or its refusal; the score stays."""
        light = self.of(name, soft_clip, options)
        if name not in POWERS or light.transform is None:
            return light
        found = attempted(method_named(name, light.options, self.plugins), self.profile)
        whole = (
            Candidate(method=name, options=light.options, refusal=found)
            if isinstance(found, str)
            else replace(light, transform=found, formula=found.formula("x"))
        )
        self._tried[_key(name, light.options, soft_clip)] = whole
        return whole

    def was_tried(self, name: str) -> bool:
        """Whether somebody asked for that method."""
        return any(tried == name for tried, _, _ in self._tried)

    def _candidate(self, name: str, options: Mapping[str, object], soft_clip: float | None) -> Candidate:
        profile = self._thumbnail if name in POWERS else self.profile
        method = method_named(name, options, self.plugins)
        found = self._flat_middle(name, options) or attempted(method, profile)
        if isinstance(found, str):
            return Candidate(method=name, options=options, refusal=found)
        return Candidate(
            method=name,
            options=options,
            score=score(self.profile, found, soft_clip, self.plot),
            formula=found.formula("x"),
            transform=found,
        )

    def _flat_middle(self, name: str, options: Mapping[str, object]) -> str | None:
        # with an IQR of 0 robust is no other than zscore; a guard that names it plainly takes it all the same
        if name != "robust" or self.evidence.iqr or not options:
            return None
        if self.evidence.iqr is None:
            return "the IQR is beyond float64"
        return "the IQR is 0, and there is nothing to scale by"


def _key(name: str, options: Mapping[str, object], soft_clip: float | None) -> Key:
    return name, repr(options), soft_clip


def is_affine(candidate: Candidate) -> bool:
    """Whether a candidate shifts and scales, and nothing else."""
    found = candidate.transform
    return found is not None and all(isinstance(one, Affine) for one in found.maps)
