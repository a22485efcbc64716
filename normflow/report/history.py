"""What a run would do, what two runs differ in, and whether one repeats, for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.text import Text

from normflow.record import NAMED
from normflow.report.rows import Rows
from normflow.report.sparks import sparks
from normflow.report.summary import DRAWN
from normflow.report.text import method_text, place, plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from rich.console import RenderableType

SHOWN = 5
AS_IT_WAS = {True: "as the last run left it", False: "not as the last run left it", None: "is replaced"}


def planned(plan: Mapping[str, Any], columns: Iterable[Mapping[str, Any]] = ()) -> RenderableType:
    """What a run would do: the fit and why, what a new fit changes, what is read, written and judged.

    `columns` are those of a fit that is reused: what it does with each, and why.
    """
    parts: list[RenderableType] = [Text.assemble((plan["pipeline"], "bold"), f": {_fit(plan)}")]
    if plan["fit"] == "learned" or plan["to_read"]:
        parts.append(Text(_reads(plan)))
    if plan["fit"] == "learned":
        parts.append(_changes(plan["changes"]))
    parts += [Text(line) for line in _drift(plan)]
    if listed := list(columns):
        parts += [Text(), fit_table(listed), Text()]
    inputs = {name: paths for name, paths in plan["inputs"].items() if paths}
    if plan["last_run"]:
        told = ", ".join(f"{len(paths)} {name} ({_some(paths)})" for name, paths in inputs.items())
        parts.append(Text(f"inputs since run {plan['last_run']}: {told or 'the same'}"))
    if plan["config_changed"]:
        parts.append(Text("configuration: not that of the last run"))
    parts += [Text(_output(one)) for one in plan["outputs"]]
    checks = plan["checks"]
    parts.append(Text(f"{plural(len(checks), 'check')}: {_some(checks)}" if checks else "no checks"))
    return Group(*parts, Text("a run would change something" if plan["differs"] else "nothing would change"))


def fit_table(columns: Iterable[Mapping[str, Any]]) -> Rows:
    """A line a column: its shape before and after, the method, and why."""
    table = Rows("column", "shape", "method", "why")
    for one in columns:
        place = "" if one["index"] is None else f"[{one['index']}]"
        reason = one["choice"]["reason"] if one["choice"] else NAMED
        name = Text(f"{one['output']}{place}", style="bold")
        table.add_row(name, Text(sparks(one), style=DRAWN), method_text(dict(one)), Text(reason))
    return table


def _fit(plan: Mapping[str, Any]) -> str:
    which = f" {plan['fit_id'][:12]} of {plan['since']}" if plan["fit_id"] else ""
    if plan["fit"] == "missing":
        return f"mode 'frozen' finds no fit to apply; {plan['why']}"
    if plan["fit"] == "reused":
        return f"fit{which} is reused; {plan['why']}"
    return f"a fit is learned; {plan['why']}"


def _reads(plan: Mapping[str, Any]) -> str:
    count, total = len(plan["to_read"]), plan["partitions"]
    names = _some([place(one) for one in plan["to_read"]]) if count else "none"
    rows = f" ({plural(plan['rows_to_read'], 'row')})" if plan["rows_to_read"] else ""
    return f"{total - count:,} of {plural(total, 'partition')} known; reads {names}{rows}"


def _drift(plan: Mapping[str, Any]) -> Iterator[str]:
    """What is beyond a limit, or that nothing is; and whether the run fails for it."""
    if plan["drift"] is None:
        return
    beyond = [one for one in plan["drift"] if one["status"] != "passed"]
    if not beyond:
        columns = len({one["column"] for one in plan["drift"]})
        yield f"drift: {plural(columns, 'column')} compared, none above a limit"
    yield from (f"drift: {one['message']}" for one in beyond)
    if plan["refused"]:
        yield "the run would fail for its drift and publish nothing"


def _changes(changes: list[Mapping[str, Any]] | None) -> RenderableType:
    if changes is None:
        return Text("what it changes is known when they are read")
    return differences_table(changes, "now", "then") if changes else Text("the fit stays as it is")


def _output(one: Mapping[str, Any]) -> str:
    if one["role"] == "quarantine" and one["bytes"] is None:
        return f"writes {place(one['path'])}, if a row is quarantined"
    if one["bytes"] is None:
        return f"writes {place(one['path'])}, which is not there"
    return f"writes {place(one['path'])}, {one['bytes']:,} bytes, {AS_IT_WAS[one['as_left']]}"


def comparison(document: Mapping[str, Any]) -> RenderableType:
    """Two runs or fits side by side: only what differs."""
    a, b = (_side(document[name]) for name in ("a", "b"))
    if document["equal"]:
        return Text(f"{a} and {b} are equal")
    return differences_table(document["differences"], a, b)


def _side(one: Mapping[str, Any]) -> str:
    return f"run {one['run_id']}" if one["run_id"] else f"fit {one['fit_id'][:12]}"


def differences_table(differences: Iterable[Mapping[str, Any]], a: str, b: str) -> RenderableType:
    """A line a difference, what is not there as a dash."""
    table = Rows("column", "differs")
    listed = list(differences)
    reasoned = any(one["why"] for one in listed)
    for heading in (a, b, *(["why"] if reasoned else [])):
        table.add_column(heading, folds=True)
    for one in listed:
        told = [Text(_said(one[side])) for side in ("a", "b")]
        told += [Text(one["why"] or "")] if reasoned else []
        table.add_row(Text(one["column"] or "", style="bold"), one["what"], *told)
    return table


def repeated(document: Mapping[str, Any]) -> RenderableType:
    """Whether a run made again gave the same bytes, and what was not as it had been."""
    verdict = ("identical", "bold green") if document["identical"] else ("different", "bold red")
    lines = [Text.assemble(f"run {document['run_id']} made again: ", verdict)]
    for one in document["outputs"]:
        then, now = (_hash(one[name]) for name in ("recorded", "found"))
        told = then if one["same"] else f"{then} then, {now} now"
        lines.append(Text(f"{one['role']}  {told}" + (f"  {place(one['path'])}" if one["path"] else "")))
    lines += [Text(f"changed since: {one}", style="yellow") for one in document["changed"]]
    if not (document["identical"] or document["changed"]):
        lines.append(Text("inputs, configuration, fit and versions are the same: another kind of machine?"))
    return Group(*lines)


def _hash(sha256: str | None) -> str:
    return sha256[:12] if sha256 else "nothing"


def _said(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, list):
        return _some([str(one) for one in value]) or "nothing"
    return str(value)


def _some(names: list[str]) -> str:
    return ", ".join([*names[:SHOWN], "…"] if len(names) > SHOWN else names)
