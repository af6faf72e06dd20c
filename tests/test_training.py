import hashlib
from types import SimpleNamespace

import keras
import numpy as np
import pytest
import tensorflow as tf
from cells import Model

from sentiment import architectures
from sentiment.errors import UserError
from sentiment.networks import engines, finding
from sentiment.networks.classifiers import build
from sentiment.networks.engines import able, padded, probabilities
from sentiment.networks.keras_engine import KerasEngine
from sentiment.networks.numba_engine import NumbaEngine
from sentiment.networks.training import Trainer

# Keras 3.15 writes weights in a way that NumPy calls old.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

LENGTH, DIMENSIONS, VOCABULARY = 7, 5, 11


def classifier_of(model, dropout=0.2):
    return build(model, length=LENGTH, dimensions=DIMENSIONS, dropout=dropout)


def network_of(model, classifier):
    """The Numba engine at the classifier's weights."""
    network = NumbaEngine(model, padded(vectors()))
    network.begin(classifier.get_weights())
    return network


def reviews(count, seed=0, classes=2):
    random = np.random.default_rng(seed)
    ids = random.integers(1, VOCABULARY + 1, (count, LENGTH), np.int32)
    ids[np.arange(LENGTH) >= random.integers(1, LENGTH + 1, (count, 1))] = 0
    return SimpleNamespace(ids=ids, labels=random.integers(0, classes, count).astype(np.int8))


def vectors(seed=0):
    return np.random.default_rng(seed).normal(size=(VOCABULARY, DIMENSIONS)).astype(np.float32)


def recipe(**changes):
    return SimpleNamespace(**{"epochs": 2, "batch_size": 4, "learning_rate": 0.001, **changes})


# Those that both engines compute.
SCANNED = [name for name in finding.names() if finding.scan(name)]
# Every architecture as taught, and every way to read one out.
CLASSIFIERS = [(architecture, "flatten") for architecture in SCANNED]
CLASSIFIERS += [("rnn", "last"), ("lstm", "mean"), ("bigru", "last"), ("dense", "mean")]
# Its dropout is drawn in the order in which each direction runs, which is not stock Keras'.
WITHOUT_DROPOUT = [*CLASSIFIERS, ("bilstm", "mean")]
# All of them in every way, except that what sees each word alone has no last state.
ALL = [(name, read_out) for name in SCANNED for read_out in ("flatten", "last", "mean")]
ALL.remove(("dense", "last"))


def trainer(
    architecture="birnn",
    units=3,
    dropout=0.2,
    read_out="flatten",
    engine="numba",
    outputs=1,
    **changes,
):
    model = Model(architecture, units, read_out, outputs)
    return Trainer(model, classifier_of(model, dropout), vectors(), recipe(**changes), engine)


def embedded(ids):
    return np.concatenate([np.zeros((1, DIMENSIONS), np.float32), vectors()])[ids]


def quiet(*_, **__):
    pass


