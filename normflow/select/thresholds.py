"""The numbers at which a decision turns."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

SKEW_KNEE = 1.0  # the normality gap of untouched columns has its knee here
MARGIN = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """What the rules compare with.

    `skew` and `core` are moment skews, `outlier_ratio` their quotient; shares run from 0 to 1; `id_span` is a
    range in rows; `levels` and `few_rows` count values. `tie` is a difference of normal-plot correlations
    that is none. `gap` is how many times 1.5/n (at least 1e-4) a correlation may lie below the best there is.
    `lead` is the share of the best candidate's own gap by which another may trail it and still be taken.
    """

    skew: float = SKEW_KNEE
    core: float = SKEW_KNEE
    outlier_ratio: float = 3.0
    zero_share: float = 0.3
    atom_share: float = 0.999
    id_span: float = 1.05
    levels: float = 10
    few_rows: float = 20
    tie: float = 1e-4
    gap: float = 1.0
    lead: float = 0.0

    def moved(self, margin: float) -> Iterator[tuple[str, Thresholds]]:
        """These thresholds with one of them moved by the margin, up or down, each in turn."""
        for field in fields(self):
            value = getattr(self, field.name)
            for moved in (margin,) if field.name == "lead" else (value * (1 - margin), value * (1 + margin)):
                yield field.name, replace(self, **{field.name: moved})


USUAL = Thresholds()
