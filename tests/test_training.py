import hashlib
from types import SimpleNamespace

import keras
import numpy as np
import pytest

from sentiment.architectures import BUILDERS, build
from sentiment.training import Trainer, probabilities

# Keras 3.15 writes weights in a way that NumPy calls old.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

LENGTH, DIMENSIONS, VOCABULARY = 7, 5, 11


def reviews(count, seed=0):
    random = np.random.default_rng(seed)
    ids = random.integers(1, VOCABULARY + 1, (count, LENGTH), np.int32)
    ids[np.arange(LENGTH) >= random.integers(1, LENGTH + 1, (count, 1))] = 0
    return SimpleNamespace(ids=ids, labels=random.integers(0, 2, count).astype(np.int8))


def vectors(seed=0):
    return np.random.default_rng(seed).normal(size=(VOCABULARY, DIMENSIONS)).astype(np.float32)


def recipe(**changes):
    return SimpleNamespace(**{"epochs": 2, "batch_size": 4, "learning_rate": 0.001, **changes})


def trainer(architecture="birnn", units=3, dropout=0.2, **changes):
    classifier = build(architecture, units, LENGTH, DIMENSIONS, dropout)
    return Trainer(classifier, vectors(), recipe(**changes))


def embedded(ids):
    return np.concatenate([np.zeros((1, DIMENSIONS), np.float32), vectors()])[ids]


def quiet(*_, **__):
    pass


@pytest.mark.parametrize("architecture", BUILDERS)
def test_steps_equal_those_of_stock_keras(architecture):
    ours = trainer(architecture, dropout=0.0)
    ours.reset(1)
    plain = keras.models.clone_model(ours.classifier)
    plain.set_weights(ours.classifier.get_weights())
    plain.compile(keras.optimizers.RMSprop(0.001), "binary_crossentropy", metrics=["accuracy"])
    training = reviews(6)
    batches = ours.batches(training)
    random = np.random.default_rng(0)
    # The second batch is smaller than the first, which was compiled for four reviews.
    for chosen in (np.array([3, 1, 0, 2]), np.array([5, 4])):
        loss, right = ours.step(*batches.assemble(chosen, 4, random))
        expected = plain.train_on_batch(
            embedded(training.ids[chosen]), training.labels[chosen, None].astype(np.float32)
        )
        plain.reset_metrics()
        found = [float(loss) / len(chosen), float(right) / len(chosen)]
        np.testing.assert_allclose(found, expected, rtol=1e-4)
    pairs = zip(ours.classifier.get_weights(), plain.get_weights(), strict=True)
    for one, other in pairs:
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)


def test_dropout_leaves_what_its_bits_say_and_scales_it():
    ours = trainer("rnn", dropout=0.25, learning_rate=1.0)
    ours.reset(1)
    training = reviews(4)
    batch = ours.batches(training).assemble(np.arange(4), 4, np.random.default_rng(2))
    kernel, bias = ours.classifier.layers[-1].get_weights()
    states = ours.classifier.layers[0](embedded(training.ids)).numpy()
    keep = batch.bits.transpose(1, 0, 2) >= 0.25 * 2**16
    odds = ((states * keep / 0.75).reshape(4, -1) @ kernel + bias)[:, 0]
    expected = np.log1p(np.exp(odds)) - odds * training.labels
    loss, _ = ours.step(*batch)
    np.testing.assert_allclose(float(loss), expected.sum(), rtol=1e-5)


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
    monkeypatch.setattr("sentiment.training.INTERVAL", 0.0)
    said = []
    trainer(epochs=1).fit(
        3, reviews(6), reviews(2), lambda event, **values: said.append((event, values))
    )
    assert [event for event, _ in said] == ["step", "step", "epoch"]
    assert said[1][1].keys() == {"seed", "epoch", "step", "steps", "acc"}
    assert (said[1][1]["step"], said[1][1]["steps"]) == (2, 2)


@pytest.mark.parametrize("architecture", ["birnn", "gru"])
def test_probabilities_are_stock_kerass_whatever_reviews_are_beside(architecture):
    classifier = build(architecture, 3, LENGTH, DIMENSIONS, 0.2)
    ids = reviews(40).ids
    found = probabilities(classifier, vectors(), ids)
    assert found.dtype == np.float32
    expected = classifier(embedded(ids), training=False).numpy()[:, 0]
    np.testing.assert_allclose(found, expected, atol=1e-6)
    for chosen in (slice(None, None, -1), slice(3), slice(5, 38)):
        assert np.array_equal(probabilities(classifier, vectors(), ids[chosen]), found[chosen])


def test_no_reviews_have_no_probabilities():
    classifier = build("rnn", 1, LENGTH, DIMENSIONS, 0.2)
    assert probabilities(classifier, vectors(), np.zeros((0, LENGTH), np.int32)).shape == (0,)
