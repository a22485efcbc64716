"""Who takes part beside normflow, and in which tasks."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass

PLAIN = ("T1", "T7", "T9", "WIDE")


@dataclass(frozen=True, slots=True)
class Peer:
    """A peer: the module that does its tasks, the package it needs, its tasks, and why not the others.

    `ours` is run by the interpreter of normflow, the others by that of the peers.
    """

    name: str
    module: str
    package: str
    tasks: tuple[str, ...]
    without: str = ""
    ours: bool = False


PEERS = {
    peer.module: peer
    for peer in (
        Peer(
            "normflow, nf.fit",
            "library",
            "normflow-etl",
            ("T1", "T2", "T3", "T4", "T5", "T7", "WIDE"),
            "T6 is nf.profile in normflow's own row; checks and stored partitions are a pipeline's",
            ours=True,
        ),
        Peer("Polars, by hand", "polars", "polars", (*PLAIN, "T2", "T3", "T4", "T5", "T6")),
        Peer(
            "DuckDB SQL, by hand",
            "duckdb",
            "duckdb",
            (*PLAIN, "T2", "T5", "T6"),
            "T3 and T4 are a search for λ and Φ⁻¹, which SQL does not have",
        ),
        Peer(
            "polars-ds",
            "polars_ds",
            "polars-ds",
            (*PLAIN, "T5"),
            "its robust_scale centres on the lower quartile, and it has no power or quantile transform",
        ),
        Peer(
            "scikit-learn",
            "sklearn",
            "scikit-learn",
            (*PLAIN, "T2", "T3", "T4", "T5"),
            "T6: it profiles nothing",
        ),
        Peer("IbisML", "ibis", "ibis-ml", PLAIN, "its recipes are not stored, and it has only scaling"),
    )
}


def version(python: str, package: str) -> str | None:
    """The version of a package as another interpreter has it, or None where it is not installed."""
    asked = f"from importlib.metadata import version; print(version({package!r}))"
    done = subprocess.run([python, "-c", asked], capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else None
