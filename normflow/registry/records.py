"""What the registry holds, one frozen record a row.

Fields are named as the columns of the table. Times are UTC; a time without a zone is read as UTC. Fields that
hold JSON hold its text, made and read by the caller. Values of the data may stand in profiles, choices, fits,
examples and messages; nothing may hold a secret, since texts are stored as they are given.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    import numpy as np
    from numpy.typing import NDArray

RunStatus = Literal["running", "publishing", "succeeded", "failed"]
OutputState = Literal["staged", "published"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRow:
    """One run of a pipeline, from its start to its end.

    `sinks` are the resolved paths it writes, by which a later run finds what this one left unfinished;
    `inputs`, `versions` and `config`, the resolved pipeline, are JSON texts, and so is `document`, the whole
    record of the run.
    """

    run_id: str
    pipeline: str
    started: datetime
    status: RunStatus = "running"
    exit_code: int | None = None
    finished: datetime | None = None
    mode: str = "reuse"
    config_hash: str = ""
    fit_id: str | None = None
    rows: int | None = None
    quarantined: int | None = None
    input_fingerprint: str | None = None
    output_fingerprint: str | None = None
    inputs: str = "[]"
    versions: str = "{}"
    sinks: tuple[str, ...] = ()
    error: str | None = None
    document: str | None = None
    config: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FitRow:
    """One fit, whole: `document` is its canonical JSON text, `fit_id` the hash of what it depends on."""

    fit_id: str
    created: datetime
    goal: str
    rows: int
    document: str
    where: str | None = None
    by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FitUseRow:
    """Which fit a run applied, and the fit that was current before it.

    `document` is the fit as this run knew it: equal transforms may come from other rows, for other reasons.
    In the table it is empty where it is that of the fit itself.
    """

    run_id: str
    pipeline: str
    fit_id: str
    created: datetime
    reuse_key: str
    document: str
    parent: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterRow:
    """The parameters of one column: `numbers` by name as doubles, `options` and `transform` as JSON."""

    fit_id: str
    column: str
    method: str
    group: str = ""
    method_version: int = 1
    options: str = "{}"
    transform: str = "[]"
    numbers: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GroupRows:
    """The parameters of one column in many groups, as arrays: there may be hundreds of thousands.

    Each becomes a row as `ParameterRow` has it; `groups` are JSON texts of the keys. `transform` is JSON in
    pieces, text and the names of numbers in turn; a number that is the same in all groups is a float.
    """

    fit_id: str
    column: str
    method: str
    method_version: int
    options: str
    groups: Sequence[str]
    transform: Sequence[str]
    numbers: Mapping[str, float | NDArray[np.float64]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceRow:
    """Why one column got its method; `evidence` and `candidates` (with scores) are JSON."""

    fit_id: str
    column: str
    method: str
    rule: str
    reason: str
    group: str = ""
    runner_up: str | None = None
    margin: float | None = None
    evidence: str = "{}"
    candidates: str = "[]"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileRow:
    """What is known of one column of one source partition, as its mergeable state."""

    state_key: str
    fingerprint: str
    column: str
    rows: int
    state: bytes
    group: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRow:
    """The verdict on one check; `check` is unique in its run, `examples` are bounded and JSON."""

    run_id: str
    check: str
    severity: str
    rows: int
    failed: int
    status: str
    section: str = ""
    column: str = ""
    share: float | None = None
    value: float | None = None
    threshold: str = ""
    message: str = ""
    examples: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftRow:
    """How far a column's values were from those that taught the fit, over all rows or in one group of them.

    `group` is the JSON text of its key, empty for all rows; `taught` is how many rows taught it and `rows`
    how many came. `warn`, `refit` and `fail` are the limits of `psi`, and `status` is what they made of it.
    """

    run_id: str
    section: str
    column: str
    taught: int
    rows: int
    psi: float
    ks: float
    outside: float
    missing: float
    status: str
    group: str = ""
    shift: float | None = None
    warn: float | None = None
    refit: float | None = None
    fail: float | None = None


@dataclass(frozen=True, slots=True)
class DriftPoint:
    """How far a column was from what taught the fit in one run, and the limits it had then.

    `psi` and `status` are those of all rows, `groups` is the index of the group of rows enough that had moved
    most, and `group_rank` what became of the group that was worst off: 0 passed, 1 warned, 2 failed. None
    where it was not measured.
    """

    run_id: str
    started: datetime
    section: str
    column: str
    psi: float | None
    status: str | None
    groups: float | None
    group_rank: int | None
    warn: float | None
    refit: float | None
    fail: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputRow:
    """One file a run publishes, and whether it has been."""

    run_id: str
    path: str
    role: str
    rows: int
    bytes: int
    sha256: str
    state: OutputState = "staged"


@dataclass(frozen=True, slots=True)
class UnfinishedRun:
    """A run that never said how it ended, with the outputs it meant to publish."""

    run: RunRow
    outputs: tuple[OutputRow, ...]
