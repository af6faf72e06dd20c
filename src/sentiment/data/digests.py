"""Texts by their digests: what is asked of equal texts holds no text a second time."""

import hashlib

import pandas as pd


def digests(texts: pd.Series) -> pd.Series:
    """16 bytes for each text, equal for equal texts alone, on the index of `texts`."""
    found = [hashlib.sha256(text.encode()).digest()[:16] for text in texts]
    return pd.Series(found, texts.index, dtype=object)
