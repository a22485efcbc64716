"""The benchmark suite measures what it says; it is run by `python -m tests.benchmarks.suite`."""

from __future__ import annotations

import json
import runpy
import sys
import warnings
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tests.benchmarks.data import chunk, write
from tests.benchmarks.suite import __main__ as suite
from tests.benchmarks.suite import agreement, cases, measuring, tables
from tests.benchmarks.suite.agreement import apart
from tests.benchmarks.suite.cases import COPY, NORMFLOW, Case
from tests.benchmarks.suite.peers import PEERS, version
from tests.benchmarks.suite.processes import Cost, measured, median, ratio
from tests.benchmarks.suite.report import Result, memory_table, rows
from tests.benchmarks.suite.tables import Sizes
from tests.benchmarks.suite.tasks import MIXED, TASKS

if TYPE_CHECKING:
    from collections.abc import Sequence

SMALL = Sizes(rows=2000, tiny=200, wide=50, columns=60)
THERE = ("library", "polars", "duckdb", "sklearn")
"""The peers that are installed wherever the tests are."""
PEERLESS = "T8"


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """The suite's processes run in this one, one after the other: the same commands, in no time."""

    def run(command: Sequence[str], folder: Path) -> Cost:
        _python, _m, name, *arguments = command
        with monkeypatch.context() as patch, warnings.catch_warnings():
            warnings.filterwarnings("ignore", "'tests.* found in sys.modules", RuntimeWarning)
            patch.chdir(folder)
            patch.setattr(sys, "argv", [name, *arguments])
            try:
                runpy.run_module(name, run_name="__main__", alter_sys=False)
            except SystemExit as end:
                if end.code:
                    raise
        return Cost(cpu=2.0, wall=1.0, peak=100.0)

    for module in (cases, tables):
        monkeypatch.setattr(module, "measured", run)


# --- the data


def test_a_part_of_the_table_is_always_the_same_and_no_other() -> None:
    assert_frame_equal(chunk(3, 500), chunk(3, 500))
    assert not chunk(3, 500).equals(chunk(4, 500))


def test_the_table_has_ten_shapes_two_of_each_and_the_wide_one_more() -> None:
    names = chunk(0, 10).columns
    assert len(names) == 20
    assert {name.rpartition("_")[0] for name in names} == set(MIXED)
    assert chunk(0, 10, 60).columns[:20] == names
    assert chunk(0, 10, 60).width == 60


def test_the_shapes_are_what_they_are_called() -> None:
    frame = chunk(0, 20_000)
    assert frame["normal_1"].mean() == pytest.approx(5, abs=0.1)
    assert frame["byte_2"].is_between(0, 255).all()
    assert frame["gaps_1"].null_count() == pytest.approx(1000, abs=150)
    assert frame["zeros_1"].eq(0).mean() == pytest.approx(0.6, abs=0.02)
    assert frame["cents_1"].round(2).equals(frame["cents_1"])


@pytest.mark.usefixtures("here")
def test_the_partitions_are_the_table(tmp_path: Path) -> None:
    """31 files of about as many rows, in the order of the table."""
    days = tables.made("days", SMALL, tmp_path)
    write(2000, tmp_path / "again.parquet")
    assert_frame_equal(pl.read_parquet(days), pl.read_parquet(tmp_path / "again.parquet"))
    heights = [pl.read_parquet(day).height for day in (tmp_path / "days-2000x20").iterdir()]
    assert len(heights) == 31
    assert set(heights) == {64, 65}


@pytest.mark.usefixtures("here")
def test_a_table_is_made_once(tmp_path: Path) -> None:
    path = tables.made("main", SMALL, tmp_path)
    before = Path(path).stat().st_mtime_ns
    assert tables.made("main", SMALL, tmp_path) == path
    assert Path(path).stat().st_mtime_ns == before


# --- agreement

ONE = pl.DataFrame({"a": [1.0, None, -4.0], "b": [1e9, 2.0, 3.0]})


def test_equal_results_are_not_apart() -> None:
    assert apart(ONE, ONE) == ("a", 0.0)
    assert apart(ONE, ONE.fill_null(float("nan")))[1] == 0.0


def test_results_are_apart_by_what_their_worst_value_is_relative_to_its_size() -> None:
    column, distance = apart(ONE, ONE.with_columns(b=pl.Series([1e9 + 10, 2.0, 3.0])))
    assert column == "b"
    assert distance == pytest.approx(1e-8)
    column, distance = apart(ONE, ONE.with_columns(a=pl.Series([1.0, None, -4.02])))
    assert column == "a"
    assert distance == pytest.approx(0.005)


