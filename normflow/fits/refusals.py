"""Policies of `error`: an expression that raises when a row breaks one."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import polars as pl

from normflow.errors import FitError
from normflow.fits.treatment import forbidden

if TYPE_CHECKING:
    from collections.abc import Mapping

MEND = "mend the rows, or choose another policy"


def refusing(entered: pl.Expr, name: str, refused: Mapping[str, pl.Expr]) -> pl.Expr:
    """What entered of a column; an error where a row is what a policy refuses."""
    for policy, bad in refused.items():
        entered = stopping(entered, bad, forbidden(name, policy))
    return entered


def stopping(entered: pl.Expr, bad: pl.Expr, what: str) -> pl.Expr:
    """What entered; an error that says `what` where a row is bad."""
    zeros = bad.map_batches(partial(_complain, what), return_dtype=pl.Float64, is_elementwise=True)
    return entered + zeros


def _complain(what: str, bad: pl.Series) -> pl.Series:
    """Zeros, unless a row is bad."""
    if bad.any():
        raise FitError(what, hint=MEND)
    return pl.zeros(len(bad), dtype=pl.Float64, eager=True)
