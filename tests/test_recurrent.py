import re
import subprocess
import sys

import keras
import numba
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from sentiment.architectures import gru, lstm, rnn
from sentiment.scans import loops, product, recurrent
from sentiment.scans.compiling import HAS_AVX512, OPTIONS, compiled
from sentiment.scans.optimizer import rmsprop
from sentiment.scans.pointwise import tanh
from sentiment.scans.product import multiply
from sentiment.scans.scratch import Scratch

SIZES = st.integers(1, 5)
LAYERS = [keras.layers.SimpleRNN, keras.layers.LSTM, keras.layers.GRU]
SCANS = dict(zip(LAYERS, (rnn.SCAN, lstm.SCAN, gru.SCAN), strict=True))


def layer_with_random_weights(kind, units, dimensions, backwards, random):
    layer = kind(units, return_sequences=True, go_backwards=backwards)
    layer.build((None, None, dimensions))
    # Zero biases, as the initializers give, would hide a bias that is left out.
    layer.set_weights([random.normal(size=w.shape) for w in layer.get_weights()])
    return layer


def biases(layer):
    bias = layer.get_weights()[2]
    return (bias[0], bias[1]) if bias.ndim == 2 else (bias, bias[:0])


def of_stock_keras(layer, words, positions, d_outputs):
    """Outputs, and gradients of words and weights, time first and in the order of time."""
    table = tf.constant(words)
    weights = [weight.value for weight in layer.trainable_variables]
    with tf.GradientTape() as tape:
        tape.watch(table)
        outputs = layer(tf.gather(table, positions.T))
        # What runs backwards gives its outputs in the order in which it ran.
        outputs = outputs[:, ::-1] if layer.go_backwards else outputs
        outputs = tf.transpose(outputs, [1, 0, 2])
        total = tf.reduce_sum(outputs * d_outputs)
    found = [outputs, *tape.gradient(total, [table, *weights])]
    return [tf.convert_to_tensor(value).numpy() for value in found]


def of_ours(layer, words, positions, d_outputs):
    scan, scratch, (outer, inner) = SCANS[type(layer)], Scratch(), biases(layer)
    kernel, recurrent_kernel, _ = layer.get_weights()
    given = {"positions": positions, "kernel": recurrent_kernel, "bias": inner, "scratch": scratch}
    projected, backwards = words @ kernel + outer, layer.go_backwards
    done = recurrent.forward(scan, projected=projected, backwards=backwards, **given)
    back = recurrent.backward(scan, d_outputs=d_outputs, words=len(words), done=done, **given)
    d_projected, d_kernel, d_inner = back
    d_bias = d_projected.sum(0)
    d_bias = np.stack([d_bias, d_inner]) if len(inner) else d_bias
    return [done.outputs, d_projected @ kernel.T, words.T @ d_projected, d_kernel, d_bias]


@pytest.mark.parametrize("kind", LAYERS)
@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    time=st.sampled_from([1, 2, 5, loops.BLOCK, loops.BLOCK + 1]),
    batch=SIZES,
    units=st.sampled_from([1, 2, 3, 17]),
    dimensions=SIZES,
    words=SIZES,
    backwards=st.booleans(),
    seed=st.integers(0, 9),
)
def test_outputs_and_every_gradient_equal_stock_keras(
    kind, time, batch, units, dimensions, words, backwards, seed
):
    random = np.random.default_rng(seed)
    layer = layer_with_random_weights(kind, units, dimensions, backwards, random)
    table = random.normal(size=(words, dimensions)).astype(np.float32)
    positions = random.integers(0, words, (time, batch), np.int32)
    d_outputs = random.normal(size=(time, batch, units)).astype(np.float32)
    expected = of_stock_keras(layer, table, positions, d_outputs)
    found = of_ours(layer, table, positions, d_outputs)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-4 * np.abs(other).max())


@compiled
def each_tanh(values):
    for index in range(len(values)):
        values[index] = tanh(values[index])


def test_tanh_is_off_by_less_than_a_millionth():
    values = np.linspace(-100, 100, 1_000_001, dtype=np.float32)
    exact = np.tanh(values.astype(np.float64))
    each_tanh(values)
    assert np.abs(values - exact).max() < 1e-6


