"""Mutated pipeline files: each gives a pipeline or a configuration error that names its place, and soon.

`python -m tests.config.fuzz --count 50000` makes them of every shipped configuration, every pipeline in the
documentation and one with all keys, and tells what came out; the same seed gives the same files.
"""

from __future__ import annotations

import argparse
import random
import re
import signal
import tempfile
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from normflow.cli.excerpts import told
from normflow.config import load
from normflow.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from normflow.errors import Problem

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```ya?ml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SECONDS = 10  # a case takes milliseconds; one that takes this long hangs
WHOLE_FILE = ("the file is empty", "the file is larger", "is no UTF-8")
"""What is wrong with no line of the file."""
TOKENS = [
    *"*&!{}[]:,'\"|>%@`#-?\t\n\r \\~é😀=<.^$0",
    *(": ", "- ", "\n\n", "  ", "---\n", "...\n", "? ", "<<: ", "<<: *a", "&a ", "*a"),
    *("!!python/name:os.system ", "!!map {}", "<", "* ", "&", "!"),
    *("!!binary ", "!!set ", "!x ", "!<tag:x> ", "%YAML 1.1\n---\n", "%TAG ! x\n", "!!str 5", "!!int 'x'"),
    *("null", "~", "true", "no", "''", '""', ".nan", "-.inf", "1e999", "1" * 400, "0x" + "f" * 400, "0o9"),
    *("-1", "1.5", "5%", "101%", "2024-01-01", "12:30:45", "1_000"),
    *("${var:x}", "${env:HOME}", "${secret:X}", "${", "$${", "${var:${var:x}}", "${:}", "${var:}"),
    *("\u2028", "\x85", "\ufeff", "\x00", "\x1b[31m", "\u202e", "\ud7ff", "\ufffe"),
    *("\U0010ffff", "\x7f", "\v\f", "\t", "\r"),
    *("../../../etc/passwd", "/dev/zero", "file:///x", "s3://b/k", "a" * 300, "a\0b", "con", "."),
    *("version", "source", "sink", "path", "method", "auto", "columns"),
    *("include", "targets", "vars", "model_config", "__class__", "extra", "by", "where", "month <= 9"),
    *("[[[[[[", "{a: {a: {a: ", "|\n  text\n", ">-\n  text\n", "[" * 80 + "]" * 80),
]  # fmt: skip


class Hang(BaseException):
    """A case took too long; no `except Exception` on the way swallows it."""


def corpus() -> list[str]:
    """What is mutated: files that load."""
    from tests.config.test_misspellings import FILE

    configs = [path.read_text() for path in sorted((ROOT / "configs").glob("*.yaml"))]
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    blocks = [text for page in pages for text in BLOCK.findall(page.read_text())]
    return [FILE, *configs, *(text for text in blocks if "source:" in text)]


def spliced(dice: random.Random, text: str) -> str:
    """A few cuts and insertions of awkward tokens."""
    for _ in range(dice.randint(1, 4)):
        start = dice.randrange(len(text) + 1)
        end = min(len(text), start + dice.choice([0, 0, 1, 1, 2, 5, 20, 80]))
        text = text[:start] + dice.choice([dice.choice(TOKENS), "", text[end : end + 10]]) + text[end:]
    return text


def words_swapped(dice: random.Random, text: str) -> str:
    """Two words in each other's place."""
    words = re.split(r"([\w.%/*-]+)", text)
    places = range(1, len(words), 2)
    if len(places) > 1:
        a, b = dice.sample(places, 2)
        words[a], words[b] = words[b], words[a]
    return "".join(words)


def word_replaced(dice: random.Random, text: str) -> str:
    """A token where a word was."""
    words = re.split(r"([\w.%/*-]+)", text)
    if len(words) > 1:
        words[dice.randrange(1, len(words), 2)] = dice.choice(TOKENS)
    return "".join(words)


def lines_moved(dice: random.Random, text: str) -> str:
    """Lines twice, away, elsewhere, or further in or out."""
    lines = text.splitlines(keepends=True)
    for _ in range(dice.randint(1, 3)):
        if not lines:
            break
        at = dice.randrange(len(lines))
        line = lines[at]
        match dice.randrange(5):
            case 0:
                lines.insert(dice.randrange(len(lines) + 1), line)
            case 1:
                del lines[at]
            case 2:
                lines[at] = dice.choice([" ", "  ", "\t", "      "]) + line
            case 3:
                lines[at] = line.lstrip() or line
            case _:
                lines[at] = line.rstrip("\n")
    return "".join(lines)


def line_ends(dice: random.Random, text: str) -> str:
    """Other ends of lines."""
    return text.replace("\n", dice.choice(["\r\n", "\r", "\u2028", "\x85", "\n\n", " \n"]))


def nested(dice: random.Random, text: str) -> str:
    """A value within more lists and mappings than anybody reads."""
    depth = dice.choice([10, 63, 64, 65, 500, 20_000])
    bomb = dice.choice(
        ["[" * depth, "[" * depth + "]" * depth, "{a: " * depth + "1" + "}" * depth, "- " * depth]
    )
    return f"{text}\nmeta: {bomb}\n"


def aliased(dice: random.Random, text: str) -> str:
    """Aliases of aliases, of which each is many times the one before."""
    times, levels = dice.choice([2, 9]), dice.choice([3, 9, 30])
    lines = ["  a0: &a0 [x, y]"]
    lines += [f"  a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * times)}]" for n in range(1, levels)]
    where = dice.choice(["meta:", "vars:", "normalize:", "contract:"])
    return f"{text}\n{where}\n" + "\n".join(lines) + "\n"


