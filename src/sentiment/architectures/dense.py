"""No recurrence: a layer of tanh units that sees each word alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sentiment.architectures import rnn
from sentiment.errors import UserError

if TYPE_CHECKING:
    import keras

SCAN = rnn.SCAN._replace(is_recurrent=False)


def layers(units: int, return_sequences: bool) -> list[keras.Layer]:
    """The layer; UserError for its last state, since it has none."""
    import keras

    if not return_sequences:
        raise UserError("architecture 'dense': it has no last state: use another read_out")
    # The name is that of the place in the classifier, for all that ask for it.
    return [keras.layers.Dense(units, activation="tanh", name="recurrent")]
