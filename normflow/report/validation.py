"""What a validation found, for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.text import Text

from normflow.report.summary import STATUS_STYLE, checks_table
from normflow.report.text import plural

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import RenderableType


def validation_summary(found: Mapping[str, Any]) -> RenderableType:
    """Verdict and counts, a line for each check that did not pass, and by which fit outputs were judged."""
    status = Text(found["status"], style=STATUS_STYLE[found["status"]])
    told = f"  {plural(found['rows'], 'row')}, {found['quarantined']:,} to quarantine"
    parts: list[RenderableType] = [Text.assemble(Text(found["pipeline"], style="bold"), ": ", status, told)]
    notable = [check for check in found["checks"] if check["status"] != "passed"]
    passed = len(found["checks"]) - len(notable)
    if notable:
        parts += [Text(), checks_table(notable)]
    parts += [Text(), Text(f"{plural(passed, 'check')} passed", style="green")]
    parts += [Text(f"warning: {one}", style="yellow") for one in found["warnings"]]
    if found["fit_id"]:
        parts.append(Text(f"outputs judged by fit {found['fit_id'][:12]}"))
    return Group(*parts)
