"""Secrets in the values of a pipeline: they stand as `${secret:NAME}` until the moment they are used.

A pipeline holds the references and not their values. So nothing that shows, compares or records it can tell
them, and a pipeline that was recorded asks for them again.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from normflow.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from normflow.spec.words import Option

SECRET = re.compile(r"\$\{secret:([^{}]+)\}")


def revealed(value: Option, environment: Mapping[str, str] | None = None) -> Option:
    """A value, or a list of values, with the environment's variables in place of the references.

    To be called where the value is used, and its result to be kept no longer than that.

    Raises:
        ConfigError: there is no such variable, or it is empty.
    """
    known = os.environ if environment is None else environment
    if isinstance(value, tuple):
        return tuple(revealed(one, known) for one in value)
    if not isinstance(value, str):
        return value
    for name in SECRET.findall(value):
        if wrong := missing(name, known):
            raise ConfigError(wrong)
    return SECRET.sub(lambda one: known[one[1]], value)


def masked(text: str) -> str:
    """A text for people, with `***` in place of each reference."""
    return SECRET.sub("***", text)


def missing(name: str, environment: Mapping[str, str]) -> str:
    """Why a secret has no value, as a sentence; empty where it has one."""
    if name not in environment:
        return f"the environment has no variable {name}, which would hold the secret; set it"
    return "" if environment[name] else f"the environment's {name}, which would hold the secret, is empty"