@pytest.mark.parametrize(("architecture", "read_out"), WITHOUT_DROPOUT)
def test_steps_equal_those_of_stock_keras(architecture, read_out):
    ours = trainer(architecture, dropout=0.0, read_out=read_out)
    net = ours.begin(1)
    plain = keras.models.clone_model(ours.classifier)
    plain.set_weights(net.weights)
    plain.compile(keras.optimizers.RMSprop(0.001), "binary_crossentropy", metrics=["accuracy"])
    training = reviews(6)
    batches = ours.batches(training)
    random = np.random.default_rng(0)
    # The second batch is smaller than the first and filled up to its size.
    for chosen in (np.array([3, 1, 0, 2]), np.array([5, 4])):
        loss, right = net.step(batches.assemble(chosen, 4, random))
        expected = plain.train_on_batch(
            embedded(training.ids[chosen]), training.labels[chosen, None].astype(np.float32)
        )
        plain.reset_metrics()
        found = [loss / len(chosen), right / len(chosen)]
        np.testing.assert_allclose(found, expected, rtol=1e-4)
    pairs = zip(net.weights, plain.get_weights(), strict=True)
    for one, other in pairs:
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("engine", ["numba", "keras"])
@pytest.mark.parametrize("read_out", ["flatten", "last", "mean"])
def test_steps_of_four_classes_equal_those_of_stock_keras(read_out, engine):
    ours = trainer("birnn", dropout=0.0, read_out=read_out, engine=engine, outputs=4)
    net = ours.begin(1)
    plain = keras.models.clone_model(ours.classifier)
    plain.set_weights(net.weights)
    loss = "sparse_categorical_crossentropy"
    plain.compile(keras.optimizers.RMSprop(0.001), loss, metrics=["accuracy"])
    training = reviews(6, classes=4)
    batches = ours.batches(training)
    random = np.random.default_rng(0)
    for chosen in (np.array([3, 1, 0, 2]), np.array([5, 4])):
        loss, right = net.step(batches.assemble(chosen, 4, random))
        expected = plain.train_on_batch(embedded(training.ids[chosen]), training.labels[chosen])
        plain.reset_metrics()
        np.testing.assert_allclose([loss / len(chosen), right / len(chosen)], expected, rtol=1e-4)
    for one, other in zip(net.weights, plain.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("engine", ["numba", "keras"])
def test_validation_of_four_classes_is_stock_kerass(engine):
    ours = trainer("lstm", outputs=4, engine=engine, epochs=1)
    validation = reviews(9, seed=1, classes=4)
    (epoch,) = ours.fit(3, reviews(6, classes=4), validation, quiet).history
    plain = keras.models.clone_model(ours.classifier)
    plain.set_weights(ours.classifier.get_weights())
    plain.compile(loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    expected = plain.evaluate(embedded(validation.ids), validation.labels, verbose=0)
    np.testing.assert_allclose([epoch["val_loss"], epoch["val_acc"]], expected, rtol=1e-5)


@pytest.mark.parametrize(("architecture", "read_out"), CLASSIFIERS)
def test_gradients_with_dropout_equal_those_of_stock_keras(architecture, read_out):
    ours, training = trainer(architecture, dropout=0.3, read_out=read_out), reviews(4)
    random = np.random.default_rng(0)
    classifier, net = ours.classifier, ours.begin(0)
    classifier.set_weights([random.normal(size=w.shape) for w in classifier.get_weights()])
    net.begin(classifier.get_weights())
    batch = ours.batches(training).assemble(np.arange(4), 4, random)
    keep = (batch.bits.transpose(1, 0, 2) >= round(0.3 * 2**16)).astype(np.float32) / 0.7
    keep = keep[:, 0] if read_out == "last" else keep
    # Stock Keras draws a mask of its own, unless a layer without dropout stands in its place.
    whole = keras.models.clone_model(classifier)
    whole.set_weights(classifier.get_weights())
    *layers, unit = whole.layers
    with tf.GradientTape() as tape:
        states = embedded(training.ids)
        for layer in layers:
            mask = getattr(states, "_keras_mask", None)
            states = states * keep if layer.name == "dropout" else layer(states)
            if layer.name == "dropout":
                states._keras_mask = mask
        mean = keras.losses.binary_crossentropy(batch.labels, unit(states)[:, 0])
    expected = tape.gradient(mean, whole.trainable_variables)
    loss, _, found = net.gradients(batch)
    np.testing.assert_allclose(loss / 4, float(mean), rtol=1e-4)
    for one, other in zip(found, expected, strict=True):
        other = other.numpy()
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-4 * np.abs(other).max())


@pytest.mark.parametrize(("architecture", "read_out"), ALL)
def test_both_engines_train_and_answer_alike(architecture, read_out):
    both_ways = finding.scan(architecture).directions == 2
    # As above: dropout of such a mean is drawn in another order.
    dropout = 0.0 if both_ways and read_out == "mean" else 0.3
    training, validation = reviews(6), reviews(5, seed=1)
    # Reviews without a word are among them.
    training.ids[2] = validation.ids[4] = 0
    found = []
    for engine in ("numba", "keras"):
        ours = trainer(architecture, dropout=dropout, read_out=read_out, engine=engine)
        fit = ours.fit(4, training, validation, quiet)
        network = network_of(ours.model, ours.classifier)
        found.append((fit.history, ours.classifier.get_weights(), network, ours.classifier))
    (ours, weights, network, _), (theirs, others, _, classifier) = found
    for one, other in zip(ours, theirs, strict=True):
        assert one == pytest.approx(other, rel=0, abs=1e-5)
    for one, other in zip(weights, others, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-5)
    stock = KerasEngine(classifier, padded(vectors()))
    chances = [probabilities(each, validation.ids) for each in (network, stock)]
    np.testing.assert_allclose(*chances, rtol=0, atol=1e-5)


OWN = '''"""Both ways a GRU, read out by its largest states."""

import keras


def layers(units, return_sequences):
    gru = keras.layers.GRU(units, return_sequences=True)
    return [keras.layers.Bidirectional(gru), keras.layers.GlobalMaxPooling1D()]
'''


@pytest.fixture
def own(tmp_path, monkeypatch):
    (tmp_path / "own_of_a_test.py").write_text(OWN)
    monkeypatch.setattr(architectures, "__path__", [*architectures.__path__, str(tmp_path)])
    return "own_of_a_test"


@pytest.mark.parametrize("read_out", ["last", "mean"])
def test_a_read_out_that_would_see_padding_is_refused(own, read_out):
    with pytest.raises(UserError, match="GlobalMaxPooling1D knows no mask"):
        trainer(own, 2, read_out=read_out, engine="keras")


def test_an_architecture_without_equations_trains_on_keras(own, tmp_path):
    model = Model(own, 2, "flatten")
    assert able(own, "numba") == "keras"
    ours = trainer(own, 2, engine="keras")
    first = ours.fit(1, reviews(6), reviews(3, seed=1), quiet).history
    assert first == ours.fit(1, reviews(6), reviews(3, seed=1), quiet).history
    chances = probabilities(KerasEngine(ours.classifier, padded(vectors())), reviews(5).ids)
    expected = ours.classifier(embedded(reviews(5).ids), training=False).numpy()[:, 0]
    np.testing.assert_allclose(chances, expected, atol=1e-6)
    file = tmp_path / "seed-1.weights.h5"
    ours.classifier.save_weights(file)
    loaded = engines.load(file, model, "keras", padded(vectors()), length=LENGTH)
    np.testing.assert_array_equal(probabilities(loaded, reviews(5).ids), chances)


def test_dropout_leaves_what_its_bits_say_and_scales_it():
    ours = trainer("rnn", dropout=0.25, learning_rate=1.0)
    net = ours.begin(1)
    ours.classifier.set_weights(net.weights)
    training = reviews(4)
    batch = ours.batches(training).assemble(np.arange(4), 4, np.random.default_rng(2))
    kernel, bias = ours.classifier.layers[-1].get_weights()
    states = ours.classifier.layers[0](embedded(training.ids)).numpy()
    keep = batch.bits.transpose(1, 0, 2) >= 0.25 * 2**16
    odds = ((states * keep / 0.75).reshape(4, -1) @ kernel + bias)[:, 0]
    expected = np.log1p(np.exp(odds)) - odds * training.labels
    loss, _ = net.step(batch)
    np.testing.assert_allclose(loss, expected.sum(), rtol=1e-5)


def test_eight_reviews_can_be_learned_by_heart():
    ours = trainer("lstm", units=8, dropout=0.0, epochs=60, batch_size=8, learning_rate=0.01)
    history = ours.fit(1, reviews(8), reviews(3, seed=1), quiet).history
    assert history[-1]["acc"] == 1.0
    assert history[-1]["loss"] < 0.1


def test_equal_seeds_give_equal_bytes_and_other_seeds_other_bytes(tmp_path):
    def fitted(ours, seed):
        fit = ours.fit(seed, reviews(10), reviews(3, seed=1), quiet)
        ours.classifier.save_weights(tmp_path / "seed.weights.h5")
        return hashlib.sha256((tmp_path / "seed.weights.h5").read_bytes()).digest(), fit.history

    ours = trainer()
    first, other, again = fitted(ours, 1), fitted(ours, 2), fitted(ours, 1)
    assert first == again == fitted(trainer(), 1)
    assert first[0] != other[0]


def test_history_is_kerass_running_mean_then_validation():
    ours = trainer(dropout=0.0, epochs=1, learning_rate=1e-30)
    said = {}
    training, validation = reviews(10), reviews(7, seed=1)
    fit = ours.fit(3, training, validation, lambda event, **values: said.update({event: values}))
    plain = keras.models.clone_model(ours.classifier)
    plain.set_weights(ours.classifier.get_weights())
    plain.compile(loss="binary_crossentropy", metrics=["accuracy"])
    expected = [
        plain.evaluate(embedded(part.ids), part.labels[:, None].astype(np.float32), verbose=0)
        for part in (training, validation)
    ]
    (epoch,) = fit.history
    found = [[epoch["loss"], epoch["acc"]], [epoch["val_loss"], epoch["val_acc"]]]
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    assert said["epoch"] == {"seed": 3, "epochs": 1, "seconds": fit.seconds[0], **epoch}


def test_steps_are_reported_while_an_epoch_runs(monkeypatch):
    monkeypatch.setattr("sentiment.networks.training.INTERVAL", 0.0)
    said = []
    trainer(epochs=1).fit(
        3, reviews(6), reviews(2), lambda event, **values: said.append((event, values))
    )
    assert [event for event, _ in said] == ["step", "step", "epoch"]
    assert said[1][1].keys() == {"seed", "epoch", "step", "steps", "acc"}
    assert (said[1][1]["step"], said[1][1]["steps"]) == (2, 2)


@pytest.mark.parametrize(
    ("architecture", "read_out"), [("birnn", "flatten"), ("gru", "last"), ("bilstm", "mean")]
)
def test_probabilities_are_stock_kerass_whatever_reviews_are_beside(architecture, read_out):
    model = Model(architecture, 3, read_out)
    classifier = classifier_of(model)
    ids = reviews(40).ids
    net = network_of(model, classifier)
    found = probabilities(net, ids)
    assert found.dtype == np.float32
    expected = classifier(embedded(ids), training=False).numpy()[:, 0]
    np.testing.assert_allclose(found, expected, atol=1e-6)
    for chosen in (slice(None, None, -1), slice(3), slice(5, 38)):
        assert np.array_equal(probabilities(net, ids[chosen]), found[chosen])


def test_no_reviews_have_no_probabilities():
    network = network_of(Model("rnn"), classifier_of(Model("rnn")))
    assert probabilities(network, np.zeros((0, LENGTH), np.int32)).shape == (0,)


def test_probabilities_of_four_classes_are_stock_kerass_for_each_review():
    model = Model("bilstm", 3, "mean", 4)
    classifier = classifier_of(model)
    ids = reviews(40).ids
    found = probabilities(network_of(model, classifier), ids)
    assert (found.dtype, found.shape) == (np.float32, (40, 4))
    np.testing.assert_allclose(found, classifier(embedded(ids), training=False), atol=1e-6)
    assert probabilities(network_of(model, classifier), ids[:0]).shape == (0, 4)


@pytest.mark.parametrize("read_out", ["last", "mean"])
def test_a_review_without_a_word_says_nothing_where_padding_is_masked(read_out):
    model = Model("birnn", 3, read_out)
    classifier = classifier_of(model)
    *others, bias = classifier.get_weights()
    classifier.set_weights([*others, bias + 1])
    found = probabilities(network_of(model, classifier), np.zeros((1, LENGTH), np.int32))
    np.testing.assert_allclose(found, 1 / (1 + np.exp(-1)), rtol=1e-6)
