"""What each kind of plugin promises, and what these are for."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import ClassVar

import polars as pl
import pytest
from workshop import ledger

import normflow as nf
from normflow.cli import outcome
from normflow.testing import CheckContract, HookContract, SecretsContract, SinkContract, SourceContract


class TestLuhn(CheckContract):
    """Cards of 16 digits."""

    name = "luhn"
    arguments: ClassVar = {"digits": 16}
    good: ClassVar = ("4539578763621486", "6011000990139424")
    bad: ClassVar = ("4539578763621487", "60110009901394240", "card", "")


class TestLedgerIsRead(SourceContract):
    """A table that is there."""

    name = "ledger"

    @pytest.fixture(autouse=True)
    def _file(self, tmp_path: Path) -> None:
        self.options = {"file": str(tmp_path / "ledger.db"), "table": "prices"}

    def rows(self) -> pl.DataFrame:
        """Text with a null, and numbers."""
        found = pl.DataFrame({"day": ["mon", "tue", None], "price": [1.5, 2.5, 9.0]})
        staged = Path(self.options["file"]).with_name("rows.parquet")
        found.write_parquet(staged)
        ledger.publish(staged=staged, run_id="before", **self.options)
        return found


class TestLedgerIsWritten(SinkContract):
    """A table that is made, and replaced."""

    name = "ledger"

    @pytest.fixture(autouse=True)
    def _file(self, tmp_path: Path) -> None:
        self.options = {"file": str(tmp_path / "ledger.db"), "table": "prices"}

    def rows(self) -> pl.DataFrame:
        """As the source reads them."""
        return ledger.read(**self.options)


class TestKeyfile(SecretsContract):
    """Lines of a file."""

    name = "keyfile"
    known: ClassVar = {"db/login": "correct-horse", "db/other": "battery=staple"}

    @pytest.fixture(autouse=True)
    def _file(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        keys = tmp_path / "keys"
        keys.write_text("db/login=correct-horse\ndb/other=battery=staple\n", encoding="utf-8")
        monkeypatch.setenv("WORKSHOP_KEYS", str(keys))


class TestJournal(HookContract):
    """A reporter."""

    name = "journal"

    @pytest.fixture(autouse=True)
    def _file(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("WORKSHOP_JOURNAL", str(tmp_path / "journal.txt"))


class TestCurfew(HookContract):
    """A hook, while nothing is forbidden."""

    name = "curfew"


PIPELINE = """
source: {plugin: ledger, table: raw, options: {file: shop.db}}
sink: {plugin: ledger, table: clean, options: {file: shop.db}}
plugins: [ledger, luhn, journal, curfew]
contract: {card: {checks: [luhn]}}
normalize: {price: minmax}
"""


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A pipeline that uses them all, in the working folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WORKSHOP_JOURNAL", "journal.txt")
    Path("shop.yaml").write_text(PIPELINE, encoding="utf-8")
    pl.DataFrame({"card": ["79927398713"] * 3, "price": [1.0, 2.0, 5.0]}).write_parquet("raw.parquet")
    ledger.publish(staged=Path("raw.parquet"), run_id="0", file="shop.db", table="raw")
    return tmp_path


def test_they_work_together_from_the_command_line(shop: Path) -> None:
    assert outcome(["run", "shop.yaml", "-q"]) == 0
    assert ledger.read(file="shop.db", table="clean")["price"].to_list() == [0.0, 0.25, 1.0]
    assert (shop / "journal.txt").read_text(encoding="utf-8") == "shop succeeded 3\n"


@pytest.mark.usefixtures("shop")
def test_a_curfew_publishes_nothing_and_may_be_tried_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WORKSHOP_CURFEW", "the month is being closed")
    assert outcome(["run", "shop.yaml", "-q"]) == 4
    assert "nothing is published now: the month is being closed; run later" in capsys.readouterr().err
    with closing(sqlite3.connect("shop.db")) as con:
        assert con.execute("SELECT count(*) FROM sqlite_master WHERE name = 'clean'").fetchone() == (0,)


def test_what_a_source_says_of_a_missing_table_is_told(shop: Path) -> None:
    text = (shop / "shop.yaml").read_text(encoding="utf-8").replace("table: raw", "table: rwa")
    (shop / "shop.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(nf.SourceError, match="no such table: rwa"):
        nf.run(nf.load("shop.yaml"))
