"""What every method promises, and what this one is for."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import polars as pl
from signedroot import SignedRoot

import normflow as nf
from normflow.testing import MethodContract


class TestSignedRoot(MethodContract):
    """Every law, with the method found by its entry point."""

    variants: ClassVar = (SignedRoot(), SignedRoot(gain=4.0))


def test_auto_takes_it_where_it_suits() -> None:
    heavy = pl.DataFrame({"x": np.random.default_rng(3).standard_t(2, 4000)})
    fit = nf.fit(
        heavy, {"x": {"method": "auto", "candidates": ["zscore", "signedroot"]}}, plugins=["signedroot"]
    )
    assert fit["x"].method == "signedroot"
    assert "signedroot" not in nf.fit(heavy)["x"].method
