"""A closer look at quantiles that fall into wide buckets: their rows, and only theirs, are read again.

Data of two scales, such as 1e9 ± 1 beside some zeros, put almost all rows into a few buckets. The values
between the ends of such a bucket get a histogram of their own, with all the resolution to itself; two or
three passes lead to the order statistics themselves, in the same bounded memory as the first.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from normflow.dtypes import as_float
from normflow.frames import flattened
from normflow.naming import column
from normflow.profiles.histogram import RESOLUTION
from normflow.profiles.observe import observe
from normflow.profiles.quantiles import between, lerp

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from normflow.profiles.column import ColumnProfile
    from normflow.profiles.frame import Profile


def refined(
    lf: pl.LazyFrame,
    profile: Profile,
    wanted: Mapping[str, Sequence[float]],
    *,
    always: bool = False,
    seen: Callable[[int], object] | None = None,
) -> Profile:
    """The profile of `lf`, with exact values for those quantiles that its buckets know badly.

    `wanted` names quantiles by column. One is read again where its column is `coarse_at` it, or `always`
    where its histogram is not exact. Without such a quantile nothing is read, and the profile comes back as
    it is. `seen` is called with the rows of each batch that is read again, and what it raises ends it.
    """

    def look(asked: Asked) -> Profile:
        return observe(asked.values(lf), resolution=RESOLUTION, seen=seen)

    return refined_by(look, profile, wanted, always=always)


def refined_by(
    look: Callable[[Asked], Profile],
    profile: Profile,
    wanted: Mapping[str, Sequence[float]],
    *,
    always: bool = False,
) -> Profile:
    """As `refined`, for rows elsewhere: `look` gives the profile of `asked.values` of all of them."""
    open_questions = [
        Question.of(name, q, profile[name])
        for name, qs in wanted.items()
        for q in sorted({*qs})
        if profile[name].coarse_at(q) or (always and not profile[name].exact)
    ]
    answers: dict[str, dict[float, float]] = {}
    while open_questions:
        closer = look(Asked(tuple(wanted), tuple(open_questions)))
        narrowed = [one.narrowed(closer[one.key]) for one in open_questions]
        for one in narrowed:
            if one.answer is not None:
                answers.setdefault(one.name, {})[one.q] = one.answer
        open_questions = [one for one in narrowed if one.answer is None]
    columns = {
        name: replace(found, refined={**found.refined, **answers[name]}) if name in answers else found
        for name, found in profile.items()
    }
    return replace(profile, profiles=columns)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a look is for: the questions that are open, of all columns that are wanted."""

    wanted: tuple[str, ...]
    questions: tuple[Question, ...]

    def values(self, lf: pl.LazyFrame) -> pl.LazyFrame:
        """A column a question: the values between its ends, null for all others."""
        lf = flattened(lf, wanted=self.wanted)
        schema = lf.collect_schema()
        return lf.select(one.values(schema) for one in self.questions)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A quantile between two order statistics, and what is known of where they are.

    They lie in [lo, hi], `below` values lie under lo, and `lower` and `upper` are their ranks (from 0) in
    the whole column, with `share` of the way between them.
    """

    name: str
    q: float
    lower: int
    upper: int
    share: float
    below: int
    lo: float
    hi: float
    answer: float | None = None

    @classmethod
    def of(cls, name: str, q: float, profile: ColumnProfile) -> Question:
        """The question that a first profile leaves open."""
        lower, upper, share = between(profile.n, q)
        start = cls(name=name, q=q, lower=lower, upper=upper, share=share, below=0, lo=-np.inf, hi=np.inf)
        return start.narrowed(profile)

    @property
    def key(self) -> str:
        """A name for the column of its values."""
        return f"{self.q}:{self.name}"

    def values(self, schema: pl.Schema) -> pl.Expr:
        """The values between the ends, null for all others."""
        x = as_float(column(self.name), schema[self.name])
        return pl.when(x.is_between(self.lo, self.hi)).then(x).alias(self.key)

    def narrowed(self, profile: ColumnProfile) -> Question:
        """The question after a look at the values in [lo, hi]; answered where each bucket is one value."""
        points = profile.points()
        ranks = points.above
        first, last = (
            int(np.searchsorted(ranks, rank - self.below, side="right")) for rank in (self.lower, self.upper)
        )
        single = all(points.low[i] == points.high[i] for i in (first, last))
        return replace(
            self,
            below=self.below + int(ranks[first] - points.counts[first]),
            lo=float(points.low[first]),
            hi=float(points.high[last]),
            answer=lerp(float(points.values[first]), float(points.values[last]), self.share)
            if single
            else None,
        )
