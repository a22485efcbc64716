"""All commands: importing this module gives each its place in the group."""

from normflow.cli import commands, history, init, judging, registry, report
from normflow.cli.group import normflow

__all__ = ["commands", "history", "init", "judging", "normflow", "registry", "report"]
