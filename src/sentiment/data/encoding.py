"""Turns reviews into token ids."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from tqdm import tqdm

from sentiment.data import protocols
from sentiment.settings.sections import Protocol
from sentiment.tokens import Tokens


def labelled(name: str, protocol: Protocol, frame: pd.DataFrame) -> pd.DataFrame:
    """The reviews of `frame` that the protocol `name` trains on, validates and tests on.

    With their `part`. Raises UserError where the protocol cannot be split so.
    """
    frame = frame.assign(part=protocols.split(name, frame, protocol))
    return frame[frame.part.isin([protocols.TRAIN, protocols.VALIDATION, protocols.TEST])]


def tokens(
    name: str, protocol: Protocol, reviews: pd.DataFrame, vocabulary: dict[str, int]
) -> tuple[Tokens, dict[str, Any]]:
    """What `labelled` gave as token ids, and what was lost on the way."""
    tokenize = protocols.rules(name).tokenize
    ids, lost = encode(reviews.text.tolist(), tokenize, vocabulary, protocol.length)
    names, parts, labels = (reviews[column].tolist() for column in ("id", "part", "label"))
    return pack(names, parts, labels, ids, protocol.length), lost


def encode(
    texts: Sequence[str],
    tokenize: Callable[[str], list[str]],
    vocabulary: dict[str, int],
    length: int,
) -> tuple[list[list[int]], dict[str, Any]]:
    """Ids of each text, and what was lost on the way.

    A token without a vector is dropped and the rest close up; then the first `length` are kept
    (Lane, Howard and Hapke 2019, chapters 8 and 9).
    """
    encoded, dropped, total, cut = [], Counter[str](), 0, 0
    for text in tqdm(texts, desc="ids", unit=" reviews", disable=None):
        tokens = tokenize(text)
        known = [vocabulary[token] + 1 for token in tokens if token in vocabulary]
        dropped.update(token for token in tokens if token not in vocabulary)
        total += len(tokens)
        cut += len(known) > length
        encoded.append(known[:length])
    # Ties in order of the token, so that the list does not depend on the order of reviews.
    frequent = sorted(dropped.items(), key=lambda item: (-item[1], item[0]))[:20]
    return encoded, {
        "reviews": len(texts),
        "tokens": total,
        "dropped_share": round(dropped.total() / total, 6) if total else 0.0,
        "cut_share": round(cut / len(texts), 6) if len(texts) else 0.0,
        "most_dropped": dict(frequent),
    }


def pack(
    names: Sequence[str],
    parts: Sequence[str],
    labels: Sequence[int],
    encoded: list[list[int]],
    length: int,
) -> Tokens:
    """Lay the reviews' ids end to end."""
    lengths = [len(ids) for ids in encoded]
    return Tokens(
        names=np.array(names, dtype=np.str_),
        parts=np.array(parts, dtype=np.str_),
        labels=np.array(labels, dtype=np.int8),
        ids=np.array([token for ids in encoded for token in ids], dtype=np.int32),
        offsets=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        length=length,
    )
