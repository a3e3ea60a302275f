"""Random streams, each seeded by what it is for: no risk's stream depends on another risk."""

from __future__ import annotations

import hashlib

import numpy as np


def stream(seed: int, kind: str, name: str, chunk: int) -> np.random.Generator:
    """Generator of one chunk of one risk or group.

    Parameters
    ----------
    seed : int
        Seed of the whole simulation.
    kind, name : str
        Such as ``risk`` and its id; hashed by BLAKE2, hence equal in every process.
    chunk : int
        Number of the chunk of trials.
    """
    digest = hashlib.blake2b(f"{kind}:{name}".encode(), digest_size=16).digest()
    words = np.frombuffer(digest, dtype="<u4").tolist()
    return np.random.Generator(np.random.SFC64(np.random.SeedSequence([seed, chunk, *words])))
