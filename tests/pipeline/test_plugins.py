"""What other packages add to a run: hooks, reporters, checks and secrets."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

import normflow as nf
from normflow.cli import outcome
from normflow.registry import Registry
from normflow.spec.secrets import revealed
from tests.select.plugin import install

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MODULE = "normflow_try_plugins"
HEARD: list[tuple[Any, ...]] = []
LISTENER = f"""
from {__name__} import HEARD

class Listener:
    def started(self, pipeline, run_id):
        HEARD.append(("started", pipeline.name, run_id))
    def stage(self, name, rows, seconds):
        HEARD.append(("stage", name, rows))
    def judged(self, record):
        HEARD.append(("judged", record.run_id))
    def succeeded(self, record):
        HEARD.append(("succeeded", record.run_id))
    def failed(self, error, record):
        HEARD.append(("failed", type(error).__name__, record and record.run_id))
"""
REPORTER = f"""
from {__name__} import HEARD

def tell(record):
    HEARD.append(("report", record.status, record.run_id))
"""


@pytest.fixture
def offer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str, str, str], None]:
    """Install a package that offers one thing: `offer(kind, name, code, attribute)`."""
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.syspath_prepend(str(site))
    HEARD.clear()

    def offered(kind: str, name: str, code: str, attribute: str) -> None:
        module = f"{MODULE}_{len(list(site.glob('*.py')))}"
        monkeypatch.delitem(sys.modules, module, raising=False)
        value = f"{module}:{attribute}" if attribute else module
        install(site, name, code, value, package=f"acme-{kind}-{name}", kind=kind)
        monkeypatch.setattr(sys, "path", [*sys.path, str(site / name)])  # what is installed is looked up anew

    return offered


def pipeline(folder: Path, more: str = "", values: tuple[float, ...] = (1.0, 2.0, 4.0)) -> nf.Pipeline:
    pl.DataFrame({"x": values}).write_parquet(folder / "data.parquet")
    (folder / "p.yaml").write_text(f"source: data.parquet\nsink: out.parquet\n{more}", encoding="utf-8")
    return nf.load(folder / "p.yaml")


def status(folder: Path) -> list[tuple[str, int | None]]:
    with Registry(folder / ".normflow/registry.duckdb") as registry:
        return [(one.status, one.exit_code) for one in registry.runs("p")]


def test_a_hook_hears_the_turns_of_a_run_in_order(offer: Any, tmp_path: Path) -> None:
    offer("hooks", "listener", LISTENER, "Listener")
    record = nf.run(pipeline(tmp_path, "plugins: [listener]\n"))
    assert HEARD[0] == ("started", "p", record.run_id)
    stages = [one[1] for one in HEARD if one[0] == "stage"]
    assert stages == ["learn", "refine", "fit", "write", "verify", "publish"]
    assert ("stage", "write", 3) in HEARD
    assert [one for one in HEARD if one[0] in {"judged", "succeeded"}] == [
        ("judged", record.run_id),
        ("succeeded", record.run_id),
    ]
    assert HEARD.index(("judged", record.run_id)) < HEARD.index(("stage", "publish", 3))


def test_a_hook_hears_why_a_run_failed(offer: Any, tmp_path: Path) -> None:
    offer("hooks", "listener", LISTENER, "Listener")
    with pytest.raises(nf.ContractError) as caught:
        nf.run(pipeline(tmp_path, "plugins: [listener]\ncontract: {x: {range: [0, 3]}}\n"))
    assert caught.value.record is not None
    assert HEARD[-1] == ("failed", "ContractError", caught.value.record.run_id)
    assert not any(one[0] == "judged" for one in HEARD)


def test_a_reporter_gets_the_record_however_the_run_ended(offer: Any, tmp_path: Path) -> None:
    offer("reporters", "pager", REPORTER, "tell")
    done = nf.run(pipeline(tmp_path, "plugins: [pager]\n"))
    with pytest.raises(nf.ContractError):
        nf.run(pipeline(tmp_path, "plugins: [pager]\ncontract: {x: {range: [0, 3]}}\n"))
    assert [one[:2] for one in HEARD] == [("report", "succeeded"), ("report", "failed")]
    assert HEARD[0][2] == done.run_id


@pytest.mark.parametrize("turn", ["__init__", "started", "judged"])
def test_a_hook_can_stop_a_run_before_it_publishes(turn: str, offer: Any, tmp_path: Path) -> None:
    earlier = nf.run(pipeline(tmp_path))
    whole = (tmp_path / "out.parquet").read_bytes()
    code = f"class Guard:\n    def {turn}(self, *told):\n        raise ValueError('not on a Sunday')\n"
    offer("hooks", "guard", code, "Guard")
    with pytest.raises(nf.PluginError) as caught:
        nf.run(pipeline(tmp_path, "plugins: [guard]\n", values=(5.0, 6.0, 9.0)))
    where = {"__init__": "its start"}.get(turn, turn)
    assert str(caught.value) == (
        f"hook 'guard' failed in {where}: ValueError: not on a Sunday; mend it, or take it from plugins"
    )
    assert (tmp_path / "out.parquet").read_bytes() == whole
    assert [*tmp_path.glob("*.staged*"), *tmp_path.glob(".out*")] == []
    assert sorted(status(tmp_path)) == [("failed", 3), ("succeeded", earlier.exit_code)]


@pytest.mark.parametrize("turn", ["stage", "succeeded"])
def test_what_fails_after_publishing_is_a_warning(turn: str, offer: Any, tmp_path: Path) -> None:
    offer(
        "hooks",
        "late",
        f"class Late:\n    def {turn}(self, *told):\n        raise OSError('no line')\n",
        "Late",
    )
    offer("reporters", "deaf", "def tell(record):\n    raise KeyError(record.pipeline)\n", "tell")
    record = nf.run(pipeline(tmp_path, "plugins: [late, deaf]\n"))
    hint = "; mend it, or take it from plugins"
    assert [one for one in record.warnings if "failed in" in one] == [
        f"hook 'late' failed in {turn}: OSError: no line{hint}",
        f"reporter 'deaf' failed in succeeded: KeyError: 'p'{hint}",
    ]
    assert (tmp_path / "out.parquet").exists()


def test_what_fails_beside_an_error_is_a_note_of_it(offer: Any, tmp_path: Path) -> None:
    offer(
        "hooks",
        "late",
        "class Late:\n    def failed(self, *told):\n        raise OSError('no line')\n",
        "Late",
    )
    with pytest.raises(nf.ContractError) as caught:
        nf.run(pipeline(tmp_path, "plugins: [late]\ncontract: {x: {range: [0, 3]}}\n"))
    assert caught.value.__notes__ == [
        "hook 'late' failed in failed: OSError: no line; mend it, or take it from plugins"
    ]


def test_a_plugin_that_is_not_listed_is_never_imported(offer: Any, tmp_path: Path) -> None:
    for kind in ("hooks", "reporters", "checks", "secrets"):
        offer(kind, f"broken_{kind}", "raise ValueError('imported')", "anything")
    assert nf.run(pipeline(tmp_path)).exit_code == 0


def test_a_broken_plugin_is_named_and_loaded_only_by_a_run(offer: Any, tmp_path: Path) -> None:
    offer("hooks", "broken", "raise ValueError('no licence')", "Hook")
    listed = pipeline(tmp_path, "plugins: [broken]\n")
    nf.plan(listed)
    with pytest.raises(nf.PluginError) as caught:
        nf.run(listed)
    assert str(caught.value).endswith("ValueError: no licence; look at acme-hooks-broken 1.2")
    assert "plugin 'broken' cannot be loaded from" in str(caught.value)


def test_hooks_and_reporters_leave_fits_alone(offer: Any, tmp_path: Path) -> None:
    """They are no part of the reuse key."""
    offer("hooks", "listener", LISTENER, "Listener")
    first = nf.run(pipeline(tmp_path))
    second = nf.run(pipeline(tmp_path, "plugins: [listener]\n"))
    assert (second.fit, second.fit_id) == ("reused", first.fit_id)


MULTIPLE = """
def multiple(x, *, of=1):
    return x % of == 0
