"""The summary of a run, the profile of a table and the history of runs, as tables for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.text import Text

from normflow.record import NAMED
from normflow.report.rows import Rows
from normflow.report.sparks import sparks
from normflow.report.text import interval, method_text, place, plural, share, short, skew

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rich.console import RenderableType

STATUS_STYLE = {
    "succeeded": "bold green",
    "passed": "green",
    "warned": "yellow",
    "quarantined": "yellow",
    "failed": "bold red",
    "running": "cyan",
    "publishing": "cyan",
}


DRAWN = "cyan"
NOTHING: Mapping[str, Any] = {"min": None, "max": None, "skew": None}
"""The shape of what learns nothing."""


def run_summary(record: Mapping[str, Any]) -> RenderableType:
    """What a run did: counts, a line a column, what was quarantined and why, where everything is."""
    table = columns_table(record["columns"], reused=record["fit"] != "learned", rows=_written(record))
    parts: list[RenderableType] = [_headline(record), Text(), table]
    notable = [check for check in record["checks"] if check["status"] != "passed"]
    if notable:
        parts += [Text(), checks_table(notable)]
    else:
        parts += [Text(), Text(f"{plural(len(record['checks']), 'check')} passed", style="green")]
    if record["groups"]:
        parts += [groups_line(record["groups"], record["columns"])]
    told = {f"{one['column']}: {one['choice']['reason']}" for one in record["columns"] if one["choice"]}
    parts += [Text(f"warning: {one}", style="yellow") for one in record["warnings"] if one not in told]
    parts += [Text(), *_places(record)]
    return Group(*parts)


def groups_line(groups: Mapping[str, Any], columns: Iterable[Mapping[str, Any]]) -> Text:
    """How many groups there are, and how many take the whole table's parameters, and why."""
    told = f"{plural(groups['count'], 'group')} by {', '.join(groups['by'])}"
    if groups["too_few_rows"]:
        told += f"; {groups['too_few_rows']:,} of fewer than {plural(groups['min_rows'], 'row')}"
    refused = {one["column"]: one["groups"]["refused"] for one in columns if one["groups"]}
    told += "".join(f"; {count:,} refused in {name}" for name, count in refused.items() if count)
    if groups["unseen_rows"]:
        told += f"; {plural(groups['unseen_rows'], 'row')} of unseen groups"
    return Text(told)


def _headline(record: Mapping[str, Any]) -> Text:
    line = Text.assemble(
        (record["pipeline"], "bold"), " ", (record["status"], STATUS_STYLE[record["status"]]), ": "
    )
    counts = [plural(record["rows"], "row")]
    if record["quarantined"]:
        counts.append(f"{record['quarantined']:,} quarantined")
    counts.append(f"fit {record['fit']}")
    if "since" in record:  # from the history, where how it was asked for is not known any more
        counts.append(f"mode {record['mode']}")
        since = record["since"]
        if since and since["told"]:
            counts.append(f"inputs since {since['run_id']}: {since['told']}")
    return line.append(", ".join(counts))


def _written(record: Mapping[str, Any]) -> int:
    return int(record["rows"] - record["quarantined"])


def columns_table(columns: Iterable[Mapping[str, Any]], *, reused: bool, rows: int) -> Rows:
    """A line a column: method, skew and range before and after, missing values, why.

    What a reused fit knows of the columns is of the rows that taught it, and is headed so; the range of the
    output and the missing values are this run's.
    """
    past, listed = " (at the fit)" if reused else "", list(columns)
    drawn = any(one.get("reference") for one in listed)
    shape = [f"shape{past}"] if drawn else []
    table = Rows("column", *shape, "method", f"skew{past}", f"range{past} → output", "missing", "why")
    for column in listed:
        before, after = column["before"] or NOTHING, column["after"] or NOTHING
        now = column["output_values"] or after
        unchanged = bool(column["transform"]) and not column["transform"]["maps"]
        place = "" if column["index"] is None else f"[{column['index']}]"
        names = dict.fromkeys((f"{column['column']}{place}", f"{column['output']}{place}"))
        name = " → ".join(names)
        ranges = interval(before["min"], before["max"])
        if not unchanged:
            ranges += f" → {interval(now['min'], now['max'])}"
        table.add_row(
            Text(name, style="bold"),
            *([Text(sparks(column), style=DRAWN)] if drawn else []),
            Text(method_text(dict(column))),
            skew(before["skew"], after["skew"], unchanged=unchanged) if column["before"] else "",
            ranges,
            share(now["nulls"] / rows if "nulls" in now and rows else column["missing"] or 0.0),
            Text(column["choice"]["reason"] if column["choice"] else NAMED),
        )
    return table


def checks_table(checks: Iterable[Mapping[str, Any]]) -> Rows:
    """A line a check: how many rows failed, what is allowed, the verdict and an example."""
    table = Rows("check", "failed", "allowed", "verdict", "what")
    for check in checks:
        status = check["status"]
        table.add_row(
            Text(f"{check['section']}.{check['check']}"),
            f"{check['failed']:,} of {check['rows']:,}",
            check["threshold"],
            Text(status, style=STATUS_STYLE.get(status, "")),
            Text(check["message"]),
        )
    return table


def _places(record: Mapping[str, Any]) -> list[Text]:
    lines = [
        Text(f"{place(output['path'])}  {plural(output['rows'], 'row')}, {output['bytes']:,} bytes")
        for output in record["outputs"]
    ]
    lines.append(Text(f"fit {record['fit_id'][:12]}, run {record['run_id']} in {place(record['registry'])}"))
    return lines


def profile_table(columns: Iterable[Mapping[str, Any]]) -> Rows:
    """A line a column: what is known, and what auto would choose."""
    table = Rows("column", "type", "shape", "missing", "distinct", "range", "mean", "std", "skew", "auto")
    for column in columns:
        kind = column["dtype"].partition("(")[0]
        if column["method"] is None:
            table.add_row(Text(column["column"], style="bold"), kind, "", share(column["missing"]))
            continue
        table.add_row(
            Text(column["column"], style="bold"),
            kind,
            Text(sparks(column), style=DRAWN),
            share(column["missing"]),
            f"{column['distinct']:,}" if column["distinct_exact"] else f"≈ {column['distinct']:,}",
            interval(column["min"], column["max"]),
            short(column["mean"]),
            short(column["std"]),
            skew(column["skew"], column["after"]["skew"], unchanged=not column["transform"]["maps"]),
            Text(f"{column['method']}: {column['reason']}"),
        )
    return table


def runs_table(runs: Iterable[Mapping[str, Any]]) -> Rows:
    """A line a run, newest first."""
    headings = ("run", "pipeline", "started", "status", "rows", "quarantined", "mode", "fit", "inputs")
    table = Rows(*headings)
    for run in runs:
        table.add_row(
            run["run_id"],
            Text(run["pipeline"]),
            run["started"],
            Text(run["status"], style=STATUS_STYLE.get(run["status"], "")),
            "" if run["rows"] is None else f"{run['rows']:,}",
            "" if run["quarantined"] is None else f"{run['quarantined']:,}",
            run["mode"],
            Text(" ".join(filter(None, ((run["fit_id"] or "")[:12], run["fit"])))),
            (run["input_fingerprint"] or "")[:8],
        )
    return table
