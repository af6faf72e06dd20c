"""The served champion under load: right answers to right inputs, refusals of others, and no end."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from served import Server, memory_of_descendants, served
from tally import Tally

from sentiment.prediction.choice import choose
from sentiment.settings import params
from sentiment.tracking.champion import register

pytestmark = [
    pytest.mark.timeout(600),
    # MLflow says so when it is imported.
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:.*Any type hint is inferred as AnyType"),
]
CLIENTS, SECONDS = 200, 60
# Bytes by which the server may grow.
GROWTH = 500_000_000
WRONG = {"dataframe_split": {"columns": ["review"], "data": [["good"]]}}
# Each kind of request, and the status of its answer.
REQUESTS: dict[str, tuple[Callable[[Server], tuple[int, dict]], int]] = {
    "a right text": (lambda server: server.texts("good film", "dull"), 200),
    "a text of 1 MB": (lambda server: server.texts("good film " * 100_000), 200),
    "an empty text": (lambda server: server.texts(""), 400),
    "a request that is no JSON": (lambda server: server.answer(b'{"dataframe'), 400),
    "a request with other columns": (lambda server: server.answer(WRONG), 400),
}


def test_two_hundred_clients_get_right_answers_and_refusals(
    trained: Any, tally: Tally, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = f"sqlite:///{trained.folder / 'mlflow.db'}"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", store)
    register(Path.cwd(), choose(Path(), "champion", params.load()), "imdb")
    faults = {kind: tally.begin(f"{kind}, {CLIENTS} clients at a time", 0) for kind in REQUESTS}
    found, lock, answers = Counter[tuple[str, int]](), threading.Lock(), set()

    def client(number: int, end: float) -> None:
        chance = random.Random(number)
        while time.monotonic() < end:
            kind = chance.choice(list(REQUESTS))
            status, answer = REQUESTS[kind][0](server)
            with lock:
                found[kind, status] += 1
                if kind == "a right text":
                    answers.add(str(answer["predictions"]))

    with served(store, tmp_path) as server:
        assert server.texts("good film")[0] == 200
        before, end = memory_of_descendants(), time.monotonic() + SECONDS
        clients = [threading.Thread(target=client, args=(n, end)) for n in range(CLIENTS)]
        for one in clients:
            one.start()
        for one in clients:
            one.join()
        grown = memory_of_descendants() - before
        assert server.texts("good film")[0] == 200
    assert len(answers) == 1
    assert grown < GROWTH
    for (kind, status), number in sorted(found.items()):
        faults[kind].tried += number
        if status == REQUESTS[kind][1]:
            faults[kind].survived += number
            faults[kind].lost.add("nothing")
    assert all(fault.survived == fault.tried for fault in faults.values()), found
