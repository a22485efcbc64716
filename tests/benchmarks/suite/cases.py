"""A task against a table: the commands of all who do it, and what must be there before each of them."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks.suite.processes import Cost, measured, module
from tests.benchmarks.suite.tasks import WRITER

if TYPE_CHECKING:
    from tests.benchmarks.suite.peers import Peer
    from tests.benchmarks.suite.tasks import Task

NORMFLOW = "normflow"
COPY = "plain copy"
RUN = (sys.executable, "-m", "normflow", "run", "p.yaml", "-q")


@dataclass(frozen=True, slots=True)
class Case:
    """A task, the source it reads, and the folder it works in."""

    task: Task
    source: str
    folder: Path
    peer_python: str

    def output(self, who: str) -> Path:
        """Where somebody's result goes."""
        suffix = "json" if self.task.stage == "profile" and who != COPY else "parquet"
        return self.folder / "out" / f"{who}.{suffix}"

    def copy(self) -> Cost:
        """The yardstick: the plain Polars copy."""
        return measured(
            module("suite.contenders.polars", "copy", self.source, self.output(COPY), ""), self.folder
        )

    def normflow(self) -> Cost:
        """The task by normflow, from the registry that belongs before it."""
        if self.task.stage == "profile":
            command = module("suite.contenders.library", self.task.name, self.source, self.output(NORMFLOW))
            return measured(command, self.folder)
        if self.task.stage != "stored":
            shutil.rmtree(self.folder / ".normflow", ignore_errors=True)
        if self.task.stage == "next day":
            shutil.copytree(self.folder / "yesterday", self.folder / ".normflow")
            return measured((*RUN, "--mode", "refit"), self.folder)
        return measured(RUN, self.folder)

    def peer(self, peer: Peer) -> Cost:
        """The task by a peer."""
        return self._by(peer, self.task.name)

    def clear(self) -> None:
        """Leave nothing: the results of a few peers fill a disk."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def prepare(self, peers: tuple[Peer, ...]) -> None:
        """Write the pipeline file, and let everybody learn what is to be stored before the task."""
        self.clear()
        (self.folder / "out").mkdir(parents=True)
        source = "days/*.parquet" if self.task.stage == "next day" else self.source
        sink = f"{{path: {self.output(NORMFLOW)}, options: {{compression: {WRITER}}}}}"
        pipeline = f"source: {source}\nsink: {sink}\nnormalize: {self.task.normalize}\n"
        (self.folder / "p.yaml").write_text(pipeline)
        if self.task.stage == "stored":
            measured(RUN, self.folder)
            for peer in peers:
                self._by(peer, f"{self.task.name}-learn")
        if self.task.stage == "next day":
            self._live_until_yesterday()

    def _live_until_yesterday(self) -> None:
        *known, new = sorted(Path(self.source).parent.glob("*.parquet"))
        (self.folder / "days").mkdir()
        for day in known:
            os.link(day, self.folder / "days" / day.name)
        measured(RUN, self.folder)
        (self.folder / ".normflow").rename(self.folder / "yesterday")
        os.link(new, self.folder / "days" / new.name)

    def _by(self, peer: Peer, task: str) -> Cost:
        state = self.folder / f"{peer.module}.state"
        command = module(
            f"suite.contenders.{peer.module}",
            task,
            self.source,
            self.output(peer.module),
            state,
            python=sys.executable if peer.ours else self.peer_python,
        )
        return measured(command, self.folder)
