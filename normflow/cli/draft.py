"""The text of a pipeline file to begin with: what is proposed for some data, or a template."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from normflow.config.written import entry, flow, mapping, scalar
from normflow.report.text import plural
from normflow.spec import ColumnChecks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from normflow.pipeline import Proposal
    from normflow.pipeline.propose_column import ColumnProposal

SCHEMA = "pipeline-1.schema.json"
EDITOR = f"# yaml-language-server: $schema=.normflow/{SCHEMA}\n"
ROOM = 900_000
"""Bytes that the lines of columns may take, of the million that a pipeline file may hold."""
ALIGNED = 72
"""Characters up to which comments stand below each other."""
LONGEST_COMMENT = 240
UNWRITTEN = ColumnChecks()

TOP = """\
# Guesses of normflow init from {data}: {rows}, {columns}.
# Look through them, then: normflow check {file}
# Lines such as "#fit: …" are switched off; without the "#" they are on.
version: 1

source: {source}

# What may enter. All rows that were seen pass; a range has room for half as much again at each end, and goes
# on to a round number. A row that breaks a check fails the run; with on_fail: quarantine it is set aside.
"""
MIDDLE = """\

# How each column is normalized: a method, or auto, which chooses in the run that learns.
"""
BOTTOM = """\

# What may leave. Where the fit bounds an output, that it is finite and its nulls are checked in every run.
#checks:
#  "*": {{finite: true}}

#quarantine: {{path: {quarantine}, max_rows: 1%}}  # rows set aside, and how many may be
sink: {sink}
#registry: .normflow/registry.duckdb  # fits, runs and verdicts
"""
TEMPLATE = """\
# A template: with data at hand, normflow init DATA says what it sees there.
# Lines such as "#fit: …" are switched off; without the "#" they are on.
version: 1
#name: weather                       # default: this file's name

# A file, a list of files, a glob or a folder, from this file's folder on: .parquet .csv .tsv .ndjson .ipc
source: data/input.parquet

# What may enter. A row that breaks a check fails the run; with on_fail: quarantine it is set aside.
#contract:
#  station: {dtype: string, nullable: false, isin: [EWR, JFK, LGA]}
#  temp: {dtype: float, range: [-40, 130]}
#  wind_speed: {range: [0, 250], on_fail: quarantine}
#  id: {unique: true}

# How parameters are learned.
#fit:
#  where: "month <= 9"               # which rows teach; all rows are transformed
#  by: [station]                     # parameters for each group
#  mode: reuse                       # or refit, frozen
#  goal: model                       # what auto aims at: model, gaussian, robust, bounded, preserve

# How each column is normalized; the most specific key wins.
normalize:
  "*": auto
#  humid: {method: minmax, bounds: [0, 100]}
#  "wind_*": {method: robust, clip: [0.1%, 99.9%], suffix: _n}
#  temp: {method: zscore, nulls: mean}
#  year: none

# What may leave, by output column.
#checks:
#  temp: {mean: [-0.1, 0.1], std: [0.9, 1.1]}
#  "*": {finite: true}

#quarantine: {path: out/input.quarantine.parquet, max_rows: 5%}
sink: out/input.parquet
#registry: .normflow/registry.duckdb # fits, runs and verdicts
#meta: {owner: data-eng}             # anything; normflow does not read it
"""


def template(sink: str | None = None) -> str:
    """A pipeline file without data, all sections in it."""
    return EDITOR + (TEMPLATE if sink is None else TEMPLATE.replace("out/input.parquet", flow(sink)))


def draft(proposal: Proposal, *, data: str, file: str, source: str, sink: str) -> str:
    """The pipeline file that says what is proposed, with a comment a guess."""
    columns = list(_fitting(proposal.columns))
    left = len(proposal.columns) - len(columns)
    contract = [line for one in columns for line in _contract(one)]
    methods = [line for one in columns for line in _method(one)]
    if not any(one.name == "*" and one.method for one in columns):
        methods.insert(0, ('  "*": auto', "numeric columns that are not named here"))
    quarantine = f"{sink.rpartition('.')[0]}.quarantine.parquet"
    parts = [
        EDITOR,
        TOP.format(
            data=_comment(data),
            rows=plural(proposal.rows, "row"),
            columns=plural(len(proposal.columns), "column"),
            file=_comment(file),
            source=flow(source),
        ),
        "contract:\n" if any(not line.lstrip().startswith("#") for line, _ in contract) else "#contract:\n",
        *_aligned(contract),
        f"  # {plural(left, 'column')} more: a pipeline file holds no more than 1 MB\n" if left else "",
        *_groups(proposal),
        MIDDLE,
        "normalize:\n",
        *_aligned(methods),
        BOTTOM.format(quarantine=flow(quarantine), sink=flow(sink)),
    ]
    return "".join(parts)


def _fitting(columns: Iterable[ColumnProposal]) -> Iterator[ColumnProposal]:
    """The columns whose lines fit into a file."""
    used = 0
    for one in columns:
        lines = [*_contract(one), *_method(one)]
        used += sum(len(f"{line}{comment}".encode()) + ALIGNED for line, comment in lines)
        if used > ROOM:
            return
        yield one


def _contract(one: ColumnProposal) -> Iterator[tuple[str, str]]:
    checks = _written(one.checks)
    if checks:
        yield entry(one.name, mapping(checks), "  "), one.seen
    else:
        yield f"  # {_comment(scalar(one.name))}", one.seen
    if one.stricter:
        off = entry(one.name, mapping(_written(one.stricter)), "  ").replace("\n", "\n#")
        yield f"#{off}", f"instead, to set aside {one.against}"


def _method(one: ColumnProposal) -> Iterator[tuple[str, str]]:
    if one.method:
        yield entry(one.name, scalar(one.method), "  "), one.why


def _groups(proposal: Proposal) -> Iterator[str]:
    for name in proposal.groups[:1]:
        what = "for each of its values parameters of their own"
        yield f"\n#fit: {{by: {flow([name])}}}  # {what}\n"


def _written(checks: ColumnChecks) -> dict[str, Any]:
    """The keys that say something."""
    found = {one.name: getattr(checks, one.name) for one in fields(ColumnChecks)}
    return {name: value for name, value in found.items() if value != getattr(UNWRITTEN, name)}


def _aligned(lines: list[tuple[str, str]]) -> Iterator[str]:
    """Lines with their comments, below each other where the lines are short."""
    widths = [len(line) for line, _ in lines if len(line) <= ALIGNED]
    width = max(widths, default=0)
    for line, comment in lines:
        yield f"{line:<{width}}  # {_comment(comment)}\n"


def _comment(text: str) -> str:
    """Text in one line without anything that could end it."""
    line = "".join(one if one.isprintable() else " " for one in text)
    return line if len(line) <= LONGEST_COMMENT else f"{line[:LONGEST_COMMENT]}…"
