import logging

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from sentiment import recurrent, runtime
from sentiment.architectures import BUILDERS

SIZES = st.integers(1, 5)


def layer_with_random_weights(architecture, units, dimensions, random):
    layer = BUILDERS[architecture](units)
    layer.build((None, None, dimensions))
    # Zero biases, as the initializers give, would hide a bias that is left out.
    layer.set_weights([random.normal(size=w.shape) for w in layer.get_weights()])
    return layer


def values_and_gradients(function, inputs, weights, upstream):
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        outputs = function(inputs)
        total = tf.reduce_sum(outputs * upstream)
    return [outputs, *tape.gradient(total, [inputs, *weights])]


@pytest.mark.parametrize("architecture", BUILDERS)
@settings(max_examples=12, deadline=None, derandomize=True)
@given(time=SIZES, batch=SIZES, units=SIZES, dimensions=SIZES, words=SIZES, seed=st.integers(0, 9))
def test_states_and_every_gradient_equal_stock_keras(
    architecture, time, batch, units, dimensions, words, seed
):
    random = np.random.default_rng(seed)
    layer = layer_with_random_weights(architecture, units, dimensions, random)
    table = tf.constant(random.normal(size=(words, dimensions)), tf.float32)
    positions = random.integers(0, words, (time, batch), np.int32)
    width = layer.compute_output_shape((batch, time, dimensions))[-1]
    upstream = tf.constant(random.normal(size=(time, batch, width)), tf.float32)
    weights = [weight.value for weight in layer.trainable_variables]

    def ours(table):
        return recurrent.states(layer, recurrent.project(layer, table), positions)

    def stock(table):
        return tf.transpose(layer(tf.gather(table, positions.T)), [1, 0, 2])

    expected = values_and_gradients(stock, table, weights, upstream)
    found = values_and_gradients(ours, table, weights, upstream)
    for one, other in zip(found, expected, strict=True):
        one, other = (tf.convert_to_tensor(value).numpy() for value in (one, other))
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-4 * np.abs(other).max())


def test_stock_layers_serve_where_nothing_compiles(monkeypatch):
    random = np.random.default_rng(0)
    layer = layer_with_random_weights("bigru", 3, 4, random)
    words = tf.constant(random.normal(size=(5, 4)), tf.float32)
    positions = random.integers(0, 5, (6, 2), np.int32)
    fast = recurrent.states(layer, recurrent.project(layer, words), positions)
    monkeypatch.setattr(recurrent, "compiled", lambda: False)
    called = []
    monkeypatch.setattr(
        keras.layers.Bidirectional,
        "call",
        lambda self, x, call=keras.layers.Bidirectional.call, **options: (
            called.append(x.shape) or call(self, x, **options)
        ),
    )
    stock = recurrent.states(layer, recurrent.project(layer, words), positions)
    np.testing.assert_allclose(stock, fast, atol=1e-5)
    assert called == [(2, 6, 4)]


def test_the_fallback_is_said_once(monkeypatch, caplog):
    monkeypatch.setattr(tf.config, "list_logical_devices", lambda kind: [kind])
    runtime.compiled.cache_clear()
    try:
        with caplog.at_level(logging.WARNING):
            assert [runtime.compiled(), runtime.compiled()] == [False, False]
    finally:
        runtime.compiled.cache_clear()
    assert caplog.messages == ["stock Keras layers are used: an accelerator is present"]