"""


def test_a_check_of_a_plugin_judges_rows(offer: Any, tmp_path: Path) -> None:
    offer("checks", "multiple", MULTIPLE, "multiple")
    line = "plugins: [multiple]\ncontract: {x: {checks: [{multiple: {of: 2}}], max_failed: 1}}\n"
    (check,) = nf.run(pipeline(tmp_path, line, values=(2.0, 3.0, 4.0))).checks
    assert (check.check, check.failed, check.rows, check.status) == ("x.checks.multiple", 1, 3, "passed")
    with pytest.raises(nf.ContractError) as caught:
        nf.run(pipeline(tmp_path, line, values=(1.0, 3.0, 4.0)))
    assert "x does not pass multiple in 2 of 3 rows" in str(caught.value)


def test_a_check_of_a_plugin_stands_in_the_pandera_schema(offer: Any, tmp_path: Path) -> None:
    from pandera.errors import SchemaErrors

    offer("checks", "multiple", MULTIPLE, "multiple")
    line = "plugins: [multiple]\ncontract: {x: {checks: [{multiple: {of: 2}}]}}\n"
    schema = pipeline(tmp_path, line).input_schema()
    assert schema.validate(pl.DataFrame({"x": [2.0, 8.0]})).height == 2
    with pytest.raises(SchemaErrors, match="multiple"):
        schema.validate(pl.DataFrame({"x": [2.0, 7.0]}), lazy=True)


WRONG_CHECKS = {
    "not listed": ("contract: {x: {checks: [multiple]}}\n", "list it: plugins: [multiple]"),
    "another argument": (
        "plugins: [multiple]\ncontract: {x: {checks: [{multiple: {off: 2}}]}}\n",
        "multiple: got an unexpected keyword argument 'off'",
    ),
}


@pytest.mark.parametrize("name", WRONG_CHECKS)
def test_a_check_of_a_plugin_that_is_asked_wrongly_is_told(name: str, offer: Any, tmp_path: Path) -> None:
    offer("checks", "multiple", MULTIPLE, "multiple")
    text, told = WRONG_CHECKS[name]
    with pytest.raises(nf.SchemaError) as caught:
        nf.run(pipeline(tmp_path, text))
    assert told in str(caught.value)


def test_a_check_may_not_have_the_name_of_one_that_is_built_in(offer: Any, tmp_path: Path) -> None:
    offer("checks", "in_range", MULTIPLE, "multiple")
    with pytest.raises(nf.ConfigError) as caught:
        pipeline(tmp_path, "plugins: [in_range]\n")
    assert "plugin 'in_range' has the name of a check that is built in" in str(caught.value)


VAULT = """
def secret(name):
    return {"db/login": "s3cr3t-of-the-vault"}[name]
