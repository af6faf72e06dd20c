"""A gated recurrent unit in both directions (Schuster and Paliwal 1997).

The outputs of the two stand side by side.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sentiment.architectures import gru

if TYPE_CHECKING:
    import keras

SCAN = gru.SCAN._replace(directions=2)


def layers(units: int, return_sequences: bool) -> list[keras.Layer]:
    """The layer, `units` wide in each direction."""
    import keras

    (one_way,) = gru.layers(units, return_sequences)
    return [keras.layers.Bidirectional(one_way, name="recurrent")]
