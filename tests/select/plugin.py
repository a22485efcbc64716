"""A small package with a method of its own, laid out as an installer would leave it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

SIGNED_ROOT = '''
from dataclasses import dataclass
from typing import ClassVar

from normflow.transforms import Affine, Asinh, Transform


@dataclass(frozen=True)
class SignedRoot:
    """y = asinh(gain·x)."""

    name: ClassVar[str] = "signed_root"
    version: ClassVar[int] = 3
    goals: ClassVar[frozenset] = frozenset({"model", "gaussian"})
    gain: float = 1.0
    midpoint: ClassVar[float] = 0.0

    @classmethod
    def suits(cls, profile):
        return profile.negatives > 0 and profile.kurtosis > 6

    def needs(self):
        return ()

    def reads(self, profile):
        return ()

    def attempt(self, profile):
        if profile.min is None:
            return "no finite value"
        return Transform((Affine(shift=0.0, scale=1.0 / self.gain), Asinh()))

    def refuses(self, profile):
        return None

    def fit(self, profile):
        return self.attempt(profile)
'''


def install(
    folder: Path,
    name: str,
    code: str,
    value: str,
    *,
    package: str = "normflow-signed-root",
    kind: str = "methods",
) -> None:
    """Lay out a distribution with one entry point of a group, `normflow.methods` if no other."""
    module = value.partition(":")[0]
    (folder / f"{module}.py").write_text(code)
    info = folder / f"{package.replace('-', '_')}-1.2.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.2\n")
    (info / "entry_points.txt").write_text(f"[normflow.{kind}]\n{name} = {value}\n")
