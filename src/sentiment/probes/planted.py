"""A word so far from the end that decides the label, and a read-out of the last state alone.

Whether memory over that distance can be learnt, which is another question than how small the
gradient is (Hochreiter and Schmidhuber 1997, section 5; Jozefowicz, Zaremba and Sutskever 2015 on
the forget gate's bias). Around the word stand others drawn from reviews, all of one length.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import keras
import numpy as np

from sentiment.errors import UserError
from sentiment.networks import classifiers, finding
from sentiment.networks.finding import Model
from sentiment.networks.training import Trainer
from sentiment.tokens import Reviews

# Sequences to test on, as a share of those to train on.
TESTED = 0.25


def find(words: tuple[str, str], vocabulary: Sequence[str]) -> tuple[int, int]:
    """Their ids; UserError for one without a vector."""
    for word in words:
        if word not in vocabulary:
            raise UserError(f"memory.planted.words: '{word}' has no vector: give another word")
    positive, negative = (vocabulary.index(word) + 1 for word in words)
    return positive, negative


def sequences(
    noise: np.ndarray,
    words: tuple[int, int],
    distance: int,
    length: int,
    count: int,
    random: np.random.Generator,
) -> Reviews:
    """`count` sequences of ids drawn from `noise`, with one of `words` before the last `distance`.

    `words` are the ids of the positive and the negative one, which `noise` must not hold.
    """
    ids = random.choice(noise, (count, length)).astype(np.int32)
    labels = random.integers(0, 2, count).astype(np.int8)
    positive, negative = words
    ids[:, length - 1 - distance] = np.where(labels, positive, negative)
    return Reviews(np.arange(count).astype(str), ids, labels)


def untrained(
    model: Model, length: int, dimensions: int
) -> Iterator[tuple[int | None, keras.Model]]:
    """The classifier of `model`; that of an LSTM with a forget gate's bias of 1, then of 0.

    Without dropout: whether it can be learnt is asked, not what generalises.
    """
    scan = finding.scan(model.architecture)
    for bias in (1, 0) if scan and scan.name == "lstm" else (None,):
        found = classifiers.build(model, length=length, dimensions=dimensions, dropout=0.0)
        layer = found.get_layer("recurrent")
        both = scan and scan.directions == 2
        for one in (layer.forward_layer, layer.backward_layer) if both else (layer,):
            if bias == 0:
                one.cell.unit_forget_bias = False
        yield bias, found


def learn(
    trainer: Trainer,
    noise: np.ndarray,
    words: tuple[int, int],
    distances: Sequence[int],
    count: int,
    seeds: Sequence[int],
    done: Callable[[], object],
) -> list[dict[str, Any]]:
    """Accuracy on new sequences after training, for every distance and seed.

    A seed decides the sequences, initial weights and their order. `done` is called after each.
    """
    length = trainer.classifier.input_shape[1]
    found = []
    for distance in distances:
        for seed in seeds:
            random = np.random.default_rng([seed, distance])
            given = noise, words, distance, length
            parts = [sequences(*given, size, random) for size in (count, round(count * TESTED))]
            fit = trainer.fit(seed, parts[0], parts[1], lambda *_, **__: None)
            acc = fit.history[-1]["val_acc"]
            found.append({"distance": distance, "seed": seed, "acc": acc})
            done()
    return found
