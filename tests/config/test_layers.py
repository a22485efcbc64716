"""`vars`, `env`, `include` and `targets`: one file out of several, each value with its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import normflow as nf
from normflow.config import resolve, settings

if TYPE_CHECKING:
    from pathlib import Path

    from normflow.spec import Pipeline

FORMS = "write ${var:name} or ${env:NAME}, and $${ for the characters themselves"
ONLY = "only registry, and options, storage and database of source and sink take secrets"
BASE = "source: data/rows.parquet\nsink: out/rows.parquet\n"


def loaded(folder: Path, text: str, **options: Any) -> Pipeline:
    file = folder / "p.yaml"
    file.write_text(text)
    return nf.load(file, **options)


def problems(folder: Path, text: str, **options: Any) -> list[str]:
    """What is wrong, with places inside the folder."""
    with pytest.raises(nf.ConfigError) as told:
        loaded(folder, text, **options)
    return [line.removeprefix(f"{folder}/") for line in told.value.message.splitlines()]


def test_a_var_stands_in_text_and_keeps_its_type_as_a_whole_value(tmp_path: Path) -> None:
    text = (
        "vars: {root: data, day: 7, buckets: 512}\n"
        'source: "${var:root}/${var:root}-${var:day}.parquet"\nsink: out.parquet\n'
        'fit: {resolution: "${var:buckets}"}\n'
    )
    found = loaded(tmp_path, text)
    assert found.source.paths == (str(tmp_path / "data/data-7.parquet"),)
    assert found.fit.resolution == 512
    other = loaded(tmp_path, text, vars={"root": "srv", "buckets": 1024})
    assert other.source.paths == (str(tmp_path / "srv/srv-7.parquet"),)
    assert other.fit.resolution == 1024


def test_a_var_may_be_made_of_others(tmp_path: Path) -> None:
    text = 'vars: {root: data, file: "${var:root}/x.parquet"}\nsource: "${var:file}"\nsink: o.parquet\n'
    assert loaded(tmp_path, text).source.paths == (str(tmp_path / "data/x.parquet"),)


def test_the_environment_is_read_as_the_file_would_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NF_BUCKETS", "256")
    monkeypatch.setenv("NF_NAME", "weather")
    text = f'{BASE}name: "${{env:NF_NAME}}"\nfit: {{resolution: "${{env:NF_BUCKETS}}"}}\n'
    found = loaded(tmp_path, text)
    assert (found.name, found.fit.resolution) == ("weather", 256)


def test_two_dollars_are_one(tmp_path: Path) -> None:
    assert loaded(tmp_path, f'{BASE}meta: {{a: "$${{var:x}} $5"}}\n').meta == {"a": "${var:x} $5"}


@pytest.mark.parametrize(
    ("value", "what"),
    [
        ("${var:rot}", "no such var 'rot'; did you mean 'root'?"),
        ("${vars:root}", "'${vars:root}' is no reference; did you mean 'var'?"),
        (
            "${root}",
            f"'${{root}}' is no reference; {FORMS}",
        ),
        (
            "${var:root",
            f"'${{var:root' is no reference; {FORMS}",
        ),
        ("${env:NF_NOT}", "the environment has no variable NF_NOT; set it, or use a var"),
        ("a${var:none}", "${var:none} is null, which is no part of a text"),
        ("${var:loop}", "the var 'loop' is made of itself"),
        (
            "${secret:KEY}",
            f"{ONLY}; what other keys become is part of the record",
        ),
    ],
)
def test_a_reference_without_a_value_is_told_at_its_place(tmp_path: Path, value: str, what: str) -> None:
    found = problems(
        tmp_path, f'vars: {{root: d, none: null, loop: "${{var:loop}}"}}\n{BASE}name: "{value}"\n'
    )
    assert found == [f"p.yaml:4:7: name: {what}"]


def test_references_that_grow_are_refused(tmp_path: Path) -> None:
    lines = [f'v{i}: "{f"${{var:v{i - 1}}}" * 10}"' for i in range(1, 9)]
    text = f"vars: {{v0: xxxxxxxxxx, {', '.join(lines)}}}\n{BASE}name: '${{var:v8}}'\n"
    assert problems(tmp_path, text) == ["p.yaml:4:7: name: the references make more than 10,000 characters"]


def test_what_is_given_must_be_defined(tmp_path: Path) -> None:
    assert problems(tmp_path, f"vars: {{root: a}}\n{BASE}", vars={"rood": "b"}) == [
        "p.yaml:1:1: no such var 'rood'; did you mean 'root'?"
    ]


def test_a_target_lies_above_the_file(tmp_path: Path) -> None:
    text = (
        f"{BASE}vars: {{root: here}}\nname: '${{var:root}}'\nnormalize: {{a: zscore, b: minmax}}\n"
        "targets:\n  prod: {vars: {root: there}, normalize: {b: robust}, quarantine: {max_rows: 5%}}\n"
    )
    assert loaded(tmp_path, text).name == "here"
    prod = loaded(tmp_path, text, target="prod")
    assert prod.name == "there"
    assert {key: line.method for key, line in prod.normalize.items()} == {"a": "zscore", "b": "robust"}
    assert str(prod.quarantine.max_rows) == "5%"


def test_an_unknown_target_is_told(tmp_path: Path) -> None:
    assert problems(tmp_path, f"{BASE}targets: {{prod: {{}}}}\n", target="prot") == [
        "p.yaml:3:1: no such target 'prot'; did you mean 'prod'?"
    ]
    assert problems(tmp_path, BASE, target="prod") == [
        "p.yaml:1:1: no such target 'prod'; the file has no targets"
    ]


def test_a_mistake_in_a_target_stands_at_its_place(tmp_path: Path) -> None:
    text = f"{BASE}targets:\n  prod: {{fit: {{moed: refit}}}}\n"
    assert problems(tmp_path, text, target="prod") == [
        "p.yaml:4:16: fit.moed: unknown key; did you mean 'mode'?"
    ]


def test_an_include_lies_below_and_the_later_above_the_earlier(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("registry: a.duckdb\nnormalize: {x: zscore, y: zscore}\n")
    (tmp_path / "b.yaml").write_text("include: c.yaml\nnormalize: {y: minmax, z: minmax}\n")
    (tmp_path / "c.yaml").write_text("normalize: {z: log, w: log}\nname: c\n")
    found = loaded(tmp_path, f"include: [a.yaml, b.yaml]\n{BASE}normalize: {{x: robust}}\n")
    assert {key: line.method for key, line in found.normalize.items()} == {
        "x": "robust",
        "y": "minmax",
        "z": "minmax",
        "w": "log",
    }
    assert (found.name, str(found.registry).rpartition("/")[2]) == ("c", "a.duckdb")


def test_what_is_wrong_in_an_include_stands_in_that_file(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared/a.yaml").write_text("fit:\n  goal: modle\nnam: x\n")
    assert problems(tmp_path, f"include: shared/a.yaml\n{BASE}") == [
        "shared/a.yaml:2:9: fit.goal: no such goal 'modle'; did you mean 'model'?",
        "shared/a.yaml:3:1: nam: unknown key; did you mean 'name'?",
    ]


def test_an_include_stays_in_the_project(tmp_path: Path) -> None:
    inner = tmp_path / "project"
    inner.mkdir()
    (inner / "pyproject.toml").touch()
    (tmp_path / "outside.yaml").write_text("name: x\n")
    assert problems(inner, f"include: ../outside.yaml\n{BASE}") == [
        "p.yaml:1:10: include: '../outside.yaml' lies outside the project folder project; move it below that"
    ]
    folder = inner / "jobs"
    folder.mkdir()
    (inner / "shared.yaml").write_text("name: shared\n")
    assert loaded(folder, f"include: ../shared.yaml\n{BASE}").name == "shared"
    (inner / "link.yaml").symlink_to(tmp_path / "outside.yaml")
    assert "lies outside the project folder" in problems(folder, f"include: ../link.yaml\n{BASE}")[0]


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("include: p.yaml\n", "a.yaml:1:10: include: 'p.yaml' includes itself"),
        ("include: a.yaml\n", "a.yaml:1:10: include: 'a.yaml' includes itself"),
        ("[1, 2]\n", "p.yaml:1:10: include: 'a.yaml' is no mapping"),
        ("a: [\n", "a.yaml:2:1: not valid YAML: did not find expected node content"),
    ],
)
def test_an_include_that_cannot_be(tmp_path: Path, content: str, what: str) -> None:
    (tmp_path / "a.yaml").write_text(content)
    assert problems(tmp_path, f"include: a.yaml\n{BASE}") == [what]


def test_a_missing_include_is_told(tmp_path: Path) -> None:
    found = problems(tmp_path, f"include: none.yaml\n{BASE}")
    assert len(found) == 1
    assert found[0].startswith(f"p.yaml:1:10: include: {tmp_path / 'none.yaml'}: no such file;")


def test_every_setting_tells_where_it_came_from(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("registry: a.duckdb\n")
    file = tmp_path / "p.yaml"
    file.write_text(
        'include: a.yaml\nvars: {root: data}\nsource: {path: "${var:root}/x.parquet"}\nsink: o.parquet\n'
        "targets: {prod: {fit: {goal: robust}}}\n"
    )
    found = {one.key: one for one in settings(resolve(file, target="prod", vars={"root": "there"}))}
    told = {
        key: (one.value, one.source.removeprefix(f"{tmp_path}/"), one.written) for key, one in found.items()
    }
    assert told["source.path"] == ("there/x.parquet", "p.yaml:3:16", "${var:root}/x.parquet")
    assert told["sink"] == ("o.parquet", "p.yaml:4:7", "")
    assert told["registry"] == ("a.duckdb", "a.yaml:1:11", "")
    assert told["fit.goal"] == ("robust", "p.yaml:5:30", "")
    assert told["fit.mode"] == ("reuse", "default", "")
    assert told["normalize.*.method"] == ("auto", "default", "")
    assert told["vars.root"] == ("there", "given", "")
