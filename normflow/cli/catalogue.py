"""All commands: importing this module gives each its place in the group."""

from normflow.cli import commands, history, init, inverse, judging, reference, registry, report
from normflow.cli.group import normflow

__all__ = ["commands", "history", "init", "inverse", "judging", "normflow", "reference", "registry", "report"]
