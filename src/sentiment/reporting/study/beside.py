"""The experiments beside the table in words and tables: inputs, further runs, and movies."""

from collections import Counter

import pandas as pd

from sentiment.comparison import moved
from sentiment.comparison.statistics import EQUIVALENT, ONE_SEED, UNDECIDED
from sentiment.reporting.comparison import published
from sentiment.reporting.comparison.forms import as_markdown, digits, interval, marked, points
from sentiment.reporting.study.experiments import Experiments
from sentiment.reporting.study.questions import Answer

AWAY = "from the lesson's"
WORDS = {
    moved.OWN: "of the study",
    "reviews": "of the study",
    "all-tokens": "every token",
    "googlenews-26k": "26,423 words of GoogleNews",
}
INPUTS = (
    "Validation accuracy of the last epoch, mean of {seeds} seeds, where the vectors are brought "
    "to other norms, where no token is left out, and with vectors of GoogleNews; the last column "
    "is the mean distance from the lesson's figures. A norm of none is that of training, "
    "{trained:.1f} for those of the study:"
)
MOVED = (
    "What that changes in AUC on test against the study's own inputs, in points, over seeds "
    "(Welch's test, Holm over this table; bold is better or worse, ≈ smaller than {margin:g} "
    "points):"
)
FURTHER = (
    "Beside each of the lesson's accuracies the 95 % interval in which one further run of ours "
    "would fall: with another seed alone, and with another seed, split and vectors. What split and "
    "vectors add is measured on {models}, {draws} draws of each, and that of {models} stands for "
    "their architectures:"
)
LEAK = (
    "The same {reviews:,} labelled reviews, vectors of the unlabelled ones alone, {folds} folds "
    "and as many reviews to train on: once in folds that ignore movies, so that a validation "
    "review's movie is known, and once in folds that keep each movie together. Random less "
    "grouped, in points; the interval counts which movies there are and that another training "
    "gives another network (Holm by measure; bold is beyond chance, ≈ smaller than {margin:g} "
    "points):"
)
LEAK_QUESTION = "How much of the validation accuracy is knowing the movie?"


def inputs(found: Experiments) -> list[str]:
    """What other words and vectors do, under what the tables say."""
    if found.inputs.empty:
        return []
    runs, seeds = found.inputs, found.inputs.seed.nunique()
    shown, changed = [], []
    for (variant, norm), some in runs.groupby(["variant", "norm"], sort=False, dropna=False):
        means = some.groupby("model", sort=False).val_acc.mean()
        head = {"words": WORDS[str(variant)], "norm": "none" if pd.isna(norm) else f"{norm:g}"}
        away = [abs(mean - lesson) for model, mean in means.items() if (lesson := _lesson(model))]
        distance = points(sum(away) / len(away)).lstrip("+") if away else ""
        shown.append({**head, **means.map(digits), AWAY: distance})
        if variant != moved.OWN:
            rows = found.moved[found.moved.variant == variant]
            rows = rows[rows.norm.isna() if pd.isna(norm) else rows.norm == norm]
            cells = {row.model: marked(interval(row), row.verdict) for row in rows.itertuples()}
            changed.append({**head, **cells})
    printed = {model: digits(_lesson(model)) for model in runs.model.unique()}
    shown.append({"words": "the lesson", "norm": "", **printed, AWAY: ""})
    margin = 100 * found.params.questions.margin
    return [
        INPUTS.format(seeds=seeds, trained=found.trained_norm),
        as_markdown(pd.DataFrame(shown)),
        MOVED.format(margin=margin),
        as_markdown(pd.DataFrame(changed)),
    ]


def _lesson(model: object) -> float | None:
    return published.of_lesson(str(model))[1]


def further_runs(found: Experiments) -> list[str]:
    """The lesson's accuracies beside the intervals for one further run."""
    rows = found.further
    if rows.empty:
        return []
    by_seed = rows.lesson.between(rows.seed_low, rows.seed_high)
    inside = rows.lesson.between(rows.low, rows.high)
    table = pd.DataFrame(
        {
            "model": rows.model,
            "lesson": rows.lesson.map(digits),
            "our mean": rows["mean"].map(digits),
            "another seed": _ends(rows.seed_low, rows.seed_high),
            "": by_seed.map({True: "inside", False: "outside"}),
            "another seed, split and vectors": _ends(rows.low, rows.high),
            " ": inside.map({True: "inside", False: "outside"}),
        }
    )
    models = " and ".join(found.drawn)
    kinds = Counter(name.partition("-")[0] for name in found.params.resplit.draws)
    # The study's own is one more.
    said = FURTHER.format(models=models, draws=1 + max(kinds.values()))
    return [said, as_markdown(table), counted(found)]


def counted(found: Experiments) -> str:
    """How many of the lesson's accuracies lie inside, and how far they lie off; or nothing."""
    rows = found.further
    if rows.empty:
        return ""
    inside, apart = (
        rows.lesson.between(rows.low, rows.high).sum(),
        (rows.lesson - rows["mean"]).mean(),
    )
    return (
        f"Of the lesson's {len(rows)} validation accuracies {inside} lie where one further run of "
        f"ours would fall, with another seed, split and vectors; in the mean they lie "
        f"{points(abs(apart)).lstrip('+')} points {'above' if apart > 0 else 'below'} our means."
    )


def _ends(low: pd.Series, high: pd.Series) -> pd.Series:
    return "[" + low.map(digits) + ", " + high.map(digits) + "]"


def leak(found: Experiments) -> list[str]:
    """What knowing the movie gives, under what the table says."""
    if found.leak.empty:
        return []
    table = pd.DataFrame(
        {
            "model": row.model,
            "measure": {"acc": "accuracy", "auc": "AUC"}[row.measure],
            "random folds": digits(row.random),
            "folds by movie": digits(row.grouped),
            "points": marked(interval(row), row.verdict),
        }
        for row in found.leak.itertuples()
    )
    asked = found.params.leak
    said = LEAK.format(
        reviews=found.reviews, folds=asked.folds, margin=100 * found.params.questions.margin
    )
    return [f"{leak_answer(found)}", said, as_markdown(table)]


def leak_answer(found: Experiments) -> Answer:
    """The answer of the networks, by AUC, with what the movie alone would give."""
    rows = found.leak[found.leak.measure == "auc"].set_index("model")
    networks = rows.loc[list(found.params.leak.models)]
    heads = {
        EQUIVALENT: "None that matters",
        UNDECIDED: "None is shown",
        ONE_SEED: "Open, with one seed",
        "higher": "Some",
        "lower": "None, rather the contrary",
    }
    different = {heads[verdict] for verdict in networks.verdict}
    said = "; ".join(
        f"knowing it changes the AUC of {row.Index} by {interval(row)} points ({row.verdict})"
        for row in networks.itertuples()
    )
    by_movie = found.leak[(found.leak.measure == "acc") & (found.leak.model == "movie-majority")]
    more = ""
    for row in by_movie.itertuples():
        more = (
            f"; the majority label of a movie alone is right for {100 * row.random:.1f} % where "
            f"movies are known, and for {100 * row.grouped:.1f} % where they are not"
        )
    head = different.pop() if len(different) == 1 else "It depends on the network"
    return Answer(head, said, more)
