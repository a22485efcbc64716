"""Tables that fit: as wide as they are where there is room, folded or in blocks where there is less.

A row never loses a name. Sentences fold between words; then columns move below their row; on terminals of
less than 60 letters each row is a block of its own. A terminal is shown the first 100 rows, and told how to
see the rest; a file or a pipe gets all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.text import Text

from normflow.report.text import plainly, printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import Console, ConsoleOptions, RenderResult

NARROW = 60
GAP = 2
LEAST = 36  # letters a line, below which a folded sentence is hard to read
SHOWN = 100
NUMBERS = {
    *("missing", "distinct", "rows", "quarantined", "mean", "std", "failed"),
    *("normality", "kurtosis", "P/df"),
}
SENTENCES = {"why", "what", "auto", ""}
FOLDING = {*SENTENCES, "formula", "value", "from", "options", "code"}


class Rows:
    """A table without lines: numbers to the right, the first column is the name of the row."""

    def __init__(self, *headings: str, shown: int = SHOWN) -> None:
        self._headings: list[str] = []
        self._folding: list[bool] = []
        self._rows: list[list[Text]] = []
        self._shown = shown
        for heading in headings:
            self.add_column(heading, folds=heading in FOLDING)

    def add_column(self, heading: str, *, folds: bool = False) -> None:
        """One more column; `folds` where it holds sentences."""
        self._headings.append(heading)
        self._folding.append(folds)

    def add_row(self, *cells: str | Text) -> None:
        """One more row; what is left out at its end is empty."""
        texts = [_printable(cell if isinstance(cell, Text) else Text(cell)) for cell in cells]
        self._rows.append([*texts, *(Text() for _ in self._headings[len(texts) :])])

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        rows = self._rows[: self._shown] if options.is_terminal else self._rows
        headings = [Text(one, style="dim") for one in self._headings]
        if options.ascii_only:
            rows = [[_spelled(cell) for cell in row] for row in rows]
            headings = [_spelled(one) for one in headings]
        natural = [max(map(_width, column)) for column in zip(headings, *rows, strict=True)]
        widths = self._fitted(natural, options.max_width)
        if len(widths) < len(natural) and (options.max_width < NARROW or len(widths) == 1):
            yield from self._blocks(rows, headings, console, options.max_width)
        else:
            yield from self._lines(rows, headings, widths, console, options.max_width)
        if len(rows) < len(self._rows):
            more = len(self._rows) - len(rows)
            yield Text(f"and {more:,} more: all are in a pipe, a file, or with --json", style="dim")

    def _fitted(self, natural: list[int], width: int) -> dict[int, int]:
        """The columns that find room beside each other, each with its width."""
        kept = list(range(len(natural)))
        while len(kept) > 1:
            folding = [at for at in kept if self._folding[at]]
            room = width - GAP * (len(kept) - 1) - sum(natural[at] for at in kept if at not in folding)
            least = {at: min(natural[at], LEAST) for at in folding}
            if sum(least.values()) <= room:
                shares = _shared(room, natural, least)
                return {at: shares.get(at, natural[at]) for at in kept}
            wide = {at: 0 if self._headings[at].startswith("shape") else natural[at] for at in kept[1:]}
            kept.remove(folding[-1] if folding else max(wide, key=wide.__getitem__))
        return {0: natural[0]}

    def _lines(
        self,
        rows: Sequence[list[Text]],
        headings: list[Text],
        widths: dict[int, int],
        console: Console,
        width: int,
    ) -> Iterator[Text]:
        """A line a row, or more where a cell folds; below it what found no room."""
        below = [at for at in range(len(headings)) if at not in widths]
        yield from self._beside([headings], widths, console)
        for row in rows:
            yield from self._beside([row], widths, console)
            if told := self._labelled(row, headings, below):
                yield from _indented(_packed(told, width - 2), console, width)

    def _beside(self, rows: Sequence[list[Text]], widths: dict[int, int], console: Console) -> Iterator[Text]:
        last = max(widths)
        for row in rows:
            folded = {at: list(row[at].wrap(console, size)) or [Text()] for at, size in widths.items()}
            for number in range(max(map(len, folded.values()))):
                line = Text()
                for at, size in widths.items():
                    lines = folded[at]
                    part = lines[number].copy() if number < len(lines) else Text()
                    part.rstrip()
                    right = self._headings[at] in NUMBERS
                    space = " " * (size - _width(part))
                    line.append(space if right else "").append_text(part)
                    line.append("" if right or at == last else space).append("" if at == last else " " * GAP)
                line.rstrip()
                yield line

    def _blocks(
        self, rows: Sequence[list[Text]], headings: list[Text], console: Console, width: int
    ) -> Iterator[Text]:
        """A row as its name and an indented line for each of its other cells."""
        for row in rows:
            yield from row[0].wrap(console, width)
            for told in self._labelled(row, headings, range(1, len(headings))):
                yield from _indented([told], console, width)

    def _labelled(self, row: list[Text], headings: list[Text], which: Sequence[int]) -> list[Text]:
        """The cells that are not empty, each after its heading; a sentence speaks for itself."""
        return [
            row[at]
            if self._headings[at] in SENTENCES
            else Text.assemble((f"{headings[at].plain}: ", "dim"), row[at])
            for at in which
            if row[at].plain
        ]


def _width(text: Text) -> int:
    return cell_len(text.plain)


def _printable(cell: Text) -> Text:
    plain = cell.plain
    return cell if plain.isprintable() else Text(printable(plain), style=cell.style)


def _spelled(cell: Text) -> Text:
    return Text(plainly(cell.plain), style=cell.style)


def _shared(room: int, natural: list[int], least: dict[int, int]) -> dict[int, int]:
    """Room for columns that fold: each as much as it wants, and the wider ones what is left, evenly."""
    found: dict[int, int] = {}
    for place, at in enumerate(sorted(least, key=natural.__getitem__)):
        rest = sorted(least, key=natural.__getitem__)[place + 1 :]
        fair = max(least[at], (room - sum(found.values())) // (len(rest) + 1))
        most = room - sum(found.values()) - sum(least[one] for one in rest)
        found[at] = min(natural[at], fair, most)
    return found


def _packed(parts: list[Text], width: int) -> list[Text]:
    """The parts in their order, as many on a line as fit."""
    lines: list[Text] = []
    for part in parts:
        if lines and _width(lines[-1]) + GAP + _width(part) <= width:
            lines[-1] = lines[-1].append(" " * GAP).append_text(part)
        else:
            lines.append(part.copy())
    return lines


def _indented(parts: Sequence[Text], console: Console, width: int) -> Iterator[Text]:
    """Each part two letters in, and four where it goes on."""
    for part in parts:
        folded = list(part.wrap(console, max(1, width - 4)))
        short = _width(part) <= width - 2
        for number, line in enumerate([part] if short else folded):
            line.rstrip()
            yield Text(" " * (4 if number else 2)).append_text(line)
