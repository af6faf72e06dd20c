import threading

import numpy as np
import pytest

from sentiment.networks.batches import Batches, ahead

IDS = np.array([[3, 1, 0], [2, 0, 0], [9, 9, 4], [1, 5, 2], [7, 0, 0]], np.int32)
LABELS = np.array([0, 1, 1, 0, 1], np.int8)


def batches():
    return Batches(IDS, LABELS, vocabulary=10, dropped=(3, 2))


def rows(batch):
    """The reviews of a batch with their labels, read back from words and positions."""
    ids = batch.words[batch.positions].T[: batch.size]
    return [(*row, label) for row, label in zip(ids.tolist(), batch.labels, strict=False)]


def test_an_epoch_holds_every_review_once_with_its_label():
    found = [row for batch in batches().epoch(2, np.random.default_rng(0)) for row in rows(batch)]
    expected = [(*row, label) for row, label in zip(IDS.tolist(), LABELS, strict=True)]
    assert sorted(found) == sorted(expected)
    assert found != expected


def test_words_are_distinct_and_all_used():
    for batch in batches().epoch(2, np.random.default_rng(0)):
        assert batch.words.tolist() == sorted(set(batch.words.tolist()))
        assert set(batch.positions.flat) == set(range(len(batch.words)))


def test_bits_are_spread_over_their_whole_range():
    (batch,) = Batches(np.ones((64, 50), np.int32), np.ones(64), 2, (50, 31)).epoch(
        64, np.random.default_rng(0)
    )
    counts = np.bincount(batch.bits.reshape(-1) >> 12, minlength=16)
    assert batch.bits.shape == (50, 64, 31)
    assert np.abs(counts / batch.bits.size - 1 / 16).max() < 0.003


def test_a_smaller_last_batch_keeps_the_shape_and_tells_its_size():
    *_, last = batches().epoch(2, np.random.default_rng(0))
    assert (last.size, last.positions.shape, last.labels.shape) == (1, (3, 2), (2,))
    assert not last.words[last.positions[:, 1]].any()


def test_order_and_dropout_come_from_the_seed():
    def epoch(seed):
        made = batches().epoch(2, np.random.default_rng(seed))
        return b"".join(batch.positions.tobytes() + batch.bits.tobytes() for batch in made)

    assert epoch(1) == epoch(1) != epoch(2)


def test_results_come_in_order_from_another_thread():
    found = list(ahead(lambda item: (item, threading.get_ident()), range(4)))
    assert [item for item, _ in found] == [0, 1, 2, 3]
    assert threading.get_ident() not in {thread for _, thread in found}
    assert list(ahead(str, [])) == []


def test_an_error_made_ahead_is_raised():
    with pytest.raises(ZeroDivisionError):
        list(ahead(lambda item: 1 // item, [1, 0]))
