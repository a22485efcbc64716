"""A run as one HTML page that opens anywhere: no other file, no network, and readable without its script."""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from normflow.record import NAMED
from normflow.report.charts import HEIGHT, WIDTH, charts
from normflow.report.drift_chart import HEIGHT as DRIFT_HEIGHT
from normflow.report.drift_chart import WIDTH as DRIFT_WIDTH
from normflow.report.drift_chart import drift_lines
from normflow.report.explanation import SCORES, by_group, plain, stable
from normflow.report.junit import FORBIDDEN
from normflow.report.summary import groups_line
from normflow.report.text import decimals, method_text, plural, share, short

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jinja2 import Template

TEMPLATES = Path(__file__).parent / "templates"
UNTOLD: Mapping[str, Any] = {
    "inputs": [],
    "versions": {},
    "command": "",
    "private": False,
    "config_hash": "",
    "input_fingerprint": "",
    "warnings": (),
    "error": None,
    "home": "",
}
"""What a document need not have: the registry adds some, and earlier versions wrote less."""
SHAPES = ("min", "max", "mean", "std", "skew")
JUDGED = ("passed", "warned", "failed")
DISTANCES = ("psi", "ks", "outside", "missing", "shift")


def page(record: Mapping[str, Any]) -> str:
    """A run's document as HTML: the plain values that `normflow show RUN --json` prints.

    What else the registry knows of the run is shown where the document has it: `versions`, `inputs`, the
    `command` that repeats it, and in the entries of `columns` the `reference` that histograms are drawn from.
    `home` is a page to go back to, where this one is part of a site.
    With `private` nothing is drawn and no range is told. Equal documents give equal pages.
    """
    notable = [one for one in record["checks"] if one["status"] != "passed"]
    grouped = groups_line(record["groups"], record["columns"]).plain if record["groups"] else ""
    return template("run.html.jinja").render(
        run={**UNTOLD, **record},
        verdict=verdict(record),
        tiles=_tiles(record),
        notable=notable,
        passed=[one for one in record["checks"] if one["status"] == "passed"],
        quarantined=[one for one in notable if one["status"] == "quarantined"],
        grouped=grouped,
        drifted=[one for one in record["columns"] if one.get("drift")],
        drift_lines=drift_lines(record.get("drift_history")),
        columns=[_column(one, record, notable) for one in record["columns"]],
    )


def verdict(record: Mapping[str, Any]) -> str:
    """What became of the run, in a sentence."""
    checks = record["checks"]
    failed = sum(one["status"] == "failed" for one in checks)
    rows, aside = record["rows"] or 0, record["quarantined"] or 0
    if record["status"] != "succeeded":
        told = f"Nothing was published: {failed:,} of {plural(len(checks), 'check')} failed"
        return f"{told}, over {plural(rows, 'row')}."
    warned = sum(one["status"] == "warned" for one in checks)
    told = f"Published {rows - aside:,} of {plural(rows, 'row')}"
    told += f", {aside:,} quarantined" if aside else ""
    return f"{told}; of {plural(len(checks), 'check')} {failed + warned:,} warned or failed."


def _tiles(record: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """What is asked first: a name, a number, and the status that gives it its color."""
    rows, aside = record["rows"] or 0, record["quarantined"] or 0
    counts = Counter(one["status"] for one in record["checks"])
    normalized = sum(_changed(one) for one in record["columns"])
    return [
        ("rows read", f"{rows:,}", ""),
        ("rows quarantined", f"{aside:,}", "quarantined"),
        ("columns normalized", f"{normalized:,} of {len(record['columns']):,}", ""),
        *((f"checks {status}", f"{counts[status]:,}", status) for status in JUDGED if status in counts),
    ]


def _changed(column: Mapping[str, Any]) -> bool:
    return bool(column["transform"] and column["transform"]["maps"]) or column["transform"] is None


def _column(column: Mapping[str, Any], record: Mapping[str, Any], notable: list[Any]) -> dict[str, Any]:
    """A column's entry with what the page draws and computes of it."""
    private, choice = record.get("private", False), column["choice"]
    place = "" if column["index"] is None else f"[{column['index']}]"
    names = dict.fromkeys((f"{column['column']}{place}", f"{column['output']}{place}"))
    about = {column["column"], column["output"], f"{column['output']}{place}"}
    judged = [one for one in notable if one["column"] in about]
    return {
        **column,
        "name": " → ".join(names),
        "shown_method": method_text(dict(column)),
        "reason": choice["reason"] if choice else NAMED,
        "charts": None if private else charts(column),
        "shapes": [(what, *_shape(column, what)) for what in SHAPES if not private or what == "skew"],
        "judged": judged,
        "verdicts": sorted({one["status"] for one in judged}),
        "changed": _changed(column),
        "seen": [] if private or not choice else _evidence(choice),
        "by_group": by_group(column["groups"]) if column["groups"] else "",
        "stable": stable(choice["stability"], choice["method"]) if choice and choice["stability"] else "",
        "met": [(what, count) for what, count in (column.get("policies") or {}).items() if count],
    }


def _shape(column: Mapping[str, Any], what: str) -> tuple[float | None, float | None, float | None]:
    """Before and after as the fit knows them, and as this run wrote it."""
    before, after, now = ((column.get(one) or {}).get(what) for one in ("before", "after", "output_values"))
    return before, after, now


def _evidence(choice: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(key, plain(value)) for key, value in choice["evidence"].items() if value is not None]


def template(name: str) -> Template:
    """A page to fill; whatever it is filled with stays text."""
    return _environment().get_template(name)


@cache
def _environment() -> Environment:
    # Everything is escaped, and what HTML cannot hold even so is replaced before that.
    found = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: FORBIDDEN.sub("\ufffd", value) if type(value) is str else value,
    )
    found.filters |= {"short": short, "share": share, "decimals": decimals}
    found.globals |= {"WIDTH": WIDTH, "HEIGHT": HEIGHT, "SCORES": SCORES, "DISTANCES": DISTANCES}
    found.globals |= {"DRIFT_WIDTH": DRIFT_WIDTH, "DRIFT_HEIGHT": DRIFT_HEIGHT}
    return found
