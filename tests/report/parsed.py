"""A page as a reader meets it."""

from __future__ import annotations

from html.parser import HTMLParser

VOID = {"meta", "input", "path"}


class Parsed(HTMLParser):
    """A page as tags, attributes and texts; a tag that is not closed in its order is an error."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.inside: dict[str, list[str]] = {}
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A tag, and whether it waits for its end."""
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A tag that is its own end."""
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        """The end of what was opened last."""
        assert self.open[-1:] == [tag]
        self.open.pop()

    def handle_data(self, data: str) -> None:
        """A text, and in which tag it stands."""
        self.texts.append(data)
        self.inside.setdefault(self.open[-1] if self.open else "", []).append(data)

    def handle_comment(self, data: str) -> None:
        """A page has none."""
        raise AssertionError(f"a comment: {data}")

    @property
    def text(self) -> str:
        """All that can be read."""
        return " ".join(" ".join(self.texts).split())

    def values(self, attribute: str) -> list[str]:
        """What an attribute is, on every tag that has it."""
        return [found for _, attributes in self.tags if (found := attributes.get(attribute)) is not None]
