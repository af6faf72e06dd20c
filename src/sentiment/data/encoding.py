"""Turns reviews into token ids."""

from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

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


class Encoded(NamedTuple):
    """The ids of some texts, end to end."""

    ids: np.ndarray  # int32 [tokens]
    lengths: np.ndarray  # int64 [texts], ids of each


def tokens(
    protocol: Protocol, reviews: pd.DataFrame, texts: Iterable[str], vocabulary: dict[str, int]
) -> tuple[Tokens, dict[str, Any]]:
    """What `labelled` gave, and its texts, as token ids, and what was lost on the way."""
    tokenize = tokenizers.find(protocol.tokens)
    encoded, lost = encode(texts, tokenize, vocabulary, protocol.length)
    names, parts, labels = (reviews[column].tolist() for column in ("id", "part", "label"))
    return pack(names, parts, labels, encoded, protocol.length), lost


def encode(
    texts: Iterable[str],
    tokenize: Tokenize,
    vocabulary: dict[str, int],
    length: int,
) -> tuple[Encoded, dict[str, Any]]:
    """Ids of the texts, and what was lost on the way.

    A token without a vector is dropped and the rest close up; then the first `length` are kept
    (Lane, Howard and Hapke 2019, chapters 8 and 9).
    """
    # Four bytes for each id: a list would take forty, and arrays of each text a second copy.
    ids, lengths = array("i"), array("q")
    dropped, total, cut = Counter[str](), 0, 0
    for text in tqdm(texts, desc="ids", unit=" reviews", disable=None):
        tokens = tokenize(text)
        known = [vocabulary[token] + 1 for token in tokens if token in vocabulary]
        dropped.update(token for token in tokens if token not in vocabulary)
        total += len(tokens)
        cut += len(known) > length
        ids.extend(known[:length])
        lengths.append(len(known[:length]))
    # Ties in order of the token, so that the list does not depend on the order of reviews.
    frequent = sorted(dropped.items(), key=lambda item: (-item[1], item[0]))[:20]
    return Encoded(np.asarray(ids), np.asarray(lengths)), {
        "reviews": len(lengths),
        "tokens": total,
        "dropped_share": round(dropped.total() / total, 6) if total else 0.0,
        "cut_share": round(cut / len(lengths), 6) if lengths else 0.0,
        "most_dropped": dict(frequent),
    }


def pack(
    names: Sequence[str],
    parts: Sequence[str],
    labels: Sequence[int],
    encoded: Encoded,
    length: int,
) -> Tokens:
    """The ids of reviews with what else is known of these."""
    return Tokens(
        names=np.array(names, dtype=np.str_),
        parts=np.array(parts, dtype=np.str_),
        labels=np.array(labels, dtype=np.int8),
        ids=encoded.ids,
        offsets=np.concatenate([[0], np.cumsum(encoded.lengths)]).astype(np.int64),
        length=length,
    )
