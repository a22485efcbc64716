"""Settings of all tests."""

from hypothesis import settings

# No test may depend on how fast the machine is.
settings.register_profile("normflow", deadline=None)
settings.load_profile("normflow")
