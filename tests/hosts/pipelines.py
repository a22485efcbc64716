"""A small pipeline on disk, which a host is to run."""

from __future__ import annotations

import importlib.util
import re
import shutil
import sys
from pathlib import Path
from typing import Any

import polars as pl

HOME = Path(__file__).parents[2]
TEXT = """
source: data.parquet
sink: out/data.parquet
contract:
  price: {range: [0, 100]}
  kind: {isin: [a, b], on_fail: quarantine}
quarantine: {max_rows: 50%}
normalize: {price: minmax}
checks:
  price: {finite: true, mean: [0, 5]}
"""


def pipeline(folder: Path, prices: list[float], *, kinds: list[str] | None = None) -> Path:
    """A pipeline file named shop.yaml, beside its data."""
    kinds = kinds or ["a", "b"] * (len(prices) // 2) + ["a"] * (len(prices) % 2)
    pl.DataFrame({"price": prices, "kind": kinds}).write_parquet(folder / "data.parquet")
    file = folder / "shop.yaml"
    file.write_text(TEXT, encoding="utf-8")
    return file


def example(host: str, folder: Path) -> str:
    """The example of a host in the documentation, and `configs` in the folder that it is to run in."""
    page = (HOME / "docs/how-to/orchestrators.md").read_text(encoding="utf-8")
    section = page.partition(f"## {host}\n")[2].partition("\n## ")[0]
    (block,) = re.findall(r"```python\n(.*?)```", section, re.DOTALL)
    shutil.copytree(HOME / "configs", folder / "configs", dirs_exist_ok=True)
    return str(block)


def ran(host: str, folder: Path) -> Any:
    """The module of a host's example, run."""
    file = folder / "example.py"
    file.write_text(example(host, folder), encoding="utf-8")
    spec = importlib.util.spec_from_file_location("example", file)
    assert spec
    assert spec.loader
    module = sys.modules["example"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
