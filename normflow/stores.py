"""Object stores: what an address names, how it is reached, and one object as a file that a source reads."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from normflow.errors import ConfigError, suggestion
from normflow.extras import required
from normflow.spec.tables import opened

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from normflow.spec import Options

OF_CLIENT = ("allow_http", "allow_invalid_certificates", "connect_timeout", "timeout", "user_agent")
PREFIXES = ("aws_", "google_", "azure_")
WHERE = "source.storage or sink.storage"


@dataclass(frozen=True, slots=True)
class Stored:
    """One object: equal where address, size and content tag are; `options` are how its store is reached."""

    url: str
    size: int
    tag: str
    changed: int
    options: Options = field(compare=False, repr=False)

    def __str__(self) -> str:
        return self.url

    @property
    def name(self) -> str:
        """The last part of the address."""
        return self.url.rpartition("/")[2]

    def resolve(self) -> Stored:
        """Itself: addresses have no links."""
        return self

    def now(self) -> Stored:
        """The object as it is now.

        Raises:
            OSError: it is gone, or the store cannot be reached.
        """
        with reaching():
            return _stored(
                self.url, _library().head(store(self.url, self.options), key_of(self.url)), self.options
            )

    def head(self, size: int) -> bytes:
        """The first bytes, as many as there are.

        Raises:
            OSError: it is gone, or the store cannot be reached.
        """
        with reaching():
            held = store(self.url, self.options)
            end = min(size, self.size)
            return bytes(_library().get_range(held, key_of(self.url), start=0, end=end))


Place = Path | Stored
"""A file of a source, here or in a store."""


def bucket_of(url: str) -> str:
    """The address of the bucket: `s3://bucket` of `s3://bucket/some/key`."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}"


def key_of(url: str) -> str:
    """The name of the object in its bucket."""
    return url.partition("://")[2].partition("/")[2]


def polars_options(options: Options) -> dict[str, str]:
    """Options as text, with their secrets, as Polars takes `storage`; to be kept no longer than the scan."""
    return {name: _text(value) for name, value in opened(options).items()}


def store(url: str, options: Options) -> Any:
    """The bucket of an address.

    `options` have the names of Polars' `storage_options`; what they leave out comes from the environment.

    Raises:
        ConfigError: an option that no store has; obstore is not installed.
    """
    given = polars_options(options)
    client: dict[str, Any] = {name: given.pop(name) for name in OF_CLIENT if name in given}
    if "allow_http" in client:
        client["allow_http"] = client["allow_http"] == "true"
    named: dict[str, Any] = {_without_prefix(name): value for name, value in given.items()}
    _library()
    from obstore.exceptions import UnknownConfigurationKeyError
    from obstore.store import from_url

    make: Any = from_url  # it has one signature for each store
    try:
        return make(bucket_of(url), client_options=client, **named)
    except UnknownConfigurationKeyError as error:
        wrong = next((name for name in given if f"'{_without_prefix(name)}'" in str(error)), "")
        known = ("endpoint_url", "region", "access_key_id", "secret_access_key", "session_token", *OF_CLIENT)
        what = (
            f"no such option of the store '{wrong}'" if wrong else "an option that this store does not have"
        )
        raise ConfigError(what, where=WHERE, hint=suggestion(wrong, known)) from None


def below(url: str, options: Options) -> Iterator[Stored]:
    """All objects whose address begins so.

    Raises:
        OSError: the bucket is not there, or cannot be reached.
    """
    held, bucket = store(url, options), bucket_of(url)
    folder = key_of(url).rpartition("/")[0]
    with reaching():
        for batch in _library().list(held, prefix=folder or None):
            for one in batch:
                found = f"{bucket}/{one['path']}"
                if found.startswith(url):
                    yield _stored(found, one, options)


@contextmanager
def reaching() -> Iterator[None]:
    """Tell what the store says, in its long text, as an `OSError` of one sentence."""
    _library()
    from obstore.exceptions import BaseError

    try:
        yield
    except FileNotFoundError as error:
        raise FileNotFoundError(2, "No such object") from error
    except (BaseError, PermissionError) as error:
        raise OSError(5, sentence(str(error))) from error


def _stored(url: str, meta: Mapping[str, Any], options: Options) -> Stored:
    changed = int(meta["last_modified"].timestamp() * 1_000_000_000)
    tag = f"{meta['e_tag'] or ''} {meta['version'] or ''}".strip()
    return Stored(url, meta["size"], tag, changed, options)


def sentence(text: str) -> str:
    """What a store says, without the dump of its request, and what can be told apart of it."""
    for code, told in (
        ("404", "there is no such bucket"),
        ("403", "the store refuses access; check the credentials under storage"),
        ("301", "the bucket is in another region; write region under storage"),
    ):
        if re.search(rf"status code: {code}|status code\s.*\b{code} [A-Z]", text):
            return told
    if "client error (Connect)" in text:
        return "the store cannot be reached; check endpoint_url"
    first = text.strip().splitlines()[0] if text.strip() else "the store does not answer"
    return first[:200]


def _without_prefix(name: str) -> str:
    found = next((prefix for prefix in PREFIXES if name.startswith(prefix)), "")
    return name.removeprefix(found)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _library() -> Any:
    return required("obstore", "cloud", "object stores are read and written")
