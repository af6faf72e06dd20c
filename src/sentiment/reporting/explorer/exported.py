"""What a browser needs of a trained network to run it, without its word vectors.

What a word brings to a layer's gates is the product of its vector with the layer's kernel. The page
holds that product for the most frequent words, in whole numbers of 8 bits with a scale for each
word: of the vectors themselves nothing is in it.
"""

import base64
from typing import Any

import numpy as np

from sentiment.errors import UserError
from sentiment.prediction.predictor import Predictor
from sentiment.probes import traces
from sentiment.probes.traces import Direction
from sentiment.storage.tokens import Tokens

# Numbers to either side of zero that 8 bits hold.
STEPS = 127


def frequent(tokens: Tokens, count: int, wanted: np.ndarray) -> np.ndarray:
    """Ids of the `count` most frequent words of the training reviews, and those `wanted` beside.

    int64, the most frequent first; of equally frequent words the smaller id comes first.
    """
    of_part = np.repeat(tokens.parts == "train", np.diff(tokens.offsets))
    counts = np.bincount(tokens.ids[of_part])
    order = np.argsort(-counts, kind="stable")[:count]
    order = order[counts[order] > 0]
    return np.concatenate([order, np.setdiff1d(wanted[wanted > 0], order)])


def coverage(tokens: Tokens, ids: np.ndarray) -> float:
    """The share of the tokens of test reviews that `ids` name."""
    of_part = np.repeat(tokens.parts == "test", np.diff(tokens.offsets))
    return float(np.isin(tokens.ids[of_part], ids).mean())


def network(predictor: Predictor, ids: np.ndarray) -> dict[str, Any]:
    """The predictor's network with the words `ids`, as values for JSON; arrays are base64.

    Raises UserError for a network that reads no words one after another.
    """
    kind = predictor.kind
    ways = traces.of_network(kind, predictor.weights)
    if not ways:
        raise UserError(
            f"explore.networks: '{kind.architecture}' has no recurrent equations to run in a "
            "browser: name another model in params.yaml"
        )
    known = predictor.vectors[ids - 1]
    return {
        "protocol": kind.protocol,
        "cell": ways[0].cell,
        "units": kind.units,
        "read_out": kind.read_out,
        "length": kind.length,
        "tokens": kind.tokens,
        "classes": kind.classes,
        "words": [predictor.words[number - 1] for number in ids],
        "ways": [_way(way, known) for way in ways],
        "kernel": _packed(predictor.weights[-2], "<f4"),
        "bias": [round(float(number), 7) for number in predictor.weights[-1]],
    }


def _way(way: Direction, vectors: np.ndarray) -> dict[str, Any]:
    """One direction: what words bring beside what a zero vector does, and the recurrent weights."""
    blank = way.project(np.zeros((1, len(way.kernel))))[0]
    brought = way.project(vectors) - blank
    scales = np.maximum(np.abs(brought).max(1), np.finfo(np.float32).tiny) / STEPS
    return {
        "backwards": way.backwards,
        "blank": _packed(blank, "<f4"),
        "inputs": _packed(np.rint(brought / scales[:, None]), "<i1"),
        "scales": _packed(scales, "<f4"),
        "recurrent": _packed(way.recurrent, "<f4"),
        "inner": _packed(way.bias[1] if way.bias.ndim == 2 else way.bias[:0], "<f4"),
    }


def _packed(values: np.ndarray, kind: str) -> str:
    return base64.b64encode(np.ascontiguousarray(values, np.dtype(kind)).tobytes()).decode("ascii")
