"""An output is the old one or the new one, whatever happens in between."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from normflow import sinks
from normflow.errors import SinkBusyError, SinkError
from normflow.registry import Registry
from normflow.stores import Place, Stored


@dataclass(frozen=True)
class Output:
    """What recovery reads of a recorded output."""

    run_id: str
    path: str
    sha256: str


def names(folder: Path) -> list[str]:
    return sorted(os.listdir(folder))  # noqa: PTH208


def staged_output(path: Path, content: str, run_id: str = "r1") -> Output:
    staged = sinks.stage(path, run_id)
    staged.write_text(content)
    return Output(run_id, str(path), sinks.digest(staged).sha256)


def test_staging_reserves_a_hidden_file_beside_the_destination(tmp_path: Path) -> None:
    staged = sinks.stage(tmp_path / "deep" / "er" / "w.parquet", "r1")
    assert staged == tmp_path / "deep" / "er" / ".w.parquet.r1.tmp"
    assert staged.stat().st_size == 0


def test_a_run_id_may_not_be_taken_for_a_part_of_the_name(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"run id 'a\.b' has other characters"):
        sinks.stage(tmp_path / "w", "a.b")


def test_publishing_replaces_the_destinations_and_leaves_nothing_else(tmp_path: Path) -> None:
    first, second = tmp_path / "a.parquet", tmp_path / "q" / "b.parquet"
    first.write_text("old")
    staged = {sinks.stage(path, "r1"): path for path in (first, second)}
    for file in staged:
        file.write_text("new")
    sinks.publish(staged)
    assert (first.read_text(), second.read_text()) == ("new", "new")
    assert (names(tmp_path), names(tmp_path / "q")) == (["a.parquet", "q"], ["b.parquet"])


def test_publishing_nothing_does_nothing() -> None:
    sinks.publish({})


def test_a_link_stays_a_link_and_its_file_is_replaced(tmp_path: Path) -> None:
    real, link = tmp_path / "data" / "w.parquet", tmp_path / "w.parquet"
    real.parent.mkdir()
    real.write_text("old")
    link.symlink_to(real)
    staged = sinks.stage(link, "r1")
    staged.write_text("new")
    sinks.publish({staged: link})
    assert link.is_symlink()
    assert real.read_text() == "new"


def test_a_folder_is_no_destination_and_nothing_is_published(tmp_path: Path) -> None:
    staged = {sinks.stage(path, "r1"): path for path in (tmp_path / "a", tmp_path / "b")}
    (tmp_path / "b").mkdir()
    with pytest.raises(SinkError) as caught:
        sinks.publish(staged)
    assert str(caught.value) == f"{tmp_path / 'b'}: is a folder, not a file; name a file in it"
    assert not (tmp_path / "a").exists()


def test_a_staged_file_that_is_gone_leaves_the_old_output(tmp_path: Path) -> None:
    path = tmp_path / "w"
    path.write_text("old")
    with pytest.raises(SinkError) as caught:
        sinks.publish({tmp_path / "gone": path})
    assert str(caught.value) == (
        f"{path}: cannot be published: No such file or directory; the earlier output is untouched"
    )
    assert path.read_text() == "old"


def test_a_refusal_between_two_files_says_that_the_next_run_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    staged = {sinks.stage(path, "r1"): path for path in (tmp_path / "a", tmp_path / "b")}
    replace = Path.replace

    def refuse_b(self: Path, target: Path) -> Path:
        if target.name == "b":
            raise PermissionError(13, "Permission denied")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", refuse_b)
    with pytest.raises(SinkError) as caught:
        sinks.publish(staged)
    assert str(caught.value) == (
        f"{tmp_path / 'b'}: cannot be published: Permission denied;"
        " what comes before it is published, and the next run finishes the rest"
    )


def test_bytes_are_flushed_before_the_first_rename_and_names_after_the_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    story: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def noted_fsync(fd: int) -> None:
        story.append("flush folder" if os.path.isdir(f"/proc/self/fd/{fd}") else "flush file")  # noqa: PTH112
        fsync(fd)

    def noted_replace(self: Path, target: Path) -> Path:
        story.append("rename")
        assert target.read_text() == "old"  # until the very moment
        return replace(self, target)

    staged = {sinks.stage(path, "r1"): path for path in (tmp_path / "a", tmp_path / "b")}
    for path in staged.values():
        path.write_text("old")
    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(Path, "replace", noted_replace)
    sinks.publish(staged)
    assert story == ["flush file", "flush file", "rename", "rename", "flush folder", "flush folder"]


def test_a_sink_that_is_a_source_is_refused(tmp_path: Path) -> None:
    source, link = tmp_path / "w.parquet", tmp_path / "link.parquet"
    source.touch()
    link.symlink_to(source)
    stored = Stored("s3://bucket/x", 1, "", 0, {})
    cases: list[tuple[Path, list[Place]]] = [
        (source, [source]),
        (link, [source]),
        (source, [stored, tmp_path / "x" / ".." / "link.parquet"]),
        (tmp_path / "new.parquet", [tmp_path / "." / "new.parquet"]),
    ]
    for path, sources in cases:
        (tmp_path / "x").mkdir(exist_ok=True)
        with pytest.raises(SinkError) as caught:
            sinks.stage(path, "r1", sources=sources)
        assert str(caught.value) == f"{path}: is read as a source by the same run; write to another file"
    assert names(tmp_path) == ["link.parquet", "w.parquet", "x"]


def test_a_folder_and_a_device_are_refused_as_sinks(tmp_path: Path) -> None:
    with pytest.raises(SinkError) as caught:
        sinks.stage(tmp_path, "r1")
    assert str(caught.value) == f"{tmp_path}: is a folder, not a file; name a file in it"
    with pytest.raises(SinkError) as caught:
        sinks.check(Path("/dev/null"))
    assert str(caught.value) == "/dev/null: is no regular file; name a file that may be replaced"


def test_a_folder_that_takes_no_files_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    path = tmp_path / "file" / "w.parquet"
    text = f"{path}: cannot be written: Not a directory; check the folder; the earlier output is untouched"
    with pytest.raises(SinkError) as caught:
        sinks.stage(path, "r1")
    assert str(caught.value) == text
    with pytest.raises(SinkError) as caught, sinks.lock(path, wait=0):
        pass
    assert str(caught.value) == text


def test_sweeping_takes_what_dead_runs_left_of_this_sink_alone(tmp_path: Path) -> None:
    path = tmp_path / "w"
    stale = [sinks.stage(path, run) for run in ("r1", "r2")]
    other = sinks.stage(tmp_path / "w.parquet", "r1")
    (tmp_path / ".w.notes").touch()
    assert sinks.sweep(path) == tuple(stale)
    assert sinks.sweep(path) == ()
    assert sinks.sweep(tmp_path / "no" / "w") == ()
    assert names(tmp_path) == [".w.notes", other.name]


def test_a_sink_is_held_by_one_run(tmp_path: Path) -> None:
    path = tmp_path / "w.parquet"
    with sinks.lock(path, wait=0):
        with pytest.raises(SinkBusyError) as caught, sinks.lock(path, wait=0.02):
            pass
        assert caught.value.exit_code == 4
        assert str(caught.value) == (
            f"{path}: another run holds this sink (process {os.getpid()}, waited 0.02 s);"
            " wait for it to end, then run again"
        )
    with sinks.lock(path, wait=0):
        pass
    assert names(tmp_path) == []


def test_several_sinks_are_held_together_and_one_that_is_held_lets_all_go(tmp_path: Path) -> None:
    a, b, c = (tmp_path / name for name in "abc")
    with sinks.lock(b, wait=0):
        with pytest.raises(SinkBusyError), sinks.lock(c, b, a, a, wait=0):
            pass
        with sinks.lock(a, c, wait=0):
            pass


def test_two_names_of_one_sink_share_one_lock(tmp_path: Path) -> None:
    (tmp_path / "w").touch()
    (tmp_path / "link").symlink_to(tmp_path / "w")
    with (
        sinks.lock(tmp_path / "w", wait=0),
        pytest.raises(SinkBusyError),
        sinks.lock(tmp_path / "link", wait=0),
    ):
        pass


def test_the_lock_of_a_killed_run_holds_nothing(tmp_path: Path) -> None:
    script = """
