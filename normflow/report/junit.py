"""Verdicts as JUnit XML, which build servers show as tests: a suite a section, a case a check."""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 can hold in no way, not even escaped."""


def junit(name: str, checks: Iterable[Mapping[str, Any]], error: Mapping[str, Any] | None = None) -> str:
    """The checks of a record as one document: failed ones with their message, warnings among the output.

    An `error` (`id` and `message`) that ended the command before it came to judge is a case of its own.
    """
    root = ET.Element("testsuites", name=_text(name))
    ordered = sorted(checks, key=lambda one: one["section"])
    for section, found in groupby(ordered, key=lambda one: one["section"]):
        cases = [_case(name, check) for check in found]
        failed = sum(case.find("failure") is not None for case in cases)
        _suite(root, section, cases, failures=failed)
    if error:
        case = ET.Element("testcase", name="run", classname=_text(name), time="0")
        what = _text(error["message"])
        ET.SubElement(case, "error", type=_text(error["id"] or "error"), message=what).text = what
        _suite(root, "run", [case], errors=1)
    for count in ("tests", "failures", "errors"):
        root.set(count, str(sum(int(suite.get(count, "0")) for suite in root)))
    root.set("time", "0")
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=False) + "\n"


def _suite(
    root: ET.Element, name: str, cases: list[ET.Element], *, failures: int = 0, errors: int = 0
) -> None:
    counts = {"tests": len(cases), "failures": failures, "errors": errors, "skipped": 0}
    told = {"name": _text(name), "time": "0", **{key: str(count) for key, count in counts.items()}}
    ET.SubElement(root, "testsuite", told).extend(cases)


def _case(name: str, check: Mapping[str, Any]) -> ET.Element:
    case = ET.Element(
        "testcase", name=_text(check["check"]), classname=_text(f"{name}.{check['section']}"), time="0"
    )
    properties = ET.SubElement(case, "properties")
    for key in ("severity", "rows", "failed", "share", "threshold", "status"):
        ET.SubElement(properties, "property", name=key, value=_text(check[key]))
    if check["status"] == "failed":
        told = ET.SubElement(case, "failure", type=check["severity"], message=_text(check["message"]))
        told.text = _text("\n".join([check["message"], *map(_example, check["examples"])]))
    elif check["status"] != "passed":
        ET.SubElement(case, "system-out").text = _text(f"{check['status']}: {check['message']}")
    return case


def _example(found: Mapping[str, Any]) -> str:
    return f"row {found['row']}: {found['value']}"


def _text(value: object) -> str:
    """A text without the characters that XML cannot hold."""
    return FORBIDDEN.sub("\ufffd", str(value))
