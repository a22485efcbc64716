"""A conformance kit: what a plugin must hold, for its makers to run with pytest.

    from normflow.testing import MethodContract
    from signedroot import SignedRoot

    class TestSignedRoot(MethodContract):
        variants = (SignedRoot(), SignedRoot(gain=4.0))

There is a contract for each kind of plugin; all but methods are found by the `name` they are installed under.
`ZOO` holds the columns that hurt, by name: constant, empty, NaN and ±inf, 1e9 ± 1, denormals, heavy tails.
"""

from normflow.testing.checks import CheckContract
from normflow.testing.columns import ZOO
from normflow.testing.hooks import HookContract
from normflow.testing.keepers import SecretsContract
from normflow.testing.methods import MethodContract
from normflow.testing.tables import SinkContract, SourceContract

__all__ = [
    "ZOO",
    "CheckContract",
    "HookContract",
    "MethodContract",
    "SecretsContract",
    "SinkContract",
    "SourceContract",
]
