"""A stored fit is text that anybody may have changed: whatever it holds, it is read or refused."""

from __future__ import annotations

import itertools
import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

import normflow as nf

if TYPE_CHECKING:
    from collections.abc import Iterator

HOSTILE: tuple[Any, ...] = (
    *(None, True, [], {}, "x", "NaN", -1, 0, 1.5, [[]], [1, 2], {"kind": "chain", "maps": []}),
    *(10**400, 2**63, -(2**70), float("nan"), float("inf"), "\ud800"),
)
Path = tuple[str | int, ...]


def frame() -> pl.DataFrame:
    values = [0.1 * i * i + 0.3 for i in range(60)]
    return pl.DataFrame(
        {
            "a": values,
            "b": [one - 9.0 for one in values],
            "e": pl.Series([[one, 1.0] for one in values], dtype=pl.Array(pl.Float64, 2)),
            "g": [i % 2 for i in range(60)],
        }
    )


ALONE: dict[str, Any] = json.loads(
    nf.fit(
        frame(),
        {
            "a": {"method": "quantile_normal", "n_quantiles": 4, "outside": "clip", "nulls": "mean"},
            "b": "auto",
            "e": "unit",
        },
    ).to_json()
)
GROUPED: dict[str, Any] = json.loads(
    nf.fit(frame(), {"a": "boxcox"}, by={"columns": ["g"], "min_rows": 5}).to_json()
)


def paths(part: Any, above: Path = ()) -> Iterator[Path]:
    yield above
    inside = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    for key, one in inside:
        yield from paths(one, (*above, key))


def with_part(document: dict[str, Any], path: Path, value: Any) -> str:
    """The document as text, with one part replaced."""
    copy: Any = {"": json.loads(json.dumps(document))}
    place = copy
    keys: Path = ("", *path)
    for key in keys[:-1]:
        place = place[key]
    place[keys[-1]] = value
    return json.dumps(copy[""])


@pytest.mark.parametrize("document", [ALONE, GROUPED], ids=["alone", "grouped"])
def test_any_part_may_be_anything(document: dict[str, Any]) -> None:
    """The naive reading ends in an OverflowError, an AttributeError, a RecursionError or a Polars error."""
    refused = 0
    for path in paths(document):
        for value in HOSTILE:
            try:
                nf.Fit.from_json(with_part(document, path, value))
            except nf.FormatError:
                refused += 1
    assert refused > 1000


@pytest.mark.parametrize("document", [ALONE, GROUPED], ids=["alone", "grouped"])
def test_what_is_read_can_be_used_even_if_its_id_is_forged(
    document: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever changes a part can write the id that goes with it: then the part itself must hold."""
    values, read = itertools.cycle(HOSTILE), 0
    for path in paths(document):
        for value in itertools.islice(values, 2):
            with monkeypatch.context() as forged:
                forged.setattr(nf.Fit, "id", document["id"])
                try:
                    fit = nf.Fit.from_json(with_part(document, path, value))
                except nf.FormatError:
                    continue
            read += 1
            with suppress(nf.NormflowError):  # a column that the frame lacks, say
                used(fit)
    assert read > 20


def used(fit: nf.Fit) -> None:
    fit.inverse(fit.transform(frame()), [])
    fit.explain()
    fit.candidates()
    fit.to_json()
    if fit.groups:
        for key in fit.groups.keys.iter_rows(named=True):
            fit.group(key)


@pytest.mark.parametrize(
    "text",
    [
        *("[" * 100_000, '{"a":' * 100_000, "1" * 5000, '{"format": ' + "9" * 5000 + "}"),
        *('{"format": 1, "rows": NaN}', '{"format": [1]}', "\ufeff{}", b"\xff", None, 5),
    ],
    ids=lambda text: repr(text)[:12],
)
def test_no_text_ends_in_another_error(text: Any) -> None:
    with pytest.raises(nf.FormatError):
        nf.Fit.from_json(text)


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        (("rows",), -1, "the fit: 'rows' is a whole number out of its range"),
        (("rows",), 10**400, "the fit: 'rows' is a whole number out of its range"),
        (("rows",), True, "the fit: 'rows' is a whole number, not True"),
        (("columns", 0), 7, "columns[0]: 7 is no object"),
        (("columns", 0, "output"), 7, "columns[0]: 'output' is text, not 7"),
        (("columns", 0, "index"), "1", "columns[0]: 'index' is a whole number or null, not '1'"),
        (("columns", 0, "transform", "maps"), 7, "the maps of a stored chain are a list"),
        (("columns", 0, "before", "max"), "9", "a stored shape's max cannot be '9'"),
        (("columns", 0, "after", "mean_error"), None, "a stored shape's mean_error cannot be None"),
        (
            ("columns", 0, "treatment", "outside"),
            "clipp",
            "columns[0].treatment: 'outside' cannot be 'clipp'; did you mean 'clip'?",
        ),
        (
            ("columns", 1, "choice", "candidates", 0, "options"),
            ["ddof"],
            "columns[1].choice.candidates[0]: 'options' is an object, not ['ddof']",
        ),
        (
            ("columns", 1, "choice", "path", 0, "held"),
            1,
            "columns[1].choice.path[0]: 'held' is true or false, not 1",
        ),
        (
            ("columns", 1, "output"),
            "a",
            "the stored fit writes column 'a' twice, or lacks places of it",
        ),
        (("columns", 0, "index"), 1, "the stored fit writes column 'a' twice, or lacks places of it"),
        (
            ("row_wise", 0, "outputs"),
            [],
            "row_wise[0]: columns and outputs are two lists of as many names",
        ),
        (
            ("row_wise", 0, "method"),
            "length",
            (
                "the stored fit is incomplete: ConfigError(\"no method 'length'; known are unit, layer\");"
                " export it again from the registry"
            ),
        ),
    ],
    ids=str,
)
def test_the_sentence_names_the_part(path: Path, value: Any, sentence: str) -> None:
    with pytest.raises(nf.FormatError) as refusal:
        nf.Fit.from_json(with_part(ALONE, path, value))
    assert str(refusal.value) == sentence


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        (("numbers", "variant"), {"a": 1}, "the stored numbers 'variant' of groups are no list of numbers"),
        (("numbers", "low", 0), "nan", "the stored numbers 'low' of groups are no list of numbers"),
        (("numbers", "p0", 1), None, "the stored numbers of groups lack one of a group's own"),
        (("variants", 0, "chain", "maps"), [], "a stored pattern has no number "),
        (("guards", "chain", "maps"), "the transform's", "the stored groups of 'a' have other maps than"),
    ],
    ids=str,
)
def test_the_numbers_of_groups_are_looked_at(path: Path, value: Any, sentence: str) -> None:
    if value == "the transform's":
        value = GROUPED["columns"][0]["transform"]["maps"]
    with pytest.raises(nf.FormatError) as refusal:
        nf.Fit.from_json(with_part(GROUPED, ("groups", "columns", "a", *path), value))
    assert refusal.value.what.startswith(sentence)


def test_half_a_character_is_no_text() -> None:
    """Written as an escape or raw; a whole one is, in either form."""
    for half in ('"\\ud83d"', '"\ud83d"'):
        with pytest.raises(nf.FormatError, match=r"this is no stored fit: .* surrogates not allowed"):
            nf.Fit.from_json(nf.fit(frame(), {"a": "center"}).to_json().replace('"model"', half))
    for whole in ('"\\ud83d\\ude00"', '"\U0001f600"'):
        assert (
            nf.Fit.from_json(nf.fit(frame(), {"a": "center"}).to_json().replace('"model"', whole)).goal
            == "😀"
        )
