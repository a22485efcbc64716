"""The pages on errors, which ship with the package: one Markdown file an id, in `normflow/help`."""

from __future__ import annotations

from importlib.resources import files

SUFFIX = ".md"


def ids() -> list[str]:
    """The errors there is a page on."""
    return sorted(
        one.name.removesuffix(SUFFIX)
        for one in files("normflow").joinpath("help").iterdir()
        if one.name.endswith(SUFFIX)
    )


def page(error: str) -> str:
    """The page on an error, as Markdown."""
    return files("normflow").joinpath("help", f"{error}{SUFFIX}").read_text(encoding="utf-8")


def title(text: str) -> str:
    """The heading of a page."""
    return text.partition("\n")[0].lstrip("# ")
