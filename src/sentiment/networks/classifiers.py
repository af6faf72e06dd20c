"""The classifiers of the comparison in stock Keras, over embedded reviews."""

import keras

from sentiment.errors import UserError
from sentiment.networks.finding import Model, find


def build(model: Model, *, length: int, dimensions: int, dropout: float) -> keras.Model:
    """A classifier of embedded reviews, float32 [batch, length, dimensions] -> [batch, outputs].

    The layers of the architecture, dropout, and what reads them out: one sigmoid unit for two
    classes, a softmax unit for each of more. With `flatten` a unit sees the states of all steps,
    those of padding too, each with weights of its own (Lane, Howard and Hapke 2019, chapters 8 and
    9). With `last` or `mean` padding is masked, and it sees the state after the last word, or the
    mean of the states of all words. An architecture that pools its states itself has `flatten`, and
    is read out as it is.
    All layers are stock Keras, so that its saved weights need none of this project's code.
    UserError for an architecture without a file, and for `last` or `mean` where one of its layers
    would see the padding all the same.
    """
    layers = find(model.architecture).layers(model.units, model.read_out != "last")
    unmasked = [type(layer).__name__ for layer in layers if not layer.supports_masking]
    if model.read_out != "flatten" and unmasked:
        raise UserError(
            f"read_out: {model.read_out} of architecture '{model.architecture}': its layer "
            f"{unmasked[0]} knows no mask and would read padding: leave read_out out in params.yaml"
        )
    # Keras would number the names, and saved weights hold them: equal models, unequal bytes.
    before = [] if model.read_out == "flatten" else [keras.layers.Masking(name="masking")]
    body = [*before, *layers, keras.layers.Dropout(dropout, name="dropout")]
    shape: tuple[int | None, ...] = (None, length, dimensions)
    for layer in layers:
        shape = layer.compute_output_shape(shape)
    pool: dict[str, list[keras.Layer]] = {
        "flatten": [keras.layers.Flatten(name="flatten")],
        "last": [],
        "mean": [keras.layers.GlobalAveragePooling1D(name="mean")],
    }
    activation = "sigmoid" if model.outputs == 1 else "softmax"
    return keras.Sequential(
        [
            keras.Input((length, dimensions), name="embedded"),
            *body,
            *(pool[model.read_out] if len(shape) == 3 else []),
            keras.layers.Dense(model.outputs, activation=activation, name="read_out"),
        ],
        name=f"{model.architecture}-{model.units}",
    )
