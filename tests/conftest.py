"""Settings of all tests."""

import os

from hypothesis import settings

# No test may depend on how fast the machine is.
settings.register_profile("normflow", deadline=None)
settings.load_profile("normflow")

# Nor on how wide the terminal is that the tests are run from: pytest-xdist tells its workers.
for name in ("COLUMNS", "LINES"):
    os.environ.pop(name, None)
