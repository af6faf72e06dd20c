import subprocess
import sys

import keras
import numpy as np
import pytest
from cells import Model

from sentiment.errors import UserError
from sentiment.networks import classifiers, engines, finding, weights
from sentiment.networks.engines import padded, probabilities
from sentiment.networks.numba_engine import NumbaEngine

# Keras 3.15 writes weights in a way that NumPy calls old.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

LENGTH, DIMENSIONS = 6, 4
# Those that the Numba engine computes, whose weights are read without Keras.
SCANNED = [name for name in finding.names() if finding.scan(name)]
# In every way, except that what sees each word alone has no last state.
ALL = [(name, read_out) for name in SCANNED for read_out in ("flatten", "last", "mean")]
ALL.remove(("dense", "last"))


def build(architecture, units, length, dimensions, dropout, read_out="flatten"):
    model = Model(architecture=architecture, units=units, read_out=read_out)
    return classifiers.build(model, length=length, dimensions=dimensions, dropout=dropout)


def stock(architecture, units):
    cell = {"rnn": keras.layers.SimpleRNN, "lstm": keras.layers.LSTM, "gru": keras.layers.GRU}
    if architecture == "dense":
        layer = keras.layers.Dense(units, activation="tanh")
    else:
        layer = cell[architecture.removeprefix("bi")](units, return_sequences=True)
    if architecture.startswith("bi"):
        layer = keras.layers.Bidirectional(layer)
    return keras.Sequential(
        [
            keras.Input((LENGTH, DIMENSIONS)),
            layer,
            keras.layers.Dropout(0.2),
            keras.layers.Flatten(),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )


def randomise(model, seed):
    random = np.random.default_rng(seed)
    model.set_weights([random.normal(size=w.shape) for w in model.get_weights()])


def chances(classifier, words, ids):
    """`words` without that of padding, which is id 0."""
    architecture, units = classifier.name.split("-")
    pool = classifier.layers[-2].name
    read_out = pool if pool in ("flatten", "mean") else "last"
    model = Model(architecture=architecture, units=int(units), read_out=read_out)
    network = NumbaEngine(model, padded(words))
    network.begin(classifier.get_weights())
    return probabilities(network, ids)


@pytest.mark.parametrize(
    ("architecture", "units", "parameters"),
    [
        ("rnn", 50, 37_551),
        ("birnn", 50, 75_101),
        ("birnn", 40, 59_281),
        ("birnn", 30, 43_861),
        ("birnn", 20, 28_841),
        ("birnn", 10, 14_221),
        ("birnn", 5, 7_061),
        ("birnn", 1, 1_405),
        ("lstm", 50, 90_201),
        ("dense", 50, 35_051),
    ],
)
def test_parameters_are_those_of_the_lesson(architecture, units, parameters):
    assert build(architecture, units, 400, 300, 0.2).count_params() == parameters


def test_a_gate_of_the_lessons_lstm_has_17550_weights():
    assert build("lstm", 50, 400, 300, 0.2).layers[0].count_params() == 4 * 17_550


def test_an_unknown_architecture_is_refused_and_the_known_ones_are_named():
    with pytest.raises(
        UserError, match=r"'transformer': not known: use one of bigru, .*, rnn, or write"
    ):
        build("transformer", 2, LENGTH, DIMENSIONS, 0.2)


@pytest.mark.parametrize(("architecture", "width"), [("rnn", 2), ("bilstm", 4)])
@pytest.mark.parametrize("read_out", ["last", "mean"])
def test_another_read_out_has_weights_for_one_step_alone(architecture, width, read_out):
    kernel, bias = build(architecture, 2, LENGTH, DIMENSIONS, 0.2, read_out).get_weights()[-2:]
    assert (kernel.shape, bias.shape) == ((width, 1), (1,))


def test_the_last_state_of_a_layer_without_recurrence_is_refused():
    with pytest.raises(UserError, match="'dense': it has no last state: use another read_out"):
        build("dense", 2, LENGTH, DIMENSIONS, 0.2, "last")


@pytest.mark.parametrize("read_out", ["last", "mean"])
def test_padding_does_not_count_where_it_is_masked(read_out):
    words = np.random.default_rng(5).normal(size=(2, DIMENSIONS)).astype(np.float32)
    found = []
    for length in (2, LENGTH):
        classifier = build("bigru", 2, length, DIMENSIONS, 0.2, read_out)
        randomise(classifier, 4)
        review = np.zeros((1, length), np.int32)
        review[0, :2] = 1, 2
        found.append(chances(classifier, words, review))
    np.testing.assert_allclose(*found, rtol=1e-6)


@pytest.mark.parametrize("architecture", SCANNED)
def test_saved_weights_serve_stock_layers_and_the_other_way_round(architecture, tmp_path):
    random = np.random.default_rng(1)
    words = random.normal(size=(5, DIMENSIONS)).astype(np.float32)
    ids = random.integers(1, 6, (3, LENGTH), np.int32)
    ours, plain = build(architecture, 3, LENGTH, DIMENSIONS, 0.2), stock(architecture, 3)
    for seed, source, target in ((2, ours, plain), (3, plain, ours)):
        randomise(source, seed)
        source.save_weights(tmp_path / "seed-0.weights.h5")
        target.load_weights(tmp_path / "seed-0.weights.h5")
        expected = plain(words[ids - 1], training=False).numpy()[:, 0]
        np.testing.assert_allclose(chances(ours, words, ids), expected, atol=1e-5)


def test_padding_counts_since_nothing_masks_it():
    classifier = build("birnn", 2, LENGTH, DIMENSIONS, 0.2)
    randomise(classifier, 4)
    words = np.random.default_rng(5).normal(size=(2, DIMENSIONS)).astype(np.float32)
    review = np.array([[1, 2, 0, 0, 0, 0]], np.int32)
    before = chances(classifier, words, review)
    kernel, bias = classifier.layers[-1].get_weights()
    kernel[8:] = 0.0  # what the read-out gives the four steps of padding
    classifier.layers[-1].set_weights([kernel, bias])
    assert abs(chances(classifier, words, review) - before) > 1e-3


@pytest.mark.parametrize(("architecture", "read_out"), ALL)
def test_saved_weights_are_read_without_keras_in_its_order(architecture, read_out, tmp_path):
    classifier = build(architecture, 3, LENGTH, DIMENSIONS, 0.2, read_out)
    randomise(classifier, 6)
    file = tmp_path / "seed-0.weights.h5"
    classifier.save_weights(file)
    model = Model(architecture=architecture, units=3, read_out=read_out)
    found = weights.read(file, model, length=LENGTH, dimensions=DIMENSIONS)
    for one, other in zip(found, classifier.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("engine", ["numba", "keras"])
@pytest.mark.parametrize("architecture", SCANNED)
def test_the_weights_of_another_network_are_refused(architecture, engine, tmp_path):
    file = tmp_path / "seed-0.weights.h5"
    build(architecture, 3, LENGTH, DIMENSIONS, 0.2).save_weights(file)
    own = {"architecture": architecture, "units": 3, "read_out": "flatten"}

    def load(length=LENGTH, dimensions=DIMENSIONS, **changes):
        vectors = np.zeros((3, dimensions), np.float32)
        return engines.load(file, Model(**own | changes), engine, vectors, length=length)

    assert load().weights
    others = [{"architecture": name} for name in SCANNED if name != architecture]
    others += [{"units": 4}, {"read_out": "mean"}, {"outputs": 3}]
    others += [{"length": LENGTH + 1}, {"dimensions": 5}]
    for changes in others:
        with pytest.raises(UserError, match=r"seed-0\.weights\.h5: not the weights of"):
            load(**changes)


def test_weights_of_layers_of_other_names_are_refused(tmp_path):
    file = tmp_path / "seed-0.weights.h5"
    keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)]).save_weights(file)
    model = Model(architecture="lstm", units=3, read_out="flatten")
    with pytest.raises(UserError, match=r"seed-0\.weights\.h5: not the weights of"):
        weights.read(file, model, length=LENGTH, dimensions=DIMENSIONS)


def test_reading_a_network_imports_neither_keras_nor_tensorflow(tmp_path):
    build("bilstm", 2, LENGTH, DIMENSIONS, 0.2).save_weights(tmp_path / "x.weights.h5")
    script = (
        "import sys; from pathlib import Path; import numpy as np;"
        "from types import SimpleNamespace; from sentiment.networks import engines;"
        "model = SimpleNamespace(architecture='bilstm', units=2, read_out='flatten', outputs=1);"
        f"vectors = np.ones((3, {DIMENSIONS}), np.float32);"
        f"network = engines.load(Path('x.weights.h5'), model, 'numba', vectors, length={LENGTH});"
        f"print(engines.probabilities(network, np.ones((2, {LENGTH}), np.int32)).shape);"
        "print({'keras', 'tensorflow'} & set(sys.modules))"
    )
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True)
    assert done.stdout.splitlines() == ["(2,)", "set()"]
