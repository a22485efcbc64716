"""Whose values may be told: not those of a private pipeline, nor of a redacted column and its outputs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from normflow.contract import with_examples

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from normflow.fits import Fit
    from normflow.pipeline.prepare import Prepared
    from normflow.record import CheckRecord


def told(
    verdicts: Iterable[CheckRecord],
    found: Mapping[str, tuple[Mapping[str, Any], ...]],
    prepared: Prepared,
    fit: Fit,
) -> tuple[CheckRecord, ...]:
    """The verdicts with the rows that were found for them, as far as these may be told."""
    if prepared.pipeline.private:
        return tuple(verdicts)
    return with_examples(verdicts, found, redacted_columns(prepared, fit))


def withheld(verdicts: Iterable[CheckRecord], prepared: Prepared, fit: Fit) -> tuple[CheckRecord, ...]:
    """Verdicts that come with their examples, without those that may not be told."""
    if prepared.pipeline.private:
        return tuple(replace(one, examples=()) for one in verdicts)
    hidden = redacted_columns(prepared, fit)
    return tuple(replace(one, examples=()) if one.column in hidden else one for one in verdicts)


def redacted_columns(prepared: Prepared, fit: Fit) -> set[str]:
    """The columns that the contract or the checks redact, and the outputs computed from them."""
    entering = {name for name, rule in prepared.pipeline.contract.items() if rule.redact}
    leaving = {name for name, rule in prepared.output_checks.items() if rule.redact}
    outputs = {name for one in fit.columns if one.column in entering for name in (one.output, one.label)}
    mixed = {name for one in fit.row_wise if entering & set(one.columns) for name in one.outputs}
    # a key is told under its first column
    keys = {key.columns[0] for key in prepared.pipeline.table.unique if entering & set(key.columns)}
    return entering | leaving | outputs | mixed | keys
