import json
from pathlib import Path

import pytest

from sentiment.running import progress


@pytest.fixture(autouse=True)
def at_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_an_event_is_one_line_of_json_that_names_its_cell() -> None:
    events = progress.Events("lecture", "birnn-5")
    events.write("step", seed=0, epoch=1, step=3, steps=9, acc=0.5)
    events.write("seed", seed=0, weights="é\n")
    lines = events.path.read_text().splitlines()
    assert events.path == Path(".sentiment/events/lecture-birnn-5.jsonl")
    cell = {"protocol": "lecture", "model": "birnn-5"}
    assert [json.loads(line) for line in lines] == [
        {"event": "step", **cell, "seed": 0, "epoch": 1, "step": 3, "steps": 9, "acc": 0.5},
        {"event": "seed", **cell, "seed": 0, "weights": "é\n"},
    ]


def test_a_cell_that_starts_again_forgets_its_old_events() -> None:
    progress.Events("lecture", "birnn-5").write("seed", seed=0)
    events = progress.Events("lecture", "birnn-5")
    assert events.path.read_text() == ""


def test_each_event_is_read_once_and_in_order() -> None:
    follower = progress.Follower("lecture", "birnn-5")
    assert list(follower.new()) == []
    events = progress.Events("lecture", "birnn-5")
    progress.Events("lecture", "lstm-50").write("seed", seed=9)
    assert list(follower.new()) == []
    for seed in (0, 1):
        events.write("seed", seed=seed)
    assert [event["seed"] for event in follower.new()] == [0, 1]
    assert list(follower.new()) == []
    events.write("seed", seed=2)
    assert [event["seed"] for event in follower.new()] == [2]


def test_a_line_is_read_only_when_it_is_whole() -> None:
    events, follower = progress.Events("lecture", "rnn-1"), progress.Follower("lecture", "rnn-1")
    line = json.dumps({"event": "seed", "seed": 0}) + "\n"
    with events.path.open("a") as file:
        for letter in line[:-1]:
            file.write(letter)
            file.flush()
            assert list(follower.new()) == []
        file.write(line[-1] + line[:5])
    assert list(follower.new()) == [{"event": "seed", "seed": 0}]
    with events.path.open("a") as file:
        file.write(line[5:])
    assert list(follower.new()) == [{"event": "seed", "seed": 0}]


def test_a_file_started_anew_is_read_from_its_start() -> None:
    events, follower = progress.Events("lecture", "rnn-1"), progress.Follower("lecture", "rnn-1")
    for seed in (0, 1):
        events.write("seed", seed=seed)
    assert len(list(follower.new())) == 2
    progress.Events("lecture", "rnn-1").write("seed", seed=7)
    assert [event["seed"] for event in follower.new()] == [7]


def test_a_file_started_anew_is_seen_even_when_nothing_is_in_it_yet() -> None:
    events, follower = progress.Events("lecture", "rnn-1"), progress.Follower("lecture", "rnn-1")
    events.write("seed", seed=0)
    assert len(list(follower.new())) == 1
    events = progress.Events("lecture", "rnn-1")
    assert list(follower.new()) == []
    events.write("seed", seed=0)
    assert len(list(follower.new())) == 1


def test_the_bar_passes_events_on_and_counts_over_all_seeds_and_epochs(
    capsys: pytest.CaptureFixture[str],
) -> None:
    events = progress.Events("lecture", "rnn-1")
    bar = progress.Bar(events, seeds=[3, 5], epochs=2)
    bar("step", seed=5, epoch=2, step=4, steps=10, acc=0.5)
    bar("epoch", seed=5, epoch=2, epochs=2, acc=0.5, val_acc=0.25)
    assert [json.loads(line)["event"] for line in events.path.read_text().splitlines()] == [
        "step",
        "epoch",
    ]
    assert (bar.bar.n, bar.bar.total) == (34, 40)
    assert capsys.readouterr().err == ""
