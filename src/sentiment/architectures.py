"""Name to model: the classifiers of the comparison, over embedded reviews."""

from collections.abc import Callable

import keras

from sentiment.errors import UserError


def _one_way(layer: type[keras.layers.RNN]) -> Callable[[int], keras.Layer]:
    return lambda units: layer(units, return_sequences=True, name="recurrent")


def _both_ways(layer: type[keras.layers.RNN]) -> Callable[[int], keras.Layer]:
    one_way = _one_way(layer)
    return lambda units: keras.layers.Bidirectional(one_way(units), name="recurrent")


BUILDERS: dict[str, Callable[[int], keras.Layer]] = {
    "rnn": _one_way(keras.layers.SimpleRNN),
    "birnn": _both_ways(keras.layers.SimpleRNN),
    "lstm": _one_way(keras.layers.LSTM),
    "bilstm": _both_ways(keras.layers.LSTM),
    "gru": _one_way(keras.layers.GRU),
    "bigru": _both_ways(keras.layers.GRU),
}


def build(
    architecture: str, units: int, length: int, dimensions: int, dropout: float
) -> keras.Model:
    """A classifier of embedded reviews, float32 [batch, length, dimensions] -> [batch, 1].

    The recurrent layer returns all steps, then dropout, flatten and one sigmoid unit (Lane,
    Howard and Hapke 2019, chapters 8 and 9). All layers are stock Keras, so that its saved
    weights need none of this project's code. UserError for an architecture without a builder.
    """
    if architecture not in BUILDERS:
        raise UserError(
            f"architecture '{architecture}': not known: use one of {', '.join(BUILDERS)}"
        )
    # Keras would number the names, and saved weights hold them: equal models, unequal bytes.
    return keras.Sequential(
        [
            keras.Input((length, dimensions), name="embedded"),
            BUILDERS[architecture](units),
            keras.layers.Dropout(dropout, name="dropout"),
            keras.layers.Flatten(name="flatten"),
            keras.layers.Dense(1, activation="sigmoid", name="read_out"),
        ],
        name=f"{architecture}-{units}",
    )