@pytest.mark.skipif(not HAS_AVX512, reason="a processor without AVX-512 multiplies one way only")
@pytest.mark.parametrize("shape", [(32, 50, 200), (32, 200, 50), (7, 5, 16), (9, 3, 47)])
def test_wide_vectors_give_the_bytes_of_narrow_ones(shape):
    rows, depth, columns = shape
    random = np.random.default_rng(rows)
    left = random.normal(size=(rows, depth)).astype(np.float32)
    right = random.normal(size=(depth, columns)).astype(np.float32)
    wide, narrow = np.empty((2, rows, columns), np.float32)
    product._by_sixteen(left, right, wide)
    product._by_eight(left, right, narrow)
    np.testing.assert_array_equal(wide, narrow)
    np.testing.assert_allclose(wide, left @ right, atol=1e-4)


def test_what_is_not_a_number_stays_so():
    values = np.array([np.nan, 1.0], np.float32)
    each_tanh(values)
    assert np.isnan(values).tolist() == [True, False]


def test_no_compiled_code_uses_estimates_that_processors_round_differently():
    numbers = np.ones(64, np.float32)
    rmsprop(numbers, numbers.copy(), numbers.copy(), np.float32(1e-3))
    random = np.random.default_rng(0)
    positions = np.zeros((2, 3), np.int32)
    for kind in LAYERS:
        layer = layer_with_random_weights(kind, 17, 2, False, random)
        words = random.normal(size=(1, 2)).astype(np.float32)
        of_ours(layer, words, positions, np.ones((2, 3, 17), np.float32))
    functions = [rmsprop]
    for scan in SCANS.values():
        functions += [scan.forward, scan.backward]
    code = ""
    for function in functions:
        # What was kept on disk has no text.
        fresh = numba.njit(**OPTIONS)(function.py_func)
        for signature in function.signatures:
            fresh.compile(signature)
        code += "".join(fresh.inspect_asm().values())
    # Roots and quotients are there, and exact.
    assert "sqrtps" in code
    assert "divps" in code
    assert not re.search(r"v?(rcp|rsqrt)\d*[ps]s", code)


def test_memory_is_used_again_but_never_too_small():
    scratch = Scratch()
    first = scratch("a", 3, 4)
    assert np.shares_memory(first, scratch("a", 2, 5))
    assert not np.shares_memory(first, scratch("b", 3, 4))
    assert scratch("a", 40, 40).shape == (40, 40)


@settings(max_examples=30, deadline=None, derandomize=True)
@given(
    rows=st.integers(1, 40),
    depth=st.integers(1, 40),
    columns=st.integers(1, 60),
    is_turned=st.booleans(),
)
def test_products_equal_those_of_numpy(rows, depth, columns, is_turned):
    random = np.random.default_rng([rows, depth, columns])
    shape = (depth, rows) if is_turned else (rows, depth)
    left = random.normal(size=shape).astype(np.float32)
    left = left.T if is_turned else left
    right = random.normal(size=(depth, columns)).astype(np.float32)
    found = np.full((rows, columns), np.nan, np.float32)
    multiply(left, right, found)
    np.testing.assert_allclose(found, left @ right, rtol=1e-5, atol=1e-5)


TWICE = """
import hashlib
import numpy as np
from sentiment.architectures import lstm
from sentiment.scans import loops, product, recurrent
from sentiment.scans.scratch import Scratch

random, scratch = np.random.default_rng(0), Scratch()
projected = random.normal(size=(9, 200)).astype(np.float32)
positions = random.integers(0, 9, (40, 32), np.int32)
kernel = random.normal(size=(50, 200)).astype(np.float32) / 5
given = {"positions": positions, "kernel": kernel, "bias": kernel[0, :0], "scratch": scratch}
done = recurrent.forward(lstm.SCAN, projected=projected, backwards=False, **given)
d_outputs = random.normal(size=done.outputs.shape).astype(np.float32)
back = recurrent.backward(lstm.SCAN, d_outputs=d_outputs, words=9, done=done, **given)
print(hashlib.sha256(b"".join(part.tobytes() for part in back)).hexdigest())
print(sum(lstm.SCAN.backward.stats.cache_hits.values()))
"""


def test_code_from_disk_gives_the_bytes_of_code_just_compiled(tmp_path):
    command = [sys.executable, "-c", TWICE]
    found = [
        subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True).stdout
        for _ in range(2)
    ]
    (compiled, none), (kept, one) = (lines.split() for lines in found)
    assert compiled == kept
    assert (none, one) == ("0", "1")
