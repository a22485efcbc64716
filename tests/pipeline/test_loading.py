"""All that is wrong with a file comes at once: what YAML, the types, the sections and the source say."""

from __future__ import annotations

from pathlib import Path

import pytest

from normflow.errors import ConfigError
from normflow.pipeline import loaded

WEATHER = Path(__file__).parents[2] / "configs" / "data" / "weather.parquet"
BASE = f"source: {WEATHER}\nsink: out/m.parquet\n"


def problems(folder: Path, text: str, **others: str) -> list[str]:
    """What is told, without the folder."""
    for name, content in others.items():
        (folder / f"{name}.yaml").write_text(content)
    (folder / "p.yaml").write_text(f"{BASE}{text}")
    with pytest.raises(ConfigError) as caught:
        loaded(folder / "p.yaml")
    assert caught.value.exit_code == 2
    assert str(caught.value) == "\n".join(map(str, caught.value.listed()))
    return [str(one).removeprefix(f"{folder}/") for one in caught.value.listed()]


def test_mistakes_of_every_kind_come_together_in_the_order_of_the_file(tmp_path: Path) -> None:
    """A duplicate key, unknown keys and words, ends the wrong way round, columns, paths."""
    found = problems(
        tmp_path,
        "contract:\n"
        "  wind_sped: {rnge: [0, 250], dtype: nmber}\n"
        "  temp: {range: [-40, 130], dtype: string}\n"
        "fit: {where: mnth <= 9, mode: reus, by: [orgin]}\n"
        "normalize:\n"
        "  humd: minmaxx\n"
        "  dewp: {method: zscore, ddf: 1}\n"
        "  dewp: robust\n"
        "table: {unique: [origin, time_hr]}\n"
        "checks: {temp: {mean: [1, 0]}}\n"
        "quarantine: out/m.parquet\n",
    )
    assert found == [
        "p.yaml:4:3: contract.wind_sped: no such column in the source; did you mean 'wind_speed'?",
        "p.yaml:4:15: contract.wind_sped.rnge: unknown key; did you mean 'range'?",
        "p.yaml:4:38: contract.wind_sped.dtype: no such type 'nmber'; did you mean 'number'?",
        "p.yaml:5:29: contract.temp: the contract asks for string, and the column is Float64",
        "p.yaml:6:7: fit.where: there is no column 'mnth'; did you mean 'month'?",
        "p.yaml:6:31: fit.mode: no such mode 'reus'; did you mean 'reuse'?",
        "p.yaml:6:42: fit.by: no column 'orgin' in the source; did you mean 'origin'?",
        "p.yaml:8:3: normalize.humd: no such column in the source; did you mean 'humid'?",
        "p.yaml:8:9: normalize.humd: no such method 'minmaxx'; did you mean 'minmax'?",
        "p.yaml:9:26: normalize.dewp.ddf: method 'zscore' has no option 'ddf'; did you mean 'ddof'?",
        "p.yaml:10:3: normalize.dewp: the key was already written on line 9; remove one",
        "p.yaml:11:26: table.unique: no column 'time_hr' in the source; did you mean 'time_hour'?",
        "p.yaml:12:23: checks.temp.mean: the lower end 1 is above the upper end 0; write [lower, upper]",
        "p.yaml:13:13: quarantine: 'm.parquet' is written by the sink; choose another",
    ]


def test_problems_of_an_included_file_come_after_its_own(tmp_path: Path) -> None:
    """Whichever part of the program finds them."""
    found = problems(
        tmp_path,
        "include: base.yaml\nnormalize: {humd: minmax}\nprivat: true\n",
        base="contract: {tmp: {range: [0, 1]}}\nfit: {gaol: model}\n",
    )
    assert found == [
        "p.yaml:4:13: normalize.humd: no such column in the source; did you mean 'humid'?",
        "p.yaml:5:1: privat: unknown key; did you mean 'private'?",
        "base.yaml:1:12: contract.tmp: no such column in the source; did you mean 'temp'?",
        "base.yaml:2:7: fit.gaol: unknown key; did you mean 'goal'?",
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        # what a part left out would have been needed for is no mistake of its own
        (
            "contract: {temp: {rnge: [0, 1]}}\nnormalize: {temp: {method: minmax, bounds: declared}}\n",
            ["p.yaml:3:19: contract.temp.rnge: unknown key; did you mean 'range'?"],
        ),
        (
            "normalize: {temp: {method: zscore, sufix: _n}}\nchecks: {temp_n: {finite: true}}\n",
            ["p.yaml:3:36: normalize.temp.sufix: unknown key; did you mean 'suffix'?"],
        ),
        (
            "contract: {temp: {on_fail: clip, rnge: [0, 1]}}\n",
            ["p.yaml:3:34: contract.temp.rnge: unknown key; did you mean 'range'?"],
        ),
        (
            "table: {unique: [{colums: [id]}]}\n",
            ["p.yaml:3:19: table.unique[0].colums: unknown key; did you mean 'columns'?"],
        ),
        ("plugins: [nobodys]\nnormalize: {temp: nobodys}\n", ["p.yaml:3:11: plugins[0]: plugin 'nobodys'"]),
        ("report: '${env:NF_NOWHERE}'\n", ["p.yaml:3:9: report: the environment has no variable NF_NOWHERE"]),
    ],
)
def test_nothing_is_told_that_only_follows(tmp_path: Path, text: str, told: list[str]) -> None:
    """One mistake, one line."""
    found = problems(tmp_path, text)
    assert len(found) == len(told), found
    for one, beginning in zip(found, told, strict=True):
        assert one.startswith(beginning)


def test_without_a_source_the_file_is_judged_by_itself(tmp_path: Path) -> None:
    """What cannot be read is told when the rest is right."""
    (tmp_path / "p.yaml").write_text("source: gone.csv\nsink: b.csv\nnormalise: {}\n")
    with pytest.raises(ConfigError) as caught:
        loaded(tmp_path / "p.yaml")
    assert [one.key for one in caught.value.listed()] == ["normalise"]
