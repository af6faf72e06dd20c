"""Name to model: the classifiers of the comparison, over embedded reviews."""

from collections.abc import Callable
from typing import Literal

import keras

from sentiment.errors import UserError

ReadOut = Literal["flatten", "last", "mean"]
# Units and whether all steps are returned, or the last alone.
Builder = Callable[[int, bool], keras.Layer]


def _one_way(layer: type[keras.layers.RNN]) -> Builder:
    return lambda units, steps: layer(units, return_sequences=steps, name="recurrent")


def _both_ways(layer: type[keras.layers.RNN]) -> Builder:
    one_way = _one_way(layer)
    return lambda units, steps: keras.layers.Bidirectional(one_way(units, steps), name="recurrent")


def _each_word_alone(units: int, steps: bool) -> keras.Layer:
    if not steps:
        raise UserError("architecture 'dense': it has no last state: use another read_out")
    # The name is that of the place in the classifier, for all that ask for it.
    return keras.layers.Dense(units, activation="tanh", name="recurrent")


BUILDERS: dict[str, Builder] = {
    "rnn": _one_way(keras.layers.SimpleRNN),
    "birnn": _both_ways(keras.layers.SimpleRNN),
    "lstm": _one_way(keras.layers.LSTM),
    "bilstm": _both_ways(keras.layers.LSTM),
    "gru": _one_way(keras.layers.GRU),
    "bigru": _both_ways(keras.layers.GRU),
    "dense": _each_word_alone,
}


def build(
    architecture: str,
    units: int,
    length: int,
    dimensions: int,
    dropout: float,
    read_out: ReadOut = "flatten",
) -> keras.Model:
    """A classifier of embedded reviews, float32 [batch, length, dimensions] -> [batch, 1].

    The recurrent layer, dropout, and one sigmoid unit that reads it out. With `flatten` it sees
    the states of all steps, those of padding too, each with weights of its own (Lane, Howard and
    Hapke 2019, chapters 8 and 9). With `last` or `mean` padding is masked, and it sees the state
    after the last word, or the mean of the states of all words. The architecture `dense` has no
    recurrence: a layer of tanh units on each word alone.
    All layers are stock Keras, so that its saved weights need none of this project's code.
    UserError for an architecture without a builder, and for the last state of `dense`.
    """
    if architecture not in BUILDERS:
        raise UserError(
            f"architecture '{architecture}': not known: use one of {', '.join(BUILDERS)}"
        )
    mask = [keras.layers.Masking(name="masking")]
    pools: dict[str, list[keras.Layer]] = {
        "flatten": [keras.layers.Flatten(name="flatten")],
        "last": [],
        "mean": [keras.layers.GlobalAveragePooling1D(name="mean")],
    }
    # Keras would number the names, and saved weights hold them: equal models, unequal bytes.
    return keras.Sequential(
        [
            keras.Input((length, dimensions), name="embedded"),
            *([] if read_out == "flatten" else mask),
            BUILDERS[architecture](units, read_out != "last"),
            keras.layers.Dropout(dropout, name="dropout"),
            *pools[read_out],
            keras.layers.Dense(1, activation="sigmoid", name="read_out"),
        ],
        name=f"{architecture}-{units}",
    )


def read_out(classifier: keras.Model) -> ReadOut:
    """Which `read_out` the classifier was built with."""
    pool = classifier.layers[-2].name
    return pool if pool in ("flatten", "mean") else "last"