@pytest.mark.parametrize(
    "other",
    [
        ONE.fill_null(0.0),
        ONE.head(2),
        ONE.rename({"b": "c"}),
        ONE.select("b", "a"),
        ONE.with_columns(b=pl.Series([float("inf"), 2.0, 3.0])),
    ],
    ids=["a null filled", "a row less", "another name", "another order", "an infinity"],
)
def test_results_of_another_form_are_apart_without_end(other: pl.DataFrame) -> None:
    assert apart(ONE, other)[1] == float("inf")


def test_a_share_of_the_values_may_be_further_apart() -> None:
    ours = pl.DataFrame({"a": [0.0] * 1000})
    theirs = pl.DataFrame({"a": [0.5] + [0.0] * 999})
    assert apart(ours, theirs)[1] == 0.5
    assert apart(ours, theirs, beyond=1e-2)[1] == 0.0


def test_profiles_are_compared_answer_by_answer(tmp_path: Path) -> None:
    one = tmp_path / "one.json"
    one.write_text(json.dumps({"x": {"mean": [1], "quantiles": [1, 2, 3]}}))
    assert agreement.read(one).to_dict(as_series=False) == {
        "x mean": [1.0, None, None],
        "x quantiles": [1.0, 2.0, 3.0],
    }


def test_a_disagreement_ends_with_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = tmp_path / "normflow.parquet", tmp_path / "polars.parquet"
    ONE.write_parquet(ours)
    ONE.with_columns(b=pl.Series([1e9, 2.0, 3.3])).write_parquet(theirs)
    monkeypatch.setattr(sys, "argv", ["agreement", str(ours), str(theirs), "0.01", "0"])
    with pytest.raises(SystemExit) as end:
        agreement.main()
    assert end.value.code == (
        "normflow and polars disagree by 0.1 in column b, and 0.01 is allowed: "
        "nothing is timed until they do the same"
    )


# --- the tasks


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("name", TASKS)
def test_everybody_does_the_task_and_comes_to_the_same(name: str, tmp_path: Path) -> None:
    task = TASKS[name]
    peers = measuring.able(task, tuple(PEERS[one] for one in THERE))
    ready = measuring.case(task, task.table, SMALL, tmp_path, peers, sys.executable)
    ready.normflow()
    own = agreement.read(ready.output(NORMFLOW))
    assert own.width >= 20
    assert peers or name == PEERLESS
    for peer in peers:
        ready.peer(peer)
        assert apart(own, agreement.read(ready.output(peer.module)), task.beyond)[1] <= task.apart, peer.name


@pytest.mark.usefixtures("here")
def test_nothing_is_timed_where_results_disagree(tmp_path: Path) -> None:
    strict = replace(TASKS["T2"], apart=0.0)
    with pytest.raises(SystemExit, match=r"^T2: normflow and polars disagree by .* and 0 is allowed"):
        list(measuring.agreement(strict, SMALL, (PEERS["polars"],), sys.executable, tmp_path))


@pytest.mark.usefixtures("here")
def test_a_learning_task_starts_without_a_registry_and_a_stored_fit_is_stored(tmp_path: Path) -> None:
    for name, fits in (("T1", "learned"), ("T5", "reused")):
        ready = measuring.case(TASKS[name], "tiny", SMALL, tmp_path, (), sys.executable)
        ready.normflow()
        ready.normflow()
        assert origin(ready) == fits


def origin(ready: Case) -> str:
    """Where the last run of a case had its fit from."""
    import normflow as nf
    from normflow.registry import Registry

    pipeline = nf.load(ready.folder / "p.yaml")
    with Registry(pipeline.registry) as registry:
        return "reused" if len(registry.runs(pipeline.name)) > 1 else "learned"


# --- measuring


def test_a_process_is_measured_with_its_children(tmp_path: Path) -> None:
    """40 MB in a child of the process count, and so does the child's time."""
    child = "x = bytearray(40 << 20); sum(range(2_000_000))"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}], check=True)"
    small = measured((sys.executable, "-c", "pass"), tmp_path)
    large = measured((sys.executable, "-c", parent), tmp_path)
    assert large.cpu > small.cpu > 0
    assert large.peak > 40


