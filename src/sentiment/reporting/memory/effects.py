"""Sections of the page on memory: how far a word's effect reaches, and why."""

from typing import Any

import pandas as pd

from sentiment.reporting.memory import norms, rows
from sentiment.reporting.memory.gathered import Gathered
from sentiment.settings.params import Params


def influence(main: pd.DataFrame, gated: list[str], seeds: int, reviews: int) -> list[str]:
    """How much of a word's effect is left after so many words."""
    return [
        "## Is a word's effect gone two words later?",
        f"The norm of d h(t+k) / d x(t), Frobenius, mean of {reviews:,} words in as many test "
        f"reviews, as a share of that at k = 0; mean of {seeds} seeds with its 95 % interval. What "
        "runs backwards counts the words before. A half-life is where a half is left; it and the "
        "lag at which less than 1 % is left are medians of the seeds.",
        rows.influence(main, "jacobian"),
        "Of a plain RNN the lesson says that a word is lost, or diluted, by t + 2 (lost: less than "
        "a tenth is left; diluted: less than a half); of an LSTM that it remembers what its gates "
        "let it, and so longer:",
        "\n".join(rows.verdicts(main, gated)),
        "The word may also be exchanged for another from the reviews. This is how far h(t+k) then "
        "moves:",
        rows.influence(main, "state"),
        "This is how far the cell state c(t+k) of an LSTM moves:",
        rows.influence(main, "cell"),
        "![Influence by lag](figures/influence.png)",
        f"Influence by lag on test reviews. Lines are means over {seeds} seeds, bands their range. "
        "The horizontal axis is the number of words between the exchanged or moved word and the "
        "state, to the left for the backward direction; the vertical axis is the share of the "
        "effect at the word itself, on a logarithmic scale.",
    ]


def norms_of_vectors(found: Gathered, reviews: int) -> list[str]:
    """Whether the length of the vectors explains that; nothing where it is not asked."""
    if found.norms.empty:
        return []
    task = found.params.memory.planted
    steps = found.params.train.epochs * rows.steps(found.params)
    return [
        "## Is it the length of the vectors?",
        "The longer the word vectors, the further they push a unit's tanh to its ends, where it is "
        "flat and lets nothing through. The same networks, trained once more on the same vectors "
        f"brought to other mean norms ({len(task.seeds)} seeds; the study's own norm, "
        f"{found.params.vectors.norm:g}, with all of its seeds). Saturated is the share of words "
        f"and units, around the same {reviews:,} words, at which the tanh that takes the word in "
        "has a slope below a tenth: that of a plain layer's state, of an LSTM's candidate. The "
        "last column is that of the next but one section:",
        norms.table(found.norms, steps),
        "The lesson's claim about a plain RNN, that a word is lost or diluted by t + 2, at each "
        "norm:",
        "\n".join(norms.verdicts(found.norms, gated(found.probed))),
    ]


def read_outs(summary: pd.DataFrame, runs: pd.DataFrame) -> list[str]:
    """The same by what the read-out sees."""
    names = [name for name in runs.model.unique() if name in set(summary.model)]
    return [
        "## Does the read-out decide what is remembered?",
        "The same measure where the read-out sees all states, their mean, or the last alone:",
        rows.influence(summary[summary.model.isin(names)], "jacobian"),
        "![Influence by lag and read-out](figures/read-outs.png)",
        "Each panel is an architecture; the axes are those of the picture above.",
    ]


def planted(fits: pd.DataFrame, params: Params) -> list[str]:
    """Whether a word so far from the end can be learnt."""
    task = params.memory.planted
    positive, negative = task.words
    epoch = rows.steps(params)
    short, long = params.train.epochs, task.epochs
    more = f", and {long}, so {epoch * long:,} steps" if long > short else ""
    return [
        "## Can it be learnt?",
        f"A task of its own: sequences of {max(task.distances) + 1} words drawn from the training "
        f"reviews, in which “{positive}” or “{negative}”, k words before the end, decides the "
        f"label, and the read-out sees the last state alone. {task.sequences:,} sequences, no "
        f"dropout; {short} epochs as in the table of accuracy, so {epoch * short:,} steps{more}. "
        f"Accuracy on new sequences, mean of {len(task.seeds)} seeds. A chance answer is right "
        "half of the time. The last column: up to there every seed answers 95 % right. A small "
        "gradient is one thing, and this another: whether training finds what is left of it in so "
        "many steps. What was not learnt in them might be in more. A backward "
        "direction reads from the last word to the first, so for it the planted word is near when "
        "it stands near the beginning.",
        rows.planted(fits, epoch),
        "![Accuracy by distance of the planted word](figures/planted.png)",
        "Each panel is a number of epochs; the horizontal axis is the number of words after the "
        "planted one, the vertical axis accuracy on new sequences. Lines are means over the seeds, "
        "bands their range.",
    ]


def sentences(probed: list[dict[str, Any]], params: Params, seeds: int) -> list[str]:
    """The lesson's sentences, word by word."""
    parts = [
        "## The lesson's sentences",
        "How much of one word's effect is left at another, as a share of its effect on its own "
        "state, and which words move the state at that place most, as shares of what the word "
        f"standing there moves; norms of the Jacobian, mean of {seeds} seeds. Any sentence: "
        '`sentiment probe "..." --model lstm-50`.',
    ]
    for number, sentence in enumerate(params.memory.sentences):
        parts += [f"> {sentence.text.strip()}"]
        parts += [rows.sentences(probed, number, sentence.of, sentence.at)]
    return [
        *parts,
        "![The lesson's sentences](figures/sentences.png)",
        "Each panel is a sentence, with its words on the horizontal axis; the vertical axis is how "
        "much each word moves the state at the marked word, as a share of what that word itself "
        "moves, in the mean over the seeds.",
    ]


def gated(probed: list[dict[str, Any]]) -> list[str]:
    """Names of the models that have gates."""
    return [record["model"] for record in probed if record["gates"] > 1]


def gates(gates: pd.DataFrame, probed: list[dict[str, Any]], seeds: int) -> list[str]:
    """What gates do in the trained networks; nothing where there are none."""
    gated = [record for record in probed if record["gates"] > 1]
    if not gated:
        return []
    lines = [
        f"`{record['model']}`: {record['gates']} gates of {record['weights']:,} weights each."
        for record in gated
    ]
    return [
        "## What the gates do",
        "The lesson's arithmetic, (300 + 50 + 1) x 50 = 17,550 weights a gate, counted in the "
        "trained layers: " + " ".join(lines),
        f"Over all words of the {probed[0]['test_reviews']:,} test reviews, the share of words and "
        f"units at which a gate is nearly closed or nearly open, mean of {seeds} seeds, and the "
        "median unit's half-life: how many words until the gate that keeps the state has halved "
        "it, by the mean of its logarithm.",
        rows.gates(gates),
        "![Gates along a sentence](figures/gates.png)",
        f"Gates along the last sentence above, first seed of `{gated[0]['model']}`. The "
        "horizontal axis is the words; the vertical axes are the mean of each gate over the units, "
        "the norm of the cell state, and the probability of positive for the text up to the word.",
    ]
