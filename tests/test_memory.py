"""The questions of memory from the stages to the page, on networks that were never trained."""

import json
import math
import shutil
from pathlib import Path

import cells
import numpy as np
import pandas as pd
import pytest
from cells import Model
from conftest import Workplace

from sentiment.data import encoding
from sentiment.errors import UserError
from sentiment.networks import classifiers, engines, weights
from sentiment.networks.descriptions import Description, Trained
from sentiment.prediction.predictor import Predictor
from sentiment.probes import sentences, traces
from sentiment.reporting.memory import (
    account,
    accuracies,
    claims,
    gathered,
    hypothesis,
    measured,
    rows,
)
from sentiment.reporting.terminal import steps
from sentiment.settings.params import Params, load
from sentiment.storage.files import write_json

# Keras 3.15 writes weights in a way that NumPy calls old.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

MODELS = {
    "rnn-3": Model(architecture="rnn", units=3),
    "birnn-2": Model(architecture="birnn", units=2),
    "lstm-2": Model(architecture="lstm", units=2),
    "lstm-2-last": Model(architecture="lstm", units=2, read_out="last"),
    "dense-3": Model(architecture="dense", units=3),
}
GRID, ASKED = ["rnn-3", "birnn-2", "lstm-2"], ["lstm-2-last", "dense-3"]
SENTENCE = {"text": "The film, not dull: great.", "of": "not", "at": "great"}
DATA, OUT = Path("data/bymovie/reviews"), Path("reports/memory/bymovie")
PICTURES = ("influence", "read-outs", "planted", "sentences", "gates", "orders")
ANSWERS = OUT / "answers"
NETWORKS, SAID = Path("data/memory/bymovie"), Path("data/probabilities/bymovie")


def entry(model: Model) -> dict[str, object]:
    """What params.yaml says of the model."""
    return {name: value for name, value in vars(model).items() if name != "outputs"}


