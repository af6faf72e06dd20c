"""One sentence through a trained network, word by word."""

from typing import Any

import numpy as np

from sentiment.errors import UserError
from sentiment.networks import engines
from sentiment.prediction.predictor import Predictor
from sentiment.probes import jacobians
from sentiment.probes.traces import Direction, of_network, walk


def known_words(predictor: Predictor, text: str) -> list[str]:
    """The sentence's words that the network knows, as it reads them.

    UserError for a sentence that is empty, has none of them, or more than the network reads.
    """
    words = [word for word in predictor.tokenize(text) if word in predictor.rows]
    if len(words) > predictor.length:
        raise UserError(
            f"the sentence has {len(words)} known words: the network reads {predictor.length}: "
            "give a shorter one"
        )
    (ids,) = predictor.encode([text])
    return predictor.tokens(ids)


def place(words: list[str], word: str) -> int:
    """Where `word` first stands; UserError if it does not."""
    if word not in words:
        raise UserError(f"'{word}': not among the words that are known: {' '.join(words)}")
    return words.index(word)


def read(predictor: Predictor, text: str, at: str | None = None) -> dict[str, Any]:
    """What happens at each word, and how much each moves what the network holds at `at`.

    `at` is one of the words, the last if not given.

    For each direction and word `own` is the norm of d state / d x at the word itself, `moved`
    that of d state(at) / d x (0 if the direction has not read it by then), `state` and `cell` the
    norms of the states, and each gate its mean over the units; `probability` is what the network
    says of the text up to the word. Errors as `known_words` and `place`.
    """
    words = known_words(predictor, text)
    (ids,) = predictor.encode([text])
    goal = len(words) - 1 if at is None else place(words, at)
    found: dict[str, Any] = {"words": words, "at": goal, "probability": _prefixes(predictor, ids)}
    vectors = predictor.vectors.astype(np.float64)
    padding = np.zeros((len(ids) - len(words), vectors.shape[1]))
    embedded = np.concatenate([vectors[ids[: len(words)] - 1], padding])
    for direction in of_network(predictor.kind, predictor.weights):
        found[direction.name] = _words(direction, embedded, len(words), goal)
    return found


def _words(direction: Direction, embedded: np.ndarray, words: int, at: int) -> dict[str, Any]:
    """By name a value for each word, in the order of the text."""
    order = slice(None, None, -1) if direction.backwards else slice(None)
    steps = list(walk(direction, direction.project(embedded[order])[:, None]))
    length = len(steps)
    turns = [length - 1 - word if direction.backwards else word for word in range(words)]
    goal, own, moved = turns[at], [], []
    for turn in turns:
        norms = jacobians.norms(direction, steps[turn : max(turn, goal) + 1])[:, 0]
        own.append(float(norms[0]))
        moved.append(float(norms[goal - turn]) if turn <= goal else 0.0)
    found: dict[str, Any] = {"own": own, "moved": moved}
    found["state"] = [float(np.linalg.norm(steps[turn].state)) for turn in turns]
    if direction.cell == "lstm":
        found["cell"] = [float(np.linalg.norm(steps[turn].cell)) for turn in turns]
    gates = {name: [float(steps[t].gates[name].mean()) for t in turns] for name in steps[0].gates}
    return {**found, "gates": gates}


def _prefixes(predictor: Predictor, ids: np.ndarray) -> list[float]:
    """Probability of positive for the text up to each word."""
    known = np.unique(ids[ids > 0])
    network = predictor.network(predictor.vectors[known - 1])
    row = np.where(ids > 0, np.searchsorted(known, ids) + 1, 0).astype(np.int32)
    words = np.count_nonzero(ids)
    prefixes = np.where(np.arange(len(ids)) <= np.arange(words)[:, None], row, 0)
    return engines.probabilities(network, prefixes.astype(np.int32)).tolist()
