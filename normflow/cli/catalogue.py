"""All commands: importing this module gives each its place in the group."""

from normflow.cli import commands
from normflow.cli.group import normflow

__all__ = ["commands", "normflow"]