@pytest.fixture
def place(workplace: Workplace, monkeypatch: pytest.MonkeyPatch) -> Workplace:
    """Tokens, words, weights and results of five cells, two seeds each."""
    # Another test may have started TensorFlow with another number of threads.
    monkeypatch.setattr("sentiment.networks.runtime.configure_tensorflow", lambda _: None)
    planted = {"words": ["great", "bad"], "distances": [0, 2], "sequences": 16, "seeds": [0, 1]}
    planted |= {"epochs": 3}
    workplace.set(
        protocols={"bymovie": cells.PROTOCOL},
        models={name: entry(model) for name, model in MODELS.items()},
        grid={"protocols": ["bymovie"], "models": GRID},
        inputs={"variants": {}},
        resplit={"draws": {}},
        leak={"kinds": []},
        width={"trainings": {}},
        memory={
            "protocols": ["bymovie"],
            "models": ASKED,
            "probed": GRID,
            "reordered": ["rnn-3", "birnn-2"],
            "reviews": 9,
            "lags": 3,
            "distances": [1, 2],
            "sentences": [SENTENCE],
            "planted": planted,
            "norms": [1.0, None],
            "contrasts": [["lstm-2-last", "svm"], ["rnn-3", "svm"]],
        },
        # What the processor at hand does: no process is started for these tests.
        train={"dropout": cells.DROPOUT, "target": "native"},
        seeds=[0, 1],
    )
    cells.write_words(DATA)
    random = np.random.default_rng(0)
    texts = [random.integers(1, 9, length).tolist() for length in random.integers(4, 13, 40)]
    parts = ["train", "test", "validation", "test"] * 10
    labels = random.integers(0, 2, 40).tolist()
    names = [f"{number}" for number in range(40)]
    encoding.pack(names, parts, labels, cells.encoded(texts), cells.LENGTH).save(DATA / "tokens")
    write_json(DATA / "norm.json", {"trained": 5.0, "factor": 0.5})
    answers = pd.DataFrame({"id": names, "part": parts, "label": labels})
    for path in (NETWORKS / "lstm-2-last", SAID / "rnn-3"):
        write_answers(path, answers.assign(seed_0=random.random(40), seed_1=random.random(40)))
    scores = random.normal(size=40)
    write_answers(SAID / "baselines/svm", answers.assign(score=scores, predicted=scores > 0))
    for name, model in MODELS.items():
        described = {**vars(model), "engine": "numba", "recipe": {"target": "native"}}
        described |= {"architecture_code": "a" * 64}
        about = Trained(**described, code="c" * 64)
        Description(**described).write(describing(name))
        about.write(network(name) / "model.json")
        for seed in (0, 1):
            write_weights(network(name), model, seed)
        folder = OUT / "cells" if name in ASKED else Path("reports/results/bymovie")
        write_results(folder / f"{name}.json", name, about)
    return workplace


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where `ran` puts what the stages make, for the tests that come after it."""
    return tmp_path_factory.mktemp("made") / "memory"


@pytest.fixture
def ran(place: Workplace, made: Path) -> Workplace:
    """The same after all stages."""
    if made.exists():
        shutil.copytree(made, OUT, dirs_exist_ok=True)
    else:
        run(place)
        shutil.copytree(OUT, made)
    return place


def describing(model: str) -> Path:
    return Path("data/models") / f"{model}.json"


def network(model: str) -> Path:
    return Path("models/bymovie") / model


def write_weights(folder: Path, model: Model, seed: int) -> None:
    shape = {"length": cells.LENGTH, "dimensions": cells.DIMENSIONS}
    built = classifiers.build(model, **shape, dropout=cells.DROPOUT)
    random = np.random.default_rng(seed)
    built.set_weights([random.normal(size=w.shape) / 2 for w in built.get_weights()])
    built.save_weights(weights.path(folder, seed))


def write_answers(path: Path, answers: pd.DataFrame) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    answers.to_parquet(path.with_suffix(".parquet"))


def write_results(path: Path, model: str, about: Trained) -> None:
    scores = [
        {"seed": seed, "acc": 0.8, "val_acc": 0.7, "test_acc": 0.6 + len(model) / 100 + seed / 50}
        | {"test_auc": 0.7 + len(model) / 100 + seed / 50, "weights": f"{model} {seed}"}
        for seed in (0, 1)
    ]
    cell = {"protocol": "bymovie", "model": model, **about.shown(), "parameters": 7}
    write_json(path, {**cell, "seeds": scores})


def run(place: Workplace) -> None:
    for model in MODELS:
        given = "bymovie", model, DATA, network(model), OUT / f"probes/{model}.json"
        assert place.stage("probe", *given) is None
    for model in GRID:
        given = "bymovie", model, describing(model), DATA, OUT / f"planted/{model}.json"
        assert place.stage("plant", *given) is None
        given = (*given[:-1], OUT / f"rescaled/{model}.json")
        assert place.stage("rescale", *given) is None
    for model in ("rnn-3", "birnn-2"):
        given = "bymovie", model, DATA, network(model), OUT / f"reordered/{model}.json"
        assert place.stage("reorder", *given) is None
    assert remember(place) is None


def remember(place: Workplace) -> str | None:
    return place.stage("remember", "bymovie", "reports/results/bymovie", OUT, NETWORKS, SAID)


def test_equal_networks_give_equal_records_and_an_equal_page(ran: Workplace) -> None:
    first = {path: path.read_bytes() for path in OUT.rglob("*") if path.is_file()}
    drawn = {f"figures/{name}.{kind}" for name in PICTURES for kind in ("png", "svg")}
    tables = {f"{name}.csv" for name in ("influence", "norms", "linear", "weights")}
    made = {"memory.md", "ensembles.parquet", *tables, *drawn}
    assert {ANSWERS / name for name in made} <= first.keys()
    run(ran)
    assert {path: path.read_bytes() for path in first} == first


def page() -> str:
    """Made anew, without its figures."""
    records = Path("reports/results/bymovie"), OUT, NETWORKS, SAID
    return account.markdown(gathered.load("bymovie", load(), *records))


@pytest.mark.usefixtures("ran")
def test_the_page_follows_its_records() -> None:
    before = page()
    assert before == (ANSWERS / "memory.md").read_text()
    for folder, change in {
        "probes/rnn-3": lambda r: r["seeds"][0]["trained"]["forward"]["influence"]["jacobian"],
        "planted/lstm-2": lambda r: r["fits"][0]["acc"],
        "rescaled/rnn-3": lambda r: r["norms"][0]["seeds"][0]["trained"]["forward"]["influence"][
            "jacobian"
        ],
        "reordered/birnn-2": lambda r: r["scores"][0],
        "cells/dense-3": lambda r: r["seeds"][1],
    }.items():
        path = OUT / f"{folder}.json"
        old = path.read_text()
        record = json.loads(old)
        changed = change(record)
        if isinstance(changed, list):
            changed[2] += 0.5
        else:
            changed["test_auc" if "test_auc" in changed else "acc"] += 0.25
        write_json(path, record)
        assert page() != before
        path.write_text(old)


@pytest.mark.usefixtures("ran")
def test_the_same_is_told_of_every_norm() -> None:
    found = pd.read_csv(ANSWERS / "norms.csv")
    assert found.groupby("model").norm.unique().map(list).to_dict() == {
        "rnn-3": [1.0, 2.5, 5.0],
        "birnn-2": [1.0, 2.5, 5.0],
        "lstm-2": [1.0, 2.5, 5.0],
    }
    assert set(found.norm[found.is_trained]) == {5.0}
    # The same weights see longer vectors.
    fresh = found[(found.model == "rnn-3") & (found.training == "untrained")]
    assert fresh.saturated.is_monotonic_increasing
    assert fresh.saturated.iloc[-1] > fresh.saturated.iloc[0]
    page = (ANSWERS / "memory.md").read_text()
    assert "5.0, as trained" in page
    assert "- `rnn-3`, forward: at a norm of 1, " in page
    assert "`lstm-2`, forward: at a norm of" not in page


@pytest.mark.usefixtures("ran")
def test_networks_are_held_against_linear_models_by_the_answers_that_are_kept() -> None:
    said = pd.read_parquet(ANSWERS / "ensembles.parquet")
    found = pd.read_csv(ANSWERS / "linear.csv").set_index(["model_a", "measure"])
    assert set(found.index.get_level_values(0)) == {"lstm-2-last", "rnn-3"}
    for model in ("lstm-2-last", "rnn-3"):
        right = [
            (said[model] > 500) == (said.label > 0),
            said["svm predicted"] == said.label if "svm predicted" in said else said.svm > 500,
        ]
        difference = right[0].mean() - right[1].mean()
        assert found.loc[(model, "acc")].difference == pytest.approx(difference, abs=1e-6)


def test_a_record_that_is_missing_is_named_with_its_stage(ran: Workplace) -> None:
    (OUT / "planted/lstm-2.json").unlink()
    error = remember(ran)
    assert error is not None
    assert "planted/lstm-2.json: not found: run `sentiment run plant` to make it" in error


@pytest.mark.parametrize("stage", ["probe", "reorder"])
def test_weights_of_another_network_are_refused_in_a_line(place: Workplace, stage: str) -> None:
    shutil.copyfile(network("rnn-3") / "model.json", network("lstm-2") / "model.json")
    given = "bymovie", "rnn-3", DATA, network("lstm-2"), Path("record.json")
    error = place.refuses(stage, *given)
    assert "lstm-2/seed-0.weights.h5: not th" in error
    assert "run `sentiment run`" in error
    assert "\n" not in error


@pytest.mark.usefixtures("ran")
def test_a_network_without_recurrence_has_nothing_to_probe() -> None:
    assert [r["model"] for r in measured.probes(OUT / "probes", [*GRID, *ASKED])] == [
        *GRID,
        "lstm-2-last",
    ]


@pytest.mark.usefixtures("place")
def test_read_outs_stand_beside_the_grids_models_that_differ_in_nothing_else() -> None:
    runs = measured.read_outs(Path("reports/results/bymovie"), OUT / "cells", load())
    assert runs.model.unique().tolist() == ["lstm-2", *ASKED]
    assert accuracies.pairs(runs) == [("dense-3", "lstm-2"), ("lstm-2-last", "lstm-2")]


VERDICTS = ["better", "undecided", "better", "worse"]


def test_each_part_of_the_hypothesis_is_judged_by_its_own_comparisons() -> None:
    scores = {
        ("rnn", "flatten"): [0.70, 0.72],
        ("lstm", "flatten"): [0.80, 0.83],
        ("rnn", "last"): [0.60, 0.61],
        ("lstm", "last"): [0.80, 0.80],
        ("dense", "flatten"): [0.75, 0.75],
    }
    runs = [
        {"architecture": a, "read_out": r, "seed": seed, "test_auc": acc}
        for (a, r), accs in scores.items()
        for seed, acc in enumerate(accs)
    ]
    found = hypothesis.parts(pd.DataFrame(runs), 0.01)
    assert found.part.tolist() == [1, 2, 3, 3]
    assert found.difference.tolist() == pytest.approx([0.195, 0.195 - 0.105, 0.04, -0.065])
    first, second, third = hypothesis.sentences(found.assign(verdict=VERDICTS))
    assert first.startswith("- Part 1 holds: LSTM less RNN, the last state alone +19.50 [")
    assert second.startswith("- Part 2 is not shown: ")
    assert third.startswith("- Part 3 holds in part: dense less RNN, flatten +4.00 [")


def predictor(model: str = "lstm-2") -> Predictor:
    architecture, units, *_ = model.split("-")
    kind = cells.kind(f"{architecture}-{units}", MODELS[model].read_out)
    files = {"vocabulary": DATA / "vocabulary.txt", "vectors": DATA / "vectors.npy"}
    return Predictor(kind, **files, weights=weights.path(network(model), 0))


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize("model", GRID)
def test_a_direction_sees_the_words_on_its_side_and_no_others(model: str) -> None:
    read = sentences.read(predictor(model), SENTENCE["text"], "dull")
    assert read["words"] == ["the", "film", "not", "dull", "great"]
    assert read["at"] == 3
    forward = read["forward"]
    assert [value > 0 for value in forward["moved"]] == [True, True, True, True, False]
    assert forward["moved"][3] == forward["own"][3]
    if model == "birnn-2":
        # "great" has the zero vector, which moves nothing less.
        assert [value > 0 for value in read["backward"]["moved"]] == [False] * 3 + [True] * 2


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize("model", GRID)
def test_the_probability_after_the_last_word_is_that_of_the_text(model: str) -> None:
    asked = predictor(model)
    read = sentences.read(asked, SENTENCE["text"])
    for number, probability in enumerate(read["probability"]):
        text = " ".join(read["words"][: number + 1])
        assert probability == pytest.approx(asked.predict([text])[0].probability, abs=1e-6)


@pytest.mark.usefixtures("place")
def test_gates_from_the_saved_weights_give_the_models_own_answer() -> None:
    """All steps in NumPy, read out by hand."""
    asked = predictor()
    (ids,) = asked.encode([SENTENCE["text"]])
    (own,) = traces.of_network(asked.kind, asked.weights)
    vectors = np.concatenate([np.zeros((1, cells.DIMENSIONS)), asked.vectors])
    walked = list(traces.walk(own, own.project(vectors[ids])[:, None]))
    states = np.concatenate([step.gates["output"][0] * np.tanh(step.cell[0]) for step in walked])
    *_, kernel, bias = asked.weights
    odds = states @ kernel[:, 0] + bias[0]
    expected = engines.probabilities(asked.network(asked.vectors), ids[None])[0]
    assert 1 / (1 + np.exp(-odds)) == pytest.approx(expected, abs=1e-5)


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize(
    ("text", "at", "message"),
    [
        ("", None, "empty"),
        ("xyzzy", None, "none of its words is known"),
        ("good " * 13, None, "has 13 known words: the network reads 12: give a shorter one"),
        ("not dull", "good", "'good': not among the words that are known: not dull"),
    ],
)
def test_a_sentence_that_cannot_be_read_is_refused_in_a_line(
    text: str, at: str | None, message: str
) -> None:
    with pytest.raises(UserError, match=message) as refused:
        sentences.read(predictor(), text, at)
    assert "\n" not in str(refused.value)


@pytest.mark.usefixtures("place")
def test_a_sentence_is_shown_a_row_a_word() -> None:
    table = steps.table(sentences.read(predictor("birnn-2"), SENTENCE["text"], "dull"), "birnn-2")
    assert table.row_count == 5
    headers = [str(column.header) for column in table.columns]
    assert headers == ["word", "moves it, forward", "moves it, backward", "probability"]


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (0.01, 0.09, "holds: almost completely lost"),
        (0.2, 0.4, "holds as far as it says diluted"),
        (0.55, 0.7, "does not hold"),
        (0.05, 0.2, "cannot be told"),
        (0.4, 0.6, "cannot be told"),
    ],
)
def test_a_verdict_needs_the_whole_interval(low: float, high: float, said: str) -> None:
    assert said in claims.verdict(low, high)


def test_a_planted_word_is_remembered_as_far_as_every_seed_learns_it() -> None:
    fits = pd.DataFrame(
        {"distance": [0, 0, 2, 2, 5, 5, 9, 9], "acc": [1, 1, 1, 0.96, 1, 0.6, 1, 1]}
    )
    assert claims.furthest(fits) == 2
    assert claims.furthest(fits[fits.distance < 5]) == 2
    assert claims.furthest(fits[fits.distance == 5]) is None


def test_over_one_seed_there_are_means_and_no_intervals() -> None:
    values = [1.0, 0.5, 0.25, 0.005]
    columns = ["model", "seed", "training", "direction", "measure", "values"]
    curves = [("rnn-3", 0, t, "forward", "jacobian", values) for t in ("trained", "untrained")]
    summary = claims.summary(pd.DataFrame(curves, columns=columns))
    assert summary.half_life.tolist() == [1.0, 1.0]
    assert summary.left_low.isna().all()
    assert "25.0 %" in rows.influence(summary, "jacobian")
    assert "cannot be told" not in "".join(rows.verdicts(summary, ()))


def test_a_half_life_beyond_the_last_lag_is_said_to_be_so() -> None:
    columns = ["model", "seed", "training", "direction", "measure", "values"]
    curves = [
        ("lstm-2", s, t, "forward", "jacobian", [1.0, 0.9, 0.8 - s / 10])
        for s in (0, 1)
        for t in ("trained", "untrained")
    ]
    summary = claims.summary(pd.DataFrame(curves, columns=columns))
    assert "over 2" in rows.influence(summary, "jacobian")


def test_a_seed_that_stays_above_is_counted_and_spoils_no_median() -> None:
    columns = ["model", "seed", "training", "direction", "measure", "values"]
    curves = [
        ("rnn-3", seed, training, "forward", "jacobian", [1.0, 0.6, last])
        for seed, last in enumerate((0.4, 0.4, 0.55))
        for training in ("trained", "untrained")
    ]
    summary = claims.summary(pd.DataFrame(curves, columns=columns))
    assert summary.half_life_seeds.tolist() == [2, 2]
    assert "1.4 (2 of 3 seeds)" in rows.influence(summary, "jacobian")


def test_of_gates_more_or_less_is_said_where_intervals_do_not_meet() -> None:
    def row(model: str, left: float) -> dict[str, object]:
        ends = {"left": left, "left_low": left - 0.02, "left_high": left + 0.02}
        ends |= {"gone": 17.2 if model == "rnn-3" else math.inf, "lags": 60}
        shown = {"direction": "forward", "measure": "jacobian", "training": "trained"}
        return {"model": model, **shown, **ends}

    for left, said in ((0.4, ", more than"), (0.32, "not shown to be"), (0.2, ", less than")):
        summary = pd.DataFrame([row("rnn-3", 0.3), row("lstm-2", left)])
        plain, gated = rows.verdicts(summary, ["lstm-2"])
        assert "as far as it says diluted" in plain
        assert said in gated
        assert gated.endswith("left after more than 60 words, there after 17 words")


def test_orders_are_judged_in_pairs_of_the_same_networks() -> None:
    scores = {"as written": (0.8, 0.9, 0.7), "all words shuffled": (0.75, 0.86, 0.66)}
    named = pd.DataFrame(
        [
            ("m", order, seed, acc)
            for order, accs in scores.items()
            for seed, acc in enumerate(accs)
        ],
        columns=["model", "name", "seed", "acc"],
    )
    (found,) = hypothesis.orders(named, 0.01).itertuples()
    assert found.difference == pytest.approx(-0.13 / 3)
    assert found.verdict == "worse"
    told = hypothesis.order_matters(hypothesis.orders(named, 0.01), "all words shuffled")
    assert told.startswith("Yes. With all words shuffled: `m` -4.33 [")


def test_committed_questions_of_memory_name_words_of_their_sentences() -> None:
    settings: Params = load(Path(__file__).parents[1] / "params.yaml")
    for sentence in settings.memory.sentences:
        words = sentence.text.lower().replace(",", " ").replace(".", " ").split()
        assert {sentence.of, sentence.at} <= set(words)
