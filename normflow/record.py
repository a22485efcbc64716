"""What a run did, as plain values: the document of `--json`, the Python result and the registry's row."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

RECORD_VERSION = 1
Status = Literal["succeeded", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputRecord:
    """One published file: where, how many rows and bytes, and its SHA-256."""

    path: str
    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRecord:
    """One check: how many of how many rows failed, what was allowed, the verdict, and a few examples."""

    check: str
    section: str
    column: str
    severity: str
    rows: int
    failed: int
    share: float
    threshold: str
    status: str
    message: str
    value: float | None = None
    examples: tuple[Mapping[str, Any], ...] = ()


NAMED = "named in the pipeline"
"""Why a column has its method, where nobody chose."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """One run: its fit, its outputs and the verdicts. Times are ISO 8601 in UTC.

    `groups` tells, where parameters are learned by group, how many groups there are and what became of rows
    whose group was not among them.
    `fit` says whether the parameters were `learned` in this run, `reused` from an earlier one or `given` by
    whoever asked for the run; `input_fingerprint` is the identity of all rows that were read,
    `source_columns` what its columns were; `columns` holds per column the method, the reason and the shape
    before and after; `warnings` are sentences.
    """

    run_id: str
    pipeline: str
    status: Status
    exit_code: int
    started: str
    finished: str
    mode: str
    fit: Literal["learned", "reused", "given"]
    fit_id: str
    rows: int
    quarantined: int
    outputs: tuple[OutputRecord, ...]
    columns: tuple[Mapping[str, Any], ...]
    checks: tuple[CheckRecord, ...]
    groups: Mapping[str, Any] | None = None
    warnings: tuple[str, ...] = ()
    registry: str = ""
    input_fingerprint: str = ""
    config_hash: str = ""
    source_columns: tuple[str, ...] = ()
    error: Mapping[str, Any] | None = None

    def to_json(self) -> dict[str, Any]:
        """The record as one versioned document of plain JSON values."""
        return {
            "version": RECORD_VERSION,
            **{one.name: _plain(getattr(self, one.name)) for one in fields(self)},
        }


def _plain(value: object) -> object:
    """Records of outputs and checks as mappings; what is plain already is not copied."""
    if isinstance(value, OutputRecord | CheckRecord):
        return {one.name: getattr(value, one.name) for one in fields(value)}
    return tuple(map(_plain, value)) if isinstance(value, tuple) else value
