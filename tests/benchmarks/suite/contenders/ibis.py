"""The tasks with IbisML on DuckDB.

Run: python -m tests.benchmarks.suite.contenders.ibis TASK SOURCE TARGET [STATE]
"""

from __future__ import annotations

import sys

import ibis
import ibis_ml

from tests.benchmarks.suite.tasks import WRITER


def zscore(source: str, target: str) -> None:
    table = ibis.read_parquet(source)
    recipe = ibis_ml.Recipe(ibis_ml.ScaleStandard(ibis_ml.numeric()))
    recipe.fit(table)
    recipe.to_ibis(table).to_parquet(target, compression=WRITER)


if __name__ == "__main__":
    zscore(*sys.argv[2:4])
