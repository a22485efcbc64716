"""The zoo that all laws are tested on; it ships, so that plugins are tested on it too."""

from normflow.testing.columns import ZOO

__all__ = ["ZOO"]
