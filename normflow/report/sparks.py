"""The shape of a column in eight letters, before its map and after."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from normflow.report.charts import binned, chain_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from normflow.transforms import Transform

LEVELS = "▁▂▃▄▅▆▇"
LETTERS = 8


def spark(reference: Mapping[str, Any] | None, chain: Transform | None = None) -> str:
    """A histogram with eight bars of seven heights, each as high as its share of the highest.

    `reference` holds the values at each fortieth, as a fit keeps them; with `chain` they are taken through
    it. Empty without values, or where all are one.
    """
    with np.errstate(all="ignore"):  # what has no finite result is not drawn
        found = binned(reference or {}, chain, LETTERS)
    if found is None:
        return ""
    shares = found[0]
    tallest = float(shares.max())
    heights = np.ceil(shares / tallest * len(LEVELS)) if tallest > 0 else np.zeros(LETTERS)
    return "".join(LEVELS[max(0, int(height) - 1)] for height in heights.tolist())


def sparks(column: Mapping[str, Any]) -> str:
    """`before → after` of a column's entry in a run's document, or only before where nothing was done."""
    reference = column.get("reference")
    before = spark(reference)
    if not before or not (column["transform"] and column["transform"]["maps"]):
        return before
    after = spark(reference, chain_of(column))
    return f"{before} → {after}" if after else before
