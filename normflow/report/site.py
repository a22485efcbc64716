"""The pages of a registry beside those of its runs: all pipelines, and each with its runs and parameters."""

from __future__ import annotations

import re
from collections import Counter
from hashlib import sha256
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from normflow.report.drift_chart import drift_lines
from normflow.report.html import template
from normflow.report.text import method_text
from normflow.report.trends import Trend, trend

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

PLAIN = re.compile(r"[a-z0-9_][a-z0-9_-]{0,59}")
MOVED = 500  # changes of parameters that a page lists


def file_name(pipeline: str) -> str:
    """The file of a pipeline's page: its name where any file system can hold it, else a hash beside it."""
    if PLAIN.fullmatch(pipeline) and pipeline != "index":
        return f"{pipeline}.html"
    readable = re.sub("[^a-z0-9]+", "-", pipeline.lower()).strip("-")[:40]
    return f"{readable or 'pipeline'}-{sha256(pipeline.encode('utf-8', 'replace')).hexdigest()[:12]}.html"


def index_page(registry: str, pipelines: Sequence[Mapping[str, Any]]) -> str:
    """All pipelines of a registry: `pipeline`, how many runs it has (`count`), and its last `runs`.

    Runs are newest first, as `pipeline_page` takes them.
    """
    listed = [
        {**one, "file": file_name(one["pipeline"]), "last": one["runs"][0], "trends": _trends(one["runs"])}
        for one in pipelines
    ]
    return template("index.html.jinja").render(registry=registry, pipelines=listed)


def pipeline_page(
    pipeline: str, count: int, runs: Sequence[Mapping[str, Any]], history: Mapping[str, Any] | None
) -> str:
    """The last runs of a pipeline, newest first, their trends, and which parameters changed with them.

    A run has `run_id`, `started`, `status`, `mode`, `rows`, `quarantined`, `error` and its `document`, None
    where it ended before there was one: then no page is linked. `history` is that of its drift.
    """
    moves = list(_moves(runs))
    return template("pipeline.html.jinja").render(
        pipeline=pipeline,
        count=count,
        runs=[{**one, "verdicts": verdicts(one)} for one in runs],
        trends=_trends(runs),
        moves=moves[:MOVED],
        others=max(0, len(moves) - MOVED),
        drifted=[],
        drift_lines=drift_lines(history),
    )


def verdicts(run: Mapping[str, Any]) -> Counter[str]:
    """How many checks of a run ended how."""
    return Counter(one["status"] for one in (run["document"] or {"checks": ()})["checks"])


def _trends(runs: Sequence[Mapping[str, Any]]) -> list[Trend]:
    old = [one for one in reversed(runs) if one["rows"] is not None]
    statuses = [one["status"] for one in old]
    shares = [(one["quarantined"] or 0) / one["rows"] if one["rows"] else None for one in old]
    counts = [verdicts(one) for one in old]
    drawn = (
        trend("rows", [one["rows"] for one in old], statuses),
        trend("quarantined", shares, statuses, percent=True),
        trend("checks warned or failed", [one["warned"] + one["failed"] for one in counts], statuses),
    )
    return [one for one in drawn if one]


def _moves(runs: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, str]]:
    """What a fit changed in a column, newest first: its method and formula, then and before."""
    told = [one for one in runs if one["document"] and one["document"]["mode"] != "replay"]
    for newer, older in pairwise(told):
        now, then = _formulas(newer), _formulas(older)
        for name in [*now, *(one for one in then if one not in now)]:
            if now.get(name) != then.get(name):
                yield {
                    "run_id": newer["run_id"],
                    "started": newer["started"],
                    "column": name,
                    "now": now.get(name, "not there"),
                    "then": then.get(name, "not there"),
                }


def _formulas(run: Mapping[str, Any]) -> dict[str, str]:
    columns = run["document"]["columns"]
    return {_name(one): f"{method_text(one)}: y = {one['formula']}" for one in columns}


def _name(column: Mapping[str, Any]) -> str:
    return column["output"] if column["index"] is None else f"{column['output']}[{column['index']}]"
