"""The campaigns in full: `python -m tests.reliability --kills 500 --processes 16 --runs 25`."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.reliability.kills import campaign
from tests.reliability.writers import shared


def main() -> int:
    """Run what was asked for, print its figures, and end with 1 where a promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=0)
    parser.add_argument("--runs", type=int, default=25)
    asked = parser.parse_args()
    broken = False
    with tempfile.TemporaryDirectory() as folder:
        if asked.kills:
            figures = campaign(Path(folder, "kills"), asked.kills, asked.seed)
            print(figures)
            broken |= bool(figures.failures())
        if asked.processes:
            found = shared(Path(folder, "shared"), asked.processes, asked.runs)
            print(found)
            broken |= bool(found.errors or found.flaws) or found.recorded != found.asked
    return int(broken)


if __name__ == "__main__":
    sys.exit(main())
