"""A key, a word or a column with one wrong letter is refused at its place, and the right one is suggested."""

from __future__ import annotations

import random
import string
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest

from normflow.config import load
from normflow.config.document import read
from normflow.config.nodes import Listing, Scalar, Table
from normflow.errors import ConfigError, suggestion
from normflow.methods import METHODS
from normflow.pipeline import prepare
from normflow.spec import POLICY_KEYS, TYPE_NAMES
from normflow.spec.named import BUILTINS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from normflow.config.nodes import Mark, Node

WEATHER = Path(__file__).parents[2] / "configs" / "data" / "weather.parquet"
COLUMNS = pl.read_parquet_schema(WEATHER)
COUNT = 200
RIGHT = 0.95

FILE = f"""\
version: 1
name: weather
vars: {{root: data}}
include: []
targets: {{}}
source: {{path: "{WEATHER}", format: parquet, options: {{}}}}
contract:
  origin: {{dtype: string, nullable: false, isin: [EWR, JFK, LGA], regex: "[A-Z]+", length: 3}}
  temp: {{dtype: number, range: [-40, 130], on_fail: clip, max_failed: 5%}}
  dewp: {{dtype: Float64, severity: warn, finite: true, redact: true}}
  wind_speed: {{range: [0, 250], on_fail: quarantine}}
  precip: {{checks: [{{greater_than_or_equal_to: 0}}], on_fail: fail}}
  visib: {{checks: [{{less_than: 100}}], on_fail: "null"}}
table: {{unique: [{{columns: [origin, time_hour], on_fail: quarantine}}], rows: [1, null],
        row_change: 30%, columns: warn}}
schemas: []
fit:
  where: month <= 9
  by: {{columns: [origin], min_rows: 50, unseen: global, resolution: 512}}
  mode: reuse
  goal: model
  compat: sklearn
  quantiles: histogram
  resolution: 16384
  margin: 5%
  window: last 30 partitions
  drift: {{warn: 0.1, refit: 0.25, fail: 3}}
normalize:
  humid: {{method: minmax, outside: flag, bounds: fitted}}
  wind_gust: {{method: robust, unit_variance: true, suffix: _n}}
  temp: {{method: zscore, ddof: 1, nulls: mean, constant: zero, dtype: Float32}}
  dewp: {{method: auto, goal: gaussian, candidates: [cbrt, yeojohnson]}}
  pressure: {{method: boxcox, nonfinite: error, clip: [1%, 99%]}}
  wind_dir: none
  visib: quantile_normal
  precip: log
checks:
  temp: {{mean: [-9, 9], std: [0, 9], skew: [-9, 9]}}
  humid: {{range: [0, 1], nulls_at_most: 5%, quantile: {{50%: [0, 1]}}}}
  wind_gust_n: {{finite: true, severity: warn}}
quarantine: {{path: out/q.parquet, max_rows: 5%}}
sink: {{path: out/weather.parquet, format: parquet, options: {{compression: zstd}}}}
registry: .normflow/registry.duckdb
plugins: []
memory: 2GiB
private: false
report: out/weather.html
meta: {{}}
"""
FREE = {"EWR", "JFK", "LGA", "[A-Z]+", "weather", "data", "root", "_n", "last 30 partitions", str(WEATHER)}
"""What may be anything, or is no word."""


@dataclass(frozen=True)
class Misspelt:
    """A word of the file at its place, and what somebody typed instead."""

    right: str
    typed: str
    mark: Mark

    def text(self) -> str:
        """The file with it."""
        lines = FILE.splitlines(keepends=True)
        line = lines[self.mark.line - 1]
        start = line.index(self.right, self.mark.column - 1)
        lines[self.mark.line - 1] = line[:start] + self.typed + line[start + len(self.right) :]
        return "".join(lines)


def words(node: Node) -> Iterator[tuple[str, Mark]]:
    """Every key, and every value that is one of some words."""
    if isinstance(node, Table):
        for entry in node.entries:
            yield entry.key, entry.mark
            yield from words(entry.value)
    elif isinstance(node, Listing):
        for item in node.items:
            yield from words(item)
    elif isinstance(node, Scalar) and isinstance(node.value, str):
        yield node.value, node.mark


def misspelt(dice: random.Random, word: str) -> str:
    """One letter left out, typed too much, replaced, or swapped with the next."""
    place = dice.randrange(len(word))
    other = dice.choice(string.ascii_lowercase)
    return dice.choice(
        [
            word[:place] + word[place + 1 :],
            word[:place] + other + word[place:],
            word[:place] + other + word[place + 1 :],
            word[:place] + word[place : place + 2][::-1] + word[place + 2 :],
        ]
    )


def known() -> set[str]:
    """Names that are something: a slip from one to another is no misspelling that anybody can see."""
    root = read(FILE).root
    assert root is not None
    methods = {method.name for method in METHODS}
    return {word for word, _ in words(root)} | {*COLUMNS, *methods, *POLICY_KEYS, *TYPE_NAMES, *BUILTINS}


def cases() -> list[Misspelt]:
    root = read(FILE).root
    assert root is not None
    every = [(word, mark) for word, mark in words(root) if word.isidentifier() and word not in FREE]
    assert len(every) > 150
    dice = random.Random(200)  # noqa: S311  (the same slips every time)
    dice.shuffle(every)
    taken, found = known(), list[Misspelt]()
    while len(found) < COUNT:
        word, mark = every[len(found) % len(every)]
        typed = misspelt(dice, word)
        if typed and typed not in taken:
            found.append(Misspelt(word, typed, mark))
    return found


def told(folder: Path, text: str) -> ConfigError:
    file = folder / "p.yaml"
    file.write_text(text)
    with pytest.raises(ConfigError) as caught:
        prepare(load(file))
    return caught.value


def test_the_file_itself_is_right(tmp_path: Path) -> None:
    """What is misspelt below."""
    (tmp_path / "p.yaml").write_text(FILE)
    assert prepare(load(tmp_path / "p.yaml")).plan


def test_each_is_refused_and_nearly_each_with_the_right_word(tmp_path: Path) -> None:
    """In the first thing that is said, nearly always at the very word."""
    wrong, elsewhere = list[str](), list[str]()
    for case in cases():
        first = told(tmp_path, case.text()).listed()[0]
        if first.to_json()["suggestion"] != case.right or first.position[1] != case.mark.line:
            wrong.append(f"{case}: {first}")
        elif first.position[2] != case.mark.column:
            elsewhere.append(f"{case}: {first}")
    assert len(wrong) <= COUNT * (1 - RIGHT), wrong
    assert len(elsewhere) <= COUNT * (1 - RIGHT), elsewhere


@pytest.mark.parametrize(
    ("typed", "names", "meant"),
    [
        ("int", ["Int8", "Int64", "integer"], "integer"),
        ("Int6", ["Int8", "Int64", "UInt64"], "Int64"),
        ("TEMP", ["temp", "tempo"], "temp"),
        ("rnage", ["rows", "range"], "range"),
        ("yb", ["by", "goal"], "by"),
        ("x", ["y", "z"], ""),
        ("normalisation", ["normalize", "name"], "normalize"),
        ("wholly_other", ["normalize", "name"], ""),
        ("", ["a"], ""),
        ("e" * 100_000, ["e" * 100_001], ""),
    ],
)
def test_the_suggestion_is_the_nearest_name(typed: str, names: list[str], meant: str) -> None:
    """By slips of the hand first, then by looks; nothing where nothing is near."""
    found = suggestion(typed, names)
    assert found == (f"did you mean '{meant}'?" if meant else f"known are {', '.join(names)}")