def referring(dice: random.Random, text: str) -> str:
    """References that name each other, and grow."""
    times = dice.choice([1, 2, 10])
    lines = [f'  v{n}: "{f"${{var:v{n + 1}}}" * times}"' for n in range(dice.choice([1, 5, 30]))]
    return "vars:\n" + "\n".join(lines) + f'\n  end: x\n{text}\nreport: "${{var:v0}}"\n'


def crowded(dice: random.Random, text: str) -> str:
    """A section with tens of thousands of wrong lines, in one line or many, or of one key again and again."""
    count = 20_000 if dice.random() < 0.02 else dice.choice([101, 300, 1_000])
    line = dice.choice(["{rnge: 1}", "auot", "5", "{method: logg, sufix: a}", "'${var:no}'", "secret"])
    section = dice.choice(["contract", "normalize", "checks", "fit", "vars", "targets", "secret"])
    key = dice.choice(["c{}", "c", "sercet{}"])
    lines = [f"{key.format(n)}: {line}" for n in range(count)]
    flow = f"{section}: {{{', '.join(lines)}}}\n"
    return f"{text}\n{flow}" if dice.random() < 0.5 else f"{text}\n{section}:\n  " + "\n  ".join(lines) + "\n"


def huge(dice: random.Random, text: str) -> str:
    """One value, key or list that is far too large, some below the limit of a file and some above."""
    size = dice.choice([5_000, 90_000, 1_100_000])
    one = dice.choice(
        [
            "a" * size,
            "9" * size,
            '"' + "\\u00e9" * (size // 6) + '"',
            "[" + "1," * (size // 2) + "1]",
            "*" * size,
        ]
    )
    return dice.choice(
        [
            f"{text}\nname: {one}\n",
            f"{text}\n? {one}\n: 1\n",
            f"{text}\nmeta: {{x: {one}}}\n",
            f"{text}\nfit: {{where: {one}}}\n",
        ]
    )


MUTATORS: list[Callable[[random.Random, str], str]] = [
    *[spliced] * 8, *[words_swapped] * 3, *[word_replaced] * 4, *[lines_moved] * 4,
    line_ends, nested, aliased, referring, huge, crowded,
]  # fmt: skip


def mutated(dice: random.Random, texts: list[str]) -> bytes:
    """A file of the corpus after one to three mutations, now and then with wrong bytes."""
    text = dice.choice(texts)
    for _ in range(dice.choice([1, 1, 1, 2, 3])):
        text = dice.choice(MUTATORS)(dice, text)
    content = bytearray(text.encode("utf-8", "surrogatepass"))
    if dice.random() < 0.15 and content:
        for _ in range(dice.randint(1, 5)):
            content[dice.randrange(len(content))] = dice.randrange(256)
    if dice.random() < 0.02:
        content = bytearray(text.encode(dice.choice(["utf-16", "utf-32", "utf-8-sig"]), "surrogatepass"))
    return bytes(content)


@dataclass
class Report:
    """What came out of the cases."""

    count: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    problems: int = 0
    slowest: float = 0.0
    failures: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        came = f"{self.outcomes['pipeline']:,} pipelines, {self.outcomes['refused']:,} refused"
        told = f"{self.problems:,} problems, {len(self.failures):,} failures"
        return f"{self.count:,} files: {came}, {told}; slowest {self.slowest:.2f} s"


def faults(problems: tuple[Problem, ...], file: Path) -> Iterator[str]:
    """What is wrong with what is said to be wrong."""
    for one in problems:
        name, line, column = one.position
        if not one.what or len(f"{one}x".splitlines()) != 1:
            yield f"no line of text: {one!r}"
        if name != str(file):
            yield f"another place: {one!r}"
        if not (line and column) and not any(words in one.what for words in WHOLE_FILE):
            yield f"no place: {one!r}"


def judged(file: Path, content: bytes, report: Report) -> None:
    """Load one file, and add to the report what came of it."""
    file.write_bytes(content)
    report.count += 1
    started = time.monotonic()
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        _load(file, content, report)
    except Hang:
        report.failures.append(f"took longer than {SECONDS} s\n{content!r:.3000}")
    except Exception:  # noqa: BLE001 (whatever it is, it is what the fuzz is for)
        report.failures.append(f"{traceback.format_exc()[-3000:]}\n{content!r:.3000}")
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    report.slowest = max(report.slowest, time.monotonic() - started)


def _load(file: Path, content: bytes, report: Report) -> None:
    try:
        load(file)
        report.outcomes["pipeline"] += 1
    except ConfigError as error:
        report.outcomes["refused"] += 1
        report.problems += len(error.listed())
        report.failures += [f"{found}\n{content!r:.3000}" for found in faults(error.listed(), file)]
        told(error)


def fuzz(count: int, seed: int, folder: Path) -> Report:
    """Judge so many files."""
    texts, dice, report = corpus(), random.Random(seed), Report()  # noqa: S311 (a repeatable mess, no secret)
    before = signal.signal(signal.SIGALRM, _hang)
    try:
        for _ in range(count):
            judged(folder / "p.yaml", mutated(dice, texts), report)
    finally:
        signal.signal(signal.SIGALRM, before)
    return report


def _hang(_signal: int, _frame: FrameType | None) -> None:
    raise Hang


def main() -> None:
    """Fuzz, and end with 1 where a file made something else than a pipeline or a good error."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        report = fuzz(asked.count, asked.seed, Path(folder))
    for failure in report.failures[:20]:
        print(failure, end="\n\n")
    print(report)
    raise SystemExit(1 if report.failures else 0)


if __name__ == "__main__":
    main()
