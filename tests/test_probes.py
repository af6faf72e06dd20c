import keras
import numpy as np
import pytest
import tensorflow as tf
from cells import Model
from hypothesis import given
from hypothesis import strategies as st

from sentiment.architectures import gru, lstm, rnn
from sentiment.errors import UserError
from sentiment.networks import classifiers
from sentiment.networks.training import Trainer
from sentiment.probes import gates, influence, jacobians, layers, planted, reordering, traces
from sentiment.probes.traces import Direction
from sentiment.reporting.memory import claims
from sentiment.storage.tokens import Reviews

# Keras 3.15 writes weights in a way that NumPy calls old.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

TIME, BATCH, DIMENSIONS, UNITS = 6, 2, 7, 3
BOTH = pytest.mark.parametrize("backwards", [False, True])
SCANS = {
    keras.layers.SimpleRNN: rnn.SCAN,
    keras.layers.LSTM: lstm.SCAN,
    keras.layers.GRU: gru.SCAN,
}
EACH = pytest.mark.parametrize("kind", SCANS)


def layer_and_direction(kind, backwards, units=UNITS, seed=0):
    random = np.random.default_rng(seed)
    layer = kind(units, return_sequences=True, go_backwards=backwards, dtype="float64")
    layer.build((None, None, DIMENSIONS))
    layer.set_weights([0.7 * random.normal(size=w.shape) for w in layer.get_weights()])
    return layer, Direction(SCANS[kind], backwards, *map(np.asarray, layer.get_weights()))


def last(architecture, units):
    return Model(architecture=architecture, units=units, read_out="last")


def inputs(batch=BATCH, time=TIME, seed=1):
    return np.random.default_rng(seed).normal(size=(batch, time, DIMENSIONS))


def in_order(direction, embedded):
    """Time first, in the order in which the direction runs."""
    return np.swapaxes(embedded[:, ::-1] if direction.backwards else embedded, 0, 1)


def steps_of(direction, embedded):
    return list(traces.walk(direction, direction.project(in_order(direction, embedded))))


@EACH
@BOTH
@given(
    batch=st.integers(1, 3), time=st.integers(1, 4), units=st.integers(1, 3), seed=st.integers(0, 9)
)
def test_the_steps_are_those_of_stock_keras(kind, backwards, batch, time, units, seed):
    layer, direction = layer_and_direction(kind, backwards, units, seed)
    embedded = inputs(batch, time, seed)
    found = np.stack([step.state for step in steps_of(direction, embedded)])
    expected = np.swapaxes(layer(embedded).numpy(), 0, 1)
    np.testing.assert_allclose(found, expected, atol=1e-9)


@EACH
@BOTH
def test_jacobian_norms_are_those_of_automatic_differentiation(kind, backwards):
    layer, direction = layer_and_direction(kind, backwards)
    embedded = tf.constant(inputs())
    steps = steps_of(direction, embedded.numpy())
    with tf.GradientTape() as tape:
        tape.watch(embedded)
        outputs = layer(embedded)
    whole = tape.batch_jacobian(outputs, embedded).numpy()  # [batch, time, units, time, dimensions]
    for start in range(TIME):
        found = jacobians.norms(direction, steps[start:])
        for lag in range(TIME - start):
            own = whole[:, start + lag, :, TIME - 1 - start if backwards else start]
            np.testing.assert_allclose(found[lag], np.linalg.norm(own, axis=(1, 2)), rtol=1e-6)


@EACH
@BOTH
def test_jacobian_norms_are_those_of_finite_differences(kind, backwards):
    _, direction = layer_and_direction(kind, backwards)
    embedded, start, step = inputs(), 2, 1e-5
    found = jacobians.norms(direction, steps_of(direction, embedded)[start:])
    columns = []
    for dimension in range(DIMENSIONS):
        moved = []
        for side in (-step, step):
            changed = in_order(direction, embedded).copy()
            changed[start, :, dimension] += side
            steps = traces.walk(direction, direction.project(changed))
            moved.append(np.stack([one.state for one in steps])[start:])
        columns.append((moved[1] - moved[0]) / (2 * step))
    expected = np.sqrt((np.stack(columns) ** 2).sum(axis=(0, 3)))
    np.testing.assert_allclose(found, expected, rtol=1e-4)


def halving(backwards=False):
    """A state that keeps exactly half of itself, in units so small that tanh is straight."""
    kernel = np.full((DIMENSIONS, 2), 1e-9)
    return Direction(rnn.SCAN, backwards, kernel, 0.5 * np.eye(2), np.zeros(2))


@BOTH
def test_a_recurrence_of_one_half_has_a_half_life_of_exactly_one_word(backwards):
    vectors = np.random.default_rng(0).normal(size=(5, DIMENSIONS))
    ids = np.full((3, 12), 2, np.int32)
    places = influence.Places(ids, np.array([4, 5, 6]), np.array([3, 3, 4], np.int32))
    found = influence.follow(halving(backwards), vectors, places, lags=4)
    for name in ("jacobian", "state"):
        curve = influence.relative(found[name])
        np.testing.assert_allclose(curve, 0.5 ** np.arange(5), rtol=1e-9)
        assert claims.reach(curve, 0.5) == pytest.approx(1, abs=1e-9)


