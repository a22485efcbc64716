"""Plugins for normflow, one of each kind but a method."""
