"""Turns reviews into token ids."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from tqdm import tqdm

from sentiment.data import protocols, tokenizers
from sentiment.data.tokenizers import Tokenize
from sentiment.settings.sections import Protocol
from sentiment.storage.tokens import Tokens


def labelled(name: str, protocol: Protocol, frame: pd.DataFrame) -> pd.DataFrame:
    """The reviews of `frame` that the protocol `name` trains on, validates and tests on.

    With their `part`. Raises UserError where the protocol cannot be split so.
    """
    frame = frame.assign(part=protocols.split(name, frame, protocol))
    return frame[frame.part.isin([protocols.TRAIN, protocols.VALIDATION, protocols.TEST])]


def tokens(
    protocol: Protocol, reviews: pd.DataFrame, texts: Iterable[str], vocabulary: dict[str, int]
) -> tuple[Tokens, dict[str, Any]]:
    """What `labelled` gave, and its texts, as token ids, and what was lost on the way."""
    tokenize = tokenizers.find(protocol.tokens)
    ids, lost = encode(texts, tokenize, vocabulary, protocol.length)
    names, parts, labels = (reviews[column].tolist() for column in ("id", "part", "label"))
    return pack(names, parts, labels, ids, protocol.length), lost


def encode(
    texts: Iterable[str],
    tokenize: Tokenize,
    vocabulary: dict[str, int],
    length: int,
) -> tuple[list[np.ndarray], dict[str, Any]]:
    """Ids of each text, int32 [tokens], and what was lost on the way.

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
        encoded.append(np.array(known[:length], np.int32))
    # Ties in order of the token, so that the list does not depend on the order of reviews.
    frequent = sorted(dropped.items(), key=lambda item: (-item[1], item[0]))[:20]
    return encoded, {
        "reviews": len(encoded),
        "tokens": total,
        "dropped_share": round(dropped.total() / total, 6) if total else 0.0,
        "cut_share": round(cut / len(encoded), 6) if encoded else 0.0,
        "most_dropped": dict(frequent),
    }


def pack(
    names: Sequence[str],
    parts: Sequence[str],
    labels: Sequence[int],
    encoded: Sequence[Sequence[int] | np.ndarray],
    length: int,
) -> Tokens:
    """Lay the reviews' ids end to end."""
    lengths = [len(ids) for ids in encoded]
    return Tokens(
        names=np.array(names, dtype=np.str_),
        parts=np.array(parts, dtype=np.str_),
        labels=np.array(labels, dtype=np.int8),
        ids=np.concatenate([np.zeros(0, np.int32), *(np.asarray(i, np.int32) for i in encoded)]),
        offsets=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        length=length,
    )
