"""Secrets in the values of a pipeline: they stand as `${secret:NAME}` until the moment they are used.

A pipeline holds the references and not their values. So nothing that shows, compares or records it can tell
them, and a pipeline that was recorded asks for them again.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from normflow.errors import ConfigError, NormflowError, PluginError
from normflow.plugins import loaded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from normflow.spec.words import Option

SECRET = re.compile(r"\$\{secret:([^{}]+)\}")


def revealed(value: Option, environment: Mapping[str, str] | None = None) -> Option:
    """A value, or a list of values, with the secrets in place of the references.

    `${secret:NAME}` is the environment's; `${secret:vault:NAME}` is what the plugin `vault` has by that name.

    To be called where the value is used, and its result to be kept no longer than that.

    Raises:
        ConfigError: there is no such variable, or it is empty.
        PluginError: a plugin failed, or gave no text.
    """
    known = os.environ if environment is None else environment
    if isinstance(value, tuple):
        return tuple(revealed(one, known) for one in value)
    if not isinstance(value, str):
        return value
    return SECRET.sub(lambda one: _value(one[1], known), value)


def keeper(name: str) -> str:
    """The plugin that keeps a secret; empty where the environment does."""
    plugin, colon, _ = name.partition(":")
    return plugin if colon else ""


def _value(name: str, environment: Mapping[str, str]) -> str:
    if plugin := keeper(name):
        return _kept(plugin, name.partition(":")[2])
    if wrong := missing(name, environment):
        raise ConfigError(wrong)
    return environment[name]


def _kept(plugin: str, name: str) -> str:
    """What a plugin has by this name; of its own words none are told, since they might hold the secret."""
    try:
        value = loaded("secrets", plugin)(name)
    except NormflowError:
        raise
    except Exception as error:  # noqa: BLE001  (a stranger's code may raise anything)
        what = f"plugin '{plugin}' does not give the secret '{name}': {type(error).__name__}"
        raise PluginError(what, hint="see that it is there, and may be read") from None
    if not isinstance(value, str) or not value:
        raise PluginError(f"plugin '{plugin}' has no secret '{name}'")
    return value


def masked(text: str) -> str:
    """A text for people, with `***` in place of each reference."""
    return SECRET.sub("***", text)


def missing(name: str, environment: Mapping[str, str]) -> str:
    """Why a secret has no value, as a sentence; empty where it has one."""
    if name not in environment:
        return f"the environment has no variable {name}, which would hold the secret; set it"
    return "" if environment[name] else f"the environment's {name}, which would hold the secret, is empty"
