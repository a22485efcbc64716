"""The table of exit codes: what each means, and whether anything was published then."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from normflow.cli import outcome
from tests.cli.changed import PIPELINE, RANGED, first_run, made, output, rows, runs
from tests.select.plugin import install

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ASIDE = PIPELINE + "contract: {x: {range: [0, 5], on_fail: quarantine}}\n"
ROBUST = PIPELINE.replace("zscore", "robust")


@dataclass(frozen=True, kw_only=True)
class Scene:
    """A pipeline, a command, what it ends with, and what happened to the project before."""

    code: int
    pipeline: str = PIPELINE
    words: str = "run p.yaml"
    does: Callable[[Path], object] | None = None
    error: str | None = None
    publishes: bool = False


def text(content: str) -> Callable[[Path], object]:
    """A source that is something else."""
    return lambda folder: (folder / "data.parquet").write_text(content)


def notes(folder: Path) -> None:
    (folder / "notes.txt").write_text("no registry")


def gone(folder: Path) -> None:
    (folder / "data.parquet").unlink()


def folder_for_a_sink(folder: Path) -> None:
    (folder / "busy" / "x.parquet").mkdir(parents=True)


def broken_plugin(folder: Path) -> None:
    packages = folder / "packages"
    packages.mkdir()
    sys.path.insert(0, str(packages))  # and away again when the fixture ends
    install(packages, "signed_root", "raise OSError('no such device')", "signed_root:SignedRoot")


def drifts(folder: Path) -> None:
    """Rows far from those that a run has just learned from."""
    rows(*[1.0, 2.0] * 100)(folder)
    assert outcome(["run", "p.yaml", "-q", "--mode", "refit"]) == 0
    rows(*[70.0, 80.0] * 100)(folder)


SCENES = {
    # done, warnings allowed
    "done": Scene(code=0, publishes=True),
    "with a warning": Scene(
        code=0, pipeline=RANGED.replace("[0, 5]", "[0, 5], severity: warn"), publishes=True
    ),
    "rows set aside": Scene(code=0, pipeline=ASIDE, publishes=True),
    "validated": Scene(code=0, words="validate p.yaml"),
    "planned": Scene(code=0, words="plan p.yaml"),
    "previewed": Scene(code=0, words="run p.yaml --limit 2"),
    # judged on rows
    "the contract failed": Scene(code=1, pipeline=RANGED, error="NF110"),
    "a check failed": Scene(code=1, pipeline=PIPELINE + "checks: {x: {range: [0, 1]}}\n", error="NF110"),
    "over a ceiling": Scene(
        code=1, pipeline=ASIDE + "quarantine: {path: out/q.parquet, max_rows: 10%}\n", error="NF110"
    ),
    "an empty source": Scene(code=1, does=rows(), error="NF100"),
    "no row teaches": Scene(code=1, pipeline=PIPELINE + 'fit: {where: "x > 99"}\n', error="NF100"),
    "a named method refuses": Scene(
        code=1, pipeline=PIPELINE.replace("zscore", "boxcox"), does=rows(-1.0, 2.0), error="NF120"
    ),
    "validate judges too": Scene(code=1, pipeline=RANGED, words="validate p.yaml", error="-"),
    # found before a row is read
    "a wrong key": Scene(code=2, pipeline=PIPELINE + "sinc: x\n", error="NF200"),
    "no such pipeline": Scene(code=2, words="run q.yaml", error="NF200"),
    "wrong usage": Scene(code=2, words="run p.yaml --mode again"),
    "no such command": Scene(code=2, words="rnu p.yaml"),
    "a missing column": Scene(code=2, pipeline=PIPELINE.replace("{x:", "{y:"), error="NF210"),
    "a wrong type": Scene(code=2, pipeline=PIPELINE.replace("{x:", "{id:"), error="NF210"),
    "no such plugin": Scene(code=2, pipeline=PIPELINE + "plugins: [signed_root]\n", error="NF200"),
    # execution
    "a missing source": Scene(code=3, does=gone, error="NF300"),
    "an unreadable source": Scene(code=3, does=text("no Parquet"), error="NF300"),
    "a folder for a sink": Scene(
        code=3, pipeline=PIPELINE.replace("out/data", "busy/x"), does=folder_for_a_sink, error="NF310"
    ),
    "no registry": Scene(code=3, pipeline=PIPELINE + "registry: notes.txt\n", does=notes, error="NF320"),
    "no such run": Scene(code=3, words="show nothing", error="NF320"),
    "a broken plugin": Scene(
        code=3,
        pipeline=PIPELINE.replace("zscore", "signed_root") + "plugins: [signed_root]\n",
        does=broken_plugin,
        error="NF340",
    ),
    # a difference
    "nothing to freeze": Scene(code=5, pipeline=ROBUST, words="run p.yaml --mode frozen", error="NF500"),
    "no fit then": Scene(code=5, words="run p.yaml --as-of 2001-01-01", error="NF500"),
    "no fit to undo": Scene(
        code=5,
        pipeline=PIPELINE + "name: other\n",
        words="inverse p.yaml data.parquet -o out/data.parquet",
        error="NF500",
    ),
    "drift": Scene(code=5, pipeline=PIPELINE + "fit: {drift: {fail: 0.25}}\n", does=drifts, error="NF510"),
    "something to do": Scene(code=5, pipeline=ROBUST, words="plan p.yaml --exit-code"),
    "two runs differ": Scene(code=5, pipeline=ROBUST, does=runs, words="diff {first} p@latest"),
    "not the same bytes": Scene(code=5, does=rows(3.0, 4.0), words="rerun {first}"),
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    return made(tmp_path)


@pytest.mark.parametrize("name", SCENES)
def test_a_scene_ends_with_its_code(project: Path, capfd: pytest.CaptureFixture[str], name: str) -> None:
    """What is published is published with 0; else the old output is there, bit for bit."""
    scene = SCENES[name]
    words = scene.words.format(first=first_run(project)).split()
    (project / "p.yaml").write_text(scene.pipeline)
    if scene.does:
        scene.does(project)
    before = output(project)
    capfd.readouterr()
    assert outcome(words) == scene.code
    told = capfd.readouterr().err
    assert (output(project) != before) is scene.publishes
    assert list((project / "out").glob(".*.tmp")) == []
    if scene.error and scene.error != "-":
        assert told.startswith(f"error {scene.error}: ")
    assert "Traceback" not in told


def test_every_code_is_met() -> None:
    """With those of the tests below."""
    assert {scene.code for scene in SCENES.values()} == {0, 1, 2, 3, 5}