import os, sys
from pathlib import Path
from normflow import sinks
with sinks.lock(Path(sys.argv[1])):
    os.kill(os.getpid(), 9)
"""
    path = tmp_path / "w"
    subprocess.run([sys.executable, "-c", script, str(path)], check=False)
    assert names(tmp_path) == [".w.normflow.lock"]
    with sinks.lock(path, wait=0):
        pass
    assert names(tmp_path) == []


def test_locks_taken_in_turns_by_threads_never_overlap(tmp_path: Path) -> None:
    """The lock file is removed at each release, and a waiter on the removed file begins again."""
    path, counter = tmp_path / "w", tmp_path / "counter"
    counter.write_text("0")

    def add_one(_: int) -> None:
        with sinks.lock(path, wait=30):
            counter.write_text(str(int(counter.read_text()) + 1))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add_one, range(200)))
    assert counter.read_text() == "200"


def test_recovery_renames_what_is_staged_and_keeps_what_is_done(tmp_path: Path) -> None:
    outputs = [staged_output(tmp_path / name, f"new {name}") for name in ("a", "b", "c")]
    sinks.staged_path(tmp_path / "a", "r1").replace(tmp_path / "a")
    (tmp_path / "b").write_text("old")
    assert sinks.recover(outputs) == sinks.Recovery(tuple(str(tmp_path / name) for name in "abc"))
    assert [(tmp_path / name).read_text() for name in "abc"] == ["new a", "new b", "new c"]
    assert names(tmp_path) == ["a", "b", "c"]
    assert sinks.recover(outputs).problem == ""


def test_recovery_undoes_a_run_whose_staged_file_is_not_whole(tmp_path: Path) -> None:
    outputs = [staged_output(tmp_path / name, f"new {name}") for name in ("a", "b")]
    (tmp_path / "a").write_text("old a")
    sinks.staged_path(tmp_path / "b", "r1").write_text("new")
    assert sinks.recover(outputs) == sinks.Recovery(
        (), f"interrupted while publishing; undone, because the staged file of {tmp_path / 'b'} is not whole"
    )
    assert names(tmp_path) == ["a"]
    assert (tmp_path / "a").read_text() == "old a"


def test_an_earlier_output_is_not_taken_for_one_that_is_lost(tmp_path: Path) -> None:
    """A file stands at the destination, but the staged one that was to replace it is gone."""
    outputs = [staged_output(tmp_path / name, f"new {name}") for name in ("a", "b")]
    for name in ("a", "b"):
        sinks.staged_path(tmp_path / name, "r1").unlink()
        (tmp_path / name).write_text(f"old {name}")
    lost = f"{tmp_path / 'a'}, {tmp_path / 'b'}"
    assert sinks.recover(outputs) == sinks.Recovery(
        (), f"interrupted while publishing; undone, because the staged file of {lost} is not whole"
    )
    assert [(tmp_path / name).read_text() for name in ("a", "b")] == ["old a", "old b"]


def test_recovery_goes_on_from_a_published_file_and_reports_a_lost_one(tmp_path: Path) -> None:
    outputs = [staged_output(tmp_path / name, f"new {name}") for name in ("a", "b", "c")]
    sinks.staged_path(tmp_path / "a", "r1").replace(tmp_path / "a")
    sinks.staged_path(tmp_path / "b", "r1").unlink()
    assert sinks.recover(outputs) == sinks.Recovery(
        (str(tmp_path / "a"), str(tmp_path / "c")),
        f"interrupted while publishing; the staged file of {tmp_path / 'b'} is lost",
    )
    assert names(tmp_path) == ["a", "c"]


RUN = """
import os, sys
from datetime import datetime, UTC
from pathlib import Path
from normflow import sinks
from normflow.registry import OutputRow, Registry, RunRow

