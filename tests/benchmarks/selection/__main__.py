"""The league of selection rules.

Run: python -m tests.benchmarks.selection [--quick] [--part development|set-aside] [--jobs N]

It needs the extra `bench`. The full run takes some minutes; --quick takes every thirteenth data set, once.
"""

from __future__ import annotations

from tests.benchmarks.selection.league import main  # the workers find its functions there, not here

if __name__ == "__main__":
    main()