@EACH
@BOTH
def test_influence_of_an_exchanged_word_is_that_of_two_whole_scans(kind, backwards):
    _, direction = layer_and_direction(kind, backwards)
    vectors = np.random.default_rng(0).normal(size=(9, DIMENSIONS))
    random = np.random.default_rng(3)
    # More reviews than are followed at a time.
    count, lags = influence.CHUNK + 3, 2
    ids = random.integers(1, 9, (count, 10)).astype(np.int32)
    at, others = random.integers(2, 8, count), random.integers(1, 9, count).astype(np.int32)
    found = influence.follow(direction, vectors, influence.Places(ids, at, others), lags)
    changed = ids.copy()
    changed[np.arange(count), at] = others
    before, after = (steps_of(direction, vectors[some]) for some in (ids, changed))
    names = ["state", "cell"] if kind is keras.layers.LSTM else ["state"]
    assert found.keys() == {"jacobian", "saturated", *names}
    for review, place in enumerate(at):
        turn = 9 - place if backwards else place
        for name in names:
            expected = [
                np.linalg.norm(getattr(b, name)[review] - getattr(a, name)[review])
                for a, b in zip(before[turn:][:3], after[turn:][:3], strict=True)
            ]
            np.testing.assert_allclose(found[name][:, review], expected, atol=1e-12)


def reviews(lengths, seed=0):
    random = np.random.default_rng(seed)
    ids = random.integers(1, 9, (len(lengths), max(lengths))).astype(np.int32)
    ids[np.arange(max(lengths)) >= np.array(lengths)[:, None]] = 0
    names = np.arange(len(lengths)).astype(str)
    return Reviews(names, ids, np.array(lengths, np.int8) % 2)


def test_places_have_as_many_words_to_either_side_as_there_are_lags():
    found = influence.places(reviews([3, 7, 8, 20, 6, 11]), 10, lags=3)
    words = (found.ids > 0).sum(1)
    assert sorted(words) == [7, 8, 11, 20]
    assert (found.at >= 3).all()
    assert (found.at + 3 < words).all()
    assert (found.others > 0).all()


def test_no_review_is_long_enough_for_too_many_lags():
    with pytest.raises(UserError, match=r"memory\.lags: no test review has 41 known words: .* 20"):
        influence.places(reviews([3, 20]), 10, lags=20)


@pytest.mark.parametrize(
    ("curve", "level", "lag"),
    [
        ([1, 0.5, 0.25], 0.5, 1.0),
        ([1, 0.8, 0.2], 0.4, 1.5),
        ([1, 2, 0.4, 0.6], 0.5, 1 + np.log(4) / np.log(5)),
        ([1, 0.9, 0.0], 0.5, 1.0),
        ([1, 0.9, 0.8], 0.5, None),
    ],
)
def test_a_level_is_reached_where_the_line_of_logarithms_first_crosses_it(curve, level, lag):
    found = claims.reach(np.array(curve, np.float64), level)
    assert found == (None if lag is None else pytest.approx(lag))


@pytest.mark.parametrize("kind", [keras.layers.LSTM, keras.layers.GRU])
@BOTH
def test_gates_are_counted_over_words_and_not_over_padding(kind, backwards):
    _, direction = layer_and_direction(kind, backwards)
    direction = direction._replace(
        **{n: getattr(direction, n).astype(np.float32) for n in ("kernel", "recurrent", "bias")}
    )
    vectors = 2 * np.random.default_rng(0).normal(size=(9, DIMENSIONS)).astype(np.float32)
    vectors[0] = 0
    ids = reviews([5, 2, 6, 1] * 10).ids
    found = gates.measure(direction, vectors, ids)
    steps = steps_of(direction, vectors[ids])
    passed = {name: np.stack([step.gates[name] for step in steps]) for name in steps[0].gates}
    known = in_order(direction, ids) > 0
    keeps = gates.KEEPS[direction.cell]
    assert found.keys() == {*passed, "half_lives"} - {"candidate"}
    for name in passed.keys() - {"candidate"}:
        values = passed[name][known]
        assert 0 < found[name]["open"] < 1
        assert found[name]["open"] == pytest.approx((values > 0.9).mean(), abs=2e-3)
        assert found[name]["closed"] == pytest.approx((values < 0.1).mean(), abs=2e-3)
    expected = np.log(0.5) / np.log(passed[keeps][known]).mean(0)
    np.testing.assert_allclose(found["half_lives"], expected, rtol=1e-3)


def test_a_layer_without_gates_has_none_to_count():
    assert gates.measure(halving(), np.zeros((2, DIMENSIONS)), np.ones((1, 2), np.int32)) == {}


