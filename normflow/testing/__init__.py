"""A conformance kit: what a plugin must hold, for its makers to run with pytest.

    from normflow.testing import MethodContract
    from signedroot import SignedRoot

    class TestSignedRoot(MethodContract):
        variants = (SignedRoot(), SignedRoot(gain=4.0))

`ZOO` holds the columns that hurt, by name: constant, empty, NaN and ±inf, 1e9 ± 1, denormals, heavy tails.
"""

from normflow.testing.columns import ZOO
from normflow.testing.methods import MethodContract

__all__ = ["ZOO", "MethodContract"]