"""
DATABASE = "plugins: [vault]\n"
ADDRESS = '"postgresql://etl:${secret:vault:db/login}@nowhere.invalid/db"'


def test_a_plugin_keeps_secrets(offer: Any) -> None:
    offer("secrets", "vault", VAULT, "secret")
    assert revealed("u:${secret:vault:db/login}@h") == "u:s3cr3t-of-the-vault@h"


def test_a_secret_of_a_plugin_is_asked_for_when_it_is_used_and_recorded_nowhere(
    offer: Any, tmp_path: Path
) -> None:
    offer("secrets", "vault", VAULT, "secret")
    (tmp_path / "p.yaml").write_text(
        f"source: {{database: {ADDRESS}, table: t}}\nsink: out.parquet\nplugins: [vault]\n", encoding="utf-8"
    )
    loaded = nf.load(tmp_path / "p.yaml")
    assert "s3cr3t" not in repr(loaded) + loaded.to_json()
    with pytest.raises(nf.SourceError) as caught:
        nf.run(loaded)
    assert "s3cr3t" not in str(caught.value)


def test_what_a_keeper_of_secrets_says_of_its_failure_is_not_told(offer: Any) -> None:
    offer("secrets", "vault", VAULT, "secret")
    with pytest.raises(nf.PluginError) as caught:
        revealed("${secret:vault:db/other}")
    assert str(caught.value) == (
        "plugin 'vault' does not give the secret 'db/other': KeyError; see that it is there, and may be read"
    )
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    ("listed", "told"),
    [
        ("", "the plugin 'vault' is not listed; write plugins: [vault]"),
        ("plugins: [vault]\n", "the plugin 'vault' keeps no secrets"),
    ],
)
def test_a_secret_needs_a_plugin_that_is_listed_and_keeps_secrets(
    listed: str, told: str, offer: Any, tmp_path: Path
) -> None:
    offer("hooks" if listed else "secrets", "vault", VAULT, "secret")
    with pytest.raises(nf.ConfigError) as caught:
        pipeline(tmp_path, f"registry: {ADDRESS}\n{listed}")
    assert told in str(caught.value)


SHELF = f"""
from pathlib import Path