folder, moment = Path(sys.argv[1]), sys.argv[2]
paths = [folder / "sink", folder / "quarantine"]
registry = Registry(folder / "registry.duckdb")

def die(now):
    if now == moment:
        os.kill(os.getpid(), 9)

with sinks.lock(*paths):
    sinks_held = tuple(str(path) for path in paths)
    registry.start_run(RunRow(run_id="r1", pipeline="p", started=datetime.now(UTC), sinks=sinks_held))
    staged = {sinks.stage(path, "r1"): path for path in paths}
    rows = []
    for file, path in staged.items():
        file.write_text("new " + path.name)
        found = sinks.digest(file)
        row = OutputRow(
            run_id="r1", path=str(path), role=path.name, rows=1, bytes=found.bytes, sha256=found.sha256
        )
        rows.append(row)
    die("before the intent")
    registry.intend("r1", rows)
    die("after the intent")
    replace = Path.replace
    Path.replace = lambda self, target: (replace(self, target), die("after the first rename"))[0]
    sinks.publish(staged)
    die("before the success")
    registry.succeed("r1")
"""


@pytest.mark.parametrize(
    ("moment", "content", "status"),
    [
        ("before the intent", "old", "running"),
        ("after the intent", "new", "publishing"),
        ("after the first rename", "new", "publishing"),
        ("before the success", "new", "publishing"),
        ("never", "new", "succeeded"),
    ],
)
def test_a_run_killed_at_any_moment_leaves_the_old_outputs_or_the_new_ones(
    tmp_path: Path, moment: str, content: str, status: str
) -> None:
    paths = [tmp_path / "sink", tmp_path / "quarantine"]
    for path in paths:
        path.write_text(f"old {path.name}")
    subprocess.run([sys.executable, "-c", RUN, str(tmp_path), moment], check=moment == "never")

    registry = Registry(tmp_path / "registry.duckdb", wait=5)
    assert registry.run("r1").status == status
    with sinks.lock(*paths, wait=5):
        for one in registry.unfinished(paths):
            recovery = sinks.recover(one.outputs)
            assert recovery.problem == ""
            if one.run.status == "publishing":
                registry.succeed(one.run.run_id)
            else:
                registry.fail(one.run.run_id, 3, "interrupted")
        for path in paths:
            sinks.sweep(path)

    assert [path.read_text() for path in paths] == [f"{content} sink", f"{content} quarantine"]
    assert names(tmp_path) == ["quarantine", "registry.duckdb", "sink"]
    assert registry.unfinished(paths) == []
    assert registry.run("r1").status == ("failed" if content == "old" else "succeeded")
