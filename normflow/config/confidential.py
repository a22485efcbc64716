"""Secrets that stand open in a file: refused, since what a file says becomes part of every record."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from normflow.config.values import Fault
from normflow.spec.secrets import SECRET

if TYPE_CHECKING:
    from collections.abc import Mapping

    from normflow.config.values import OptionValue

SECRETIVE = re.compile(
    r"password|passwd|passphrase|pwd|secret|token|signature|authorization|credential$|^sig$|^sas_"
    r"|(access|account|shared|master|api)_key$|private_key_(pem|data|value)|connection_string"
)
HARMLESS = re.compile(r"^(skip|allow|use)_|_(id|file|path|uri|url|endpoint|provider|type|enabled)$")
OPEN = "a secret stands open, and what the file says is in every record; write ${secret:NAME}, and set NAME"


def is_secretive(name: str) -> bool:
    """Whether an option of this name is a secret, as drivers and object stores call theirs."""
    plain = re.sub(r"[-.\s]", "_", name.lower())
    return bool(SECRETIVE.search(plain)) and not HARMLESS.search(plain)


def open_options(section: str, options: Mapping[str, OptionValue]) -> list[Fault]:
    """Options of a section that are secrets, or addresses with one, and hold no reference to it."""
    return [
        Fault((section, name), OPEN)
        for name, value in options.items()
        if isinstance(value, str)
        and value
        and (is_open(value) or (is_secretive(name) and not SECRET.search(value)))
    ]


def is_open(address: str) -> bool:
    """Whether an address holds a password, before the host or among its parameters, as it is."""
    _, remote, rest = address.partition("://")
    place, _, query = rest.partition("?")
    login, at, _ = place.rpartition("@")
    _, colon, password = login.partition(":")
    if re.match(r"\d+/", password):  # a port, and a path with an @ in it
        colon = ""
    given = [password] if remote and at and colon else []
    given += [value for name, value in parse_qsl(query) if remote and is_secretive(name)]
    return any(one and not SECRET.fullmatch(one) for one in given)