import polars as pl

from {__name__} import HEARD

def read(*, folder, row=0, secret=""):
    HEARD.append(("read", secret))
    if secret == "wrong":
        raise OSError("no login with " + secret)
    return pl.scan_parquet(Path(folder) / "in.parquet")

def publish(*, staged, run_id, folder, row=0, secret=""):
    if secret == "wrong":
        raise OSError("no login with " + secret)
    Path(folder, "out.parquet").write_bytes(staged.read_bytes())
"""


def shelf(folder: Path, *, source: str = "", sink: str = "") -> Path:
    """A pipeline from a plugin's shelf to it, with these options more."""
    pl.DataFrame({"x": [1.0, 2.0, 5.0]}).write_parquet(folder / "in.parquet")
    options = "{plugin: shelf, options: {folder: %s%s}}"
    text = f"source: {options % (folder, source)}\nsink: {options % (folder, sink)}\nplugins: [shelf]\n"
    (folder / "p.yaml").write_text(text + "normalize: {x: minmax}\n", encoding="utf-8")
    return folder / "p.yaml"


def test_rows_come_from_a_plugin_and_go_to_one(offer: Any, tmp_path: Path) -> None:
    """Its options alone tell source and sink apart."""
    both(offer)
    nf.run(nf.load(shelf(tmp_path, source=", row: 1", sink=", row: 2")))
    assert pl.read_parquet(tmp_path / "out.parquet")["x"].to_list() == [0.0, 0.25, 1.0]


def test_one_place_is_not_read_and_written(offer: Any, tmp_path: Path) -> None:
    both(offer)
    with pytest.raises(nf.ConfigError, match="the source reads 'plugin:shelf' too"):
        nf.load(shelf(tmp_path))


def test_checking_runs_no_code_of_a_source(
    offer: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    both(offer)
    assert outcome(["check", str(shelf(tmp_path, source=", row: 1"))]) == 0
    assert "ok, as far as can be told before its source is read" in capsys.readouterr().err
    assert HEARD == []


@pytest.mark.parametrize("end", ["source", "sink"])
def test_what_a_plugin_says_is_told_without_its_secrets(
    end: str, offer: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    both(offer)
    monkeypatch.setenv("TOKEN", "wrong")
    file = shelf(tmp_path, **{end: ", secret: '${secret:TOKEN}'"})
    with pytest.raises(nf.PluginError if end == "source" else nf.SinkError) as caught:
        nf.run(nf.load(file))
    assert "OSError: no login with ***" in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_sink_that_refuses_the_rows_of_a_dead_run_keeps_no_later_run_from_it(
    offer: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    both(offer)
    monkeypatch.setenv("TOKEN", "wrong")
    file = shelf(tmp_path, sink=", secret: '${secret:TOKEN}'")
    for _ in range(2):
        with pytest.raises(nf.SinkError, match="cannot be written"):
            nf.run(nf.load(file))
    monkeypatch.setenv("TOKEN", "right")
    assert nf.run(nf.load(file)).status == "succeeded"
    assert [one[0] for one in status(tmp_path)] == ["succeeded", "succeeded", "failed"]


def both(offer: Any) -> None:
    offer("sources", "shelf", SHELF, "")
    offer("sinks", "shelf", SHELF, "")