def test_a_process_that_fails_ends_the_benchmark(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"raise SystemExit\(3\) in .* ended with 3$"):
        measured((sys.executable, "-c", "raise SystemExit(3)"), tmp_path)


def test_the_ratio_is_to_the_copy_of_the_same_round() -> None:
    copies = [Cost(1, 0, 0), Cost(2, 0, 0), Cost(10, 0, 0)]
    costs = [Cost(2, 9, 5), Cost(6, 7, 6), Cost(10, 8, 1)]
    assert ratio(costs, copies) == 2.0
    assert median(costs) == Cost(6, 8, 5)


@pytest.mark.usefixtures("here")
def test_everybody_has_a_turn_in_each_round(tmp_path: Path) -> None:
    result = measuring.timed(TASKS["T7"], SMALL, (PEERS["polars"],), 2, sys.executable, tmp_path)
    turns = {who: len(costs) for who, costs in result.costs.items()}
    assert turns == {COPY: 2, NORMFLOW: 2, "Polars, by hand": 2}


@pytest.mark.usefixtures("here")
def test_memory_is_measured_at_every_size_and_in_every_layout(tmp_path: Path) -> None:
    peaks = measuring.memory([TASKS["T1"], TASKS["T6"]], [10, 20], True, tmp_path)
    assert list(peaks) == [COPY, "T1", "T6", "T1, csv", "T1, small"]
    assert all(set(by_rows) == {10, 20} for by_rows in peaks.values())


# --- the report

T1 = TASKS["T1"]
RESULT = Result(T1, {COPY: [Cost(2, 1, 300)], NORMFLOW: [Cost(3, 2, 400.4)]})


@pytest.mark.parametrize(
    ("cpu", "verdict"), [(1.34, "aim"), (1.5, "reached"), (1.7, "reached"), (1.8, "missed")]
)
def test_the_verdict_compares_with_what_must_be_reached(cpu: float, verdict: str) -> None:
    assert Result(T1, {COPY: [Cost(1, 1, 1)], NORMFLOW: [Cost(cpu, 1, 1)]}).verdict() == verdict


def test_the_verdict_of_the_tiny_table_is_in_seconds() -> None:
    costs = {COPY: [Cost(0.1, 1, 1)], NORMFLOW: [Cost(0.5, 1, 1)]}
    assert Result(TASKS["T7"], costs).verdict() == "reached"


def test_the_table_has_a_row_a_participant() -> None:
    assert rows(RESULT).splitlines() == [
        "| T1 fit and transform, zscore on all | plain copy | 2.00 | 1.00 | 1.00 | 300 |  |  |  |",
        "|  | normflow | 3.00 | 1.50 | 2.00 | 400 | 1.7 | 1.34 | reached |",
    ]
    assert RESULT.to_json()["ratios"] == {COPY: 1.0, NORMFLOW: 1.5}


def test_the_memory_table_tells_the_growth() -> None:
    assert memory_table({"T1": {1000: 200.0, 5000: 210.0}}).splitlines() == [
        "| task | 1,000 rows, MB | 5,000 rows, MB | growth |",
        "|---|---|---|---|",
        "| T1 | 200 | 210 | 1.05 |",
    ]


def test_a_peer_that_is_not_installed_is_left_out_with_a_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    absent = replace(PEERS["ibis"], package="no-such-package-at-all")
    monkeypatch.setitem(PEERS, "ibis", absent)
    versions: dict[str, str] = {}
    there = suite.installed(suite.options(["--peers", "polars,ibis"]), versions)
    assert [peer.module for peer in there] == ["polars"]
    assert versions == {"polars": version(sys.executable, "polars")}
    assert capsys.readouterr().err == "IbisML is left out: no-such-package-at-all is not installed\n"


def test_an_unknown_task_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        suite.options(["--tasks", "T1,T99"])
    assert "no 'T99'; there are T1, T2," in capsys.readouterr().err


@pytest.mark.usefixtures("here")
def test_the_command_checks_measures_and_prints(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["--tasks", "T7", "--peers", "polars", "--check-rows", "500", "--folder", str(tmp_path)]
    suite.main([*asked, "--rounds", "2", "--json"])
    told = capsys.readouterr()
    assert "T7: normflow and Polars, by hand agree within" in told.err
    [result] = json.loads(told.out)["results"]
    assert result["costs"][NORMFLOW] == [{"cpu": 2.0, "wall": 1.0, "peak": 100.0}] * 2
