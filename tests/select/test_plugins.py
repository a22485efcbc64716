"""Methods of other packages: loaded where they are listed, named, and taking part in `auto`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

import normflow as nf
from normflow.methods import method_named, plugin_versions
from normflow.profiles import observe_values
from normflow.select import choose
from tests.select.plugin import SIGNED_ROOT, install
from tests.select.test_thresholds import NORMAL

if TYPE_CHECKING:
    from pathlib import Path

HEAVY = np.sinh(1.6 * NORMAL) + 0.02 * NORMAL
FRAME = pl.DataFrame({"x": HEAVY})
PLUGIN = "signed_root"


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder where packages are found."""
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in [name for name in sys.modules if name.startswith("normflow_try")]:
        monkeypatch.delitem(sys.modules, name)
    return tmp_path


@pytest.fixture
def installed(site: Path) -> str:
    install(site, PLUGIN, SIGNED_ROOT, f"normflow_try_{site.name}:SignedRoot".replace("-", "_"))
    return PLUGIN


def test_a_listed_plugin_can_be_named_with_its_options(installed: str) -> None:
    fit = nf.fit(FRAME, {"x": {"method": installed, "gain": 2.0}}, plugins=[installed])
    assert (fit["x"].method, fit["x"].version, dict(fit["x"].options)) == (installed, 3, {"gain": 2.0})
    assert fit.transform(FRAME)["x"].to_numpy() == pytest.approx(np.arcsinh(2 * HEAVY), abs=1e-12)
    assert nf.Fit.from_json(fit.to_json()) == fit


def test_a_stored_fit_needs_no_plugin(installed: str, site: Path) -> None:
    """What is stored are normflow's own maps."""
    text = nf.fit(FRAME, {"x": installed}, plugins=[installed]).to_json()
    sys.path.remove(str(site))
    assert nf.Fit.from_json(text).transform(FRAME)["x"].to_numpy() == pytest.approx(
        np.arcsinh(HEAVY), abs=1e-12
    )


def test_a_plugin_that_suits_and_is_more_normal_is_chosen(installed: str) -> None:
    choice = choose(observe_values(HEAVY), plugins=[installed])
    assert (choice.method, choice.rule, choice.soft_clip) == (installed, "plugin", 4.0)
    assert [one.method for one in choice.candidates] == [
        "zscore",
        "robust",
        "boxcox",
        "yeojohnson",
        installed,
    ]
    assert f"it suits the column, says {installed}: {installed} brings it to " in choice.reason
    assert choose(observe_values(HEAVY)).method != installed


def test_a_plugin_takes_part_where_it_says_so(installed: str) -> None:
    """Not for this profile, and not for this goal."""
    assert choose(observe_values(NORMAL), plugins=[installed]).method == "zscore"
    assert choose(observe_values(HEAVY), plugins=[installed], goal="preserve").method != installed


def test_a_plugin_can_be_a_candidate(installed: str) -> None:
    line = {"x": {"method": "auto", "candidates": ["zscore", installed]}}
    assert nf.fit(FRAME, line, plugins=[installed])["x"].method == installed


def test_a_plugin_that_is_not_listed_is_not_there(installed: str) -> None:
    with pytest.raises(nf.ConfigError) as caught:
        nf.fit(FRAME, {"x": installed})
    assert str(caught.value).startswith(f"no method '{installed}'")


def test_the_package_and_its_version_stand_for_the_code(installed: str) -> None:
    assert plugin_versions([installed]) == {installed: "normflow-signed-root 1.2"}


def test_a_plugin_that_is_not_installed_is_told(installed: str) -> None:
    with pytest.raises(nf.ConfigError) as caught:
        nf.fit(FRAME, plugins=["signed_rot"])
    assert str(caught.value) == f"plugin 'signed_rot' is not installed; did you mean '{installed}'?"


def test_a_name_of_normflows_own_is_taken(site: Path) -> None:
    install(site, "log", SIGNED_ROOT, "normflow_try_log:SignedRoot")
    with pytest.raises(nf.ConfigError) as caught:
        nf.fit(FRAME, plugins=["log"])
    assert str(caught.value) == (
        "plugin 'log' has the name of a method of normflow's own; ask its makers to rename it"
    )


def test_two_packages_of_one_name_are_told(installed: str, site: Path) -> None:
    install(site, installed, SIGNED_ROOT, "normflow_try_two:SignedRoot", package="another-root")
    with pytest.raises(nf.ConfigError) as caught:
        plugin_versions([installed])
    assert str(caught.value) == (
        f"plugin '{installed}' is offered by another-root 1.2 and normflow-signed-root 1.2; "
        "uninstall one of them"
    )


BROKEN = {
    "no method": (
        "class SignedRoot:\n    name = 'signed_root'\n",
        nf.ConfigError,
        (
            "plugin 'signed_root' (normflow_try:SignedRoot) is no method: "
            "it lacks version, needs, reads, midpoint, attempt, refuses, fit"
        ),
    ),
    "another name": (
        SIGNED_ROOT.replace('"signed_root"', '"root"'),
        nf.ConfigError,
        "plugin 'signed_root' gives a method called 'root'; the entry point has the method's name",
    ),
    "an import that fails": (
        "raise ValueError('no licence')",
        nf.PluginError,
        (
            "plugin 'signed_root' cannot be loaded from normflow_try:SignedRoot: ValueError: no licence; "
            "look at normflow-signed-root 1.2"
        ),
    ),
    "an attempt that fails": (
        SIGNED_ROOT.replace("if profile.min is None:", "1 / 0\n        if profile.min is None:"),
        nf.PluginError,
        "method 'signed_root' failed: ZeroDivisionError: division by zero",
    ),
    "no transform": (
        SIGNED_ROOT.replace(
            "return Transform((Affine(shift=0.0, scale=1.0 / self.gain), Asinh()))", "return 5"
        ),
        nf.PluginError,
        "method 'signed_root' gives int, and no transform",
    ),
    "a map of its own": (
        SIGNED_ROOT.replace("Asinh()))", "Mine()))").replace(
            "@dataclass(frozen=True)\nclass SignedRoot",
            "class Mine(Asinh):\n    pass\n\n\n@dataclass(frozen=True)\nclass SignedRoot",
        ),
        nf.PluginError,
        "method 'signed_root' gives a map of its own, Mine; a transform is a chain of normflow's maps",
    ),
    "a question that fails": (
        SIGNED_ROOT.replace("return profile.negatives", "return profile.nothing"),
        nf.PluginError,
        "method 'signed_root' failed: AttributeError: 'ColumnProfile' object has no attribute 'nothing'",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_wrong_with_a_plugin_is_told(name: str, site: Path) -> None:
    code, error, message = BROKEN[name]
    install(site, PLUGIN, code, "normflow_try:SignedRoot")
    with pytest.raises(error) as caught:
        choose(observe_values(HEAVY), plugins=[PLUGIN])
    assert str(caught.value) == message


def test_a_plugins_options_are_checked_as_all_are(installed: str) -> None:
    with pytest.raises(nf.ConfigError) as caught:
        method_named(installed, {"gian": 2.0}, [installed])
    assert str(caught.value) == "method 'signed_root' has no option 'gian'; did you mean 'gain'?"