def test_a_gate_of_the_lessons_lstm_has_17550_weights():
    per_gate = {}
    for architecture in ("lstm", "dense"):
        model = Model(architecture=architecture, units=50)
        built = classifiers.build(model, length=400, dimensions=300, dropout=0.2)
        layer = traces.of_network(model, built.get_weights())
        per_gate[architecture] = layers.weights_per_gate(layer)
    assert per_gate == {"lstm": {"gates": 4, "weights": 17_550}, "dense": {}}


def test_the_planted_word_stands_where_it_should_and_says_the_label():
    noise = np.array([5, 6, 7], np.int32)
    found = planted.sequences(noise, (1, 2), 3, 10, 200, np.random.default_rng(0))
    assert found.ids.shape == (200, 10)
    assert (found.ids[:, 6] == np.where(found.labels == 1, 1, 2)).all()
    assert set(np.delete(found.ids, 6, 1).flat) == {5, 6, 7}
    assert 60 < found.labels.sum() < 140


def test_a_planted_word_without_a_vector_is_refused():
    with pytest.raises(UserError, match=r"memory\.planted\.words: 'rubbish' has no vector"):
        planted.find(("good", "rubbish"), ["bad", "good"])
    assert planted.find(("good", "bad"), ["bad", "good"]) == (2, 1)


@pytest.mark.parametrize("architecture", ["lstm", "bilstm"])
def test_an_lstm_is_tried_with_open_and_with_half_open_forget_gates(architecture):
    found = dict(planted.untrained(last(architecture, 2), 5, 4))
    assert found.keys() == {1, 0}
    for bias, classifier in found.items():
        fresh = keras.models.clone_model(classifier)
        own = [w for w in fresh.get_weights() if w.shape == (8,)]
        assert len(own) == (2 if architecture == "bilstm" else 1)
        for weights in own:
            assert weights.tolist() == [0, 0, bias, bias, 0, 0, 0, 0]
    assert [bias for bias, _ in planted.untrained(last("rnn", 2), 5, 4)] == [None]


def test_a_word_planted_at_the_end_is_learnt():
    class Recipe:
        epochs, batch_size, learning_rate = 2, 8, 0.01

    vectors = np.random.default_rng(0).normal(size=(7, DIMENSIONS)).astype(np.float32)
    model = last("rnn", 4)
    ((_, classifier),) = planted.untrained(model, 5, DIMENSIONS)
    trainer = Trainer(model, classifier, vectors, Recipe(), "numba")
    fit = planted.learn(trainer, np.array([5, 6, 7], np.int32), (1, 2), 0, 400, 3)
    assert (fit["distance"], fit["seed"]) == (0, 3)
    assert len(fit["acc"]) == 2
    assert fit["acc"][-1] == 1


def test_a_tanh_is_saturated_where_its_slope_is_below_a_tenth():
    direction = halving()._replace(kernel=np.eye(DIMENSIONS, 2), recurrent=np.zeros((2, 2)))
    # Of the two units the first has slopes of 0.07 and more than 0.9, the second is flat nowhere.
    vectors = np.zeros((3, DIMENSIONS))
    vectors[1, 0], vectors[2, 0] = 2.0, 0.3
    ids = np.array([[2, 1, 1, 2, 2]], np.int32)
    places = influence.Places(ids, np.array([1]), np.array([2], np.int32))
    found = influence.follow(direction, vectors, places, lags=2)
    assert found["saturated"].tolist() == [[0.5], [0.5], [0.0]]


@given(words=st.integers(1, 30), distance=st.integers(1, 12), seed=st.integers(0, 5))
def test_pieces_stay_whole_and_no_word_is_lost(words, distance, seed):
    order = reordering.pieces(words, distance, np.random.default_rng(seed))
    assert sorted(order) == list(range(words))
    for start in range(0, words, distance):
        piece = np.arange(start, min(start + distance, words))
        at = int(np.flatnonzero(order == start)[0])
        assert order[at : at + len(piece)].tolist() == piece.tolist()


def test_every_order_has_the_words_of_the_review_and_padding_at_its_end():
    ids = np.array([[4, 3, 2, 1, 0, 0], [5, 6, 7, 8, 9, 2], [0] * 6], np.int32)
    found = {(name, d): order for name, d, order in reordering.orders(ids, [1, 2, 50])}
    assert found["as written", None] is ids
    assert found["reversed", None].tolist() == [[1, 2, 3, 4, 0, 0], [2, 9, 8, 7, 6, 5], [0] * 6]
    assert found["shuffled", 50].tolist() == ids.tolist()
    assert found["shuffled", 1].tolist() != ids.tolist()
    for order in found.values():
        assert np.sort(order).tolist() == np.sort(ids).tolist()
        assert ((order > 0) == (ids > 0)).all()


def test_orders_are_equal_for_every_network():
    ids = reviews([20, 30, 25]).ids
    first, second = (list(reordering.orders(ids, [1, 5])) for _ in range(2))
    for (_, _, one), (_, _, other) in zip(first, second, strict=True):
        assert np.array_equal(one, other)
