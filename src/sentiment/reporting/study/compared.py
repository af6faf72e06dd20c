"""The sections of the page on the comparison itself: tables, pictures and their captions."""

from collections.abc import Mapping

from sentiment.comparison import doubtful
from sentiment.comparison.roles import TAUGHT
from sentiment.reporting.comparison import document, forms
from sentiment.reporting.comparison.tables import printed_runs
from sentiment.reporting.comparison.wording import Wording
from sentiment.reporting.study import questions
from sentiment.reporting.study.collected import Records


def tables(records: Records, picture: str) -> list[str]:
    """The tables of the lesson, and all models in one picture."""
    lesson, crosses = _lesson(records)
    parts = [
        "Each cell with its 95 % interval over seeds; the best validation accuracy is bold"
        f"{lesson}. A column's name sorts by it."
    ]
    for protocol, cells in records.table.groupby("protocol", sort=False):
        parts += [f"# {document.title(protocol)}", document.caption(cells), forms.networks(cells)]
        if f"{doubtful.METRIC}_mean" in cells:
            parts.append(document.NOTE)
        if protocol == TAUGHT:
            printed = printed_runs(records.runs)
            parts += [document.PRINTED, forms.printed_runs(printed), document.lesson(printed)]
    return [
        *parts,
        "# All models in one picture",
        f"![Accuracy of every model: each seed a dot, means with intervals]({picture})",
        "Each panel is a protocol; the horizontal axis is accuracy after the last epoch. Filled "
        f"marks are validation, hollow ones test, small dots single seeds{crosses}.",
    ]


def _lesson(records: Records) -> tuple[str, str]:
    """What is said of the lesson's columns, and of its crosses in pictures, where it has any."""
    if records.experiments.params.dataset.format == "table":
        return "", ""
    columns = ", and the columns named “lesson” hold what the lesson printed"
    return columns, ", and crosses the lesson's validation accuracy"


def measures(records: Records, shown: Mapping[str, str]) -> list[str]:
    """The same networks by other measures, with pictures."""
    words = Wording(records.experiments.params.dataset.classes, records.shares)
    parts = [*_threshold(words, shown["threshold"]), *_calibration(words, shown["calibration"])]
    for protocol, cells in records.table.groupby("protocol", sort=False):
        own = records.runs[records.runs.protocol == protocol]
        parts += [f"# {document.title(protocol)}"]
        parts += document.measures(str(protocol), cells, own, words)
    return parts


def _threshold(words: Wording, picture: str) -> list[str]:
    """The picture of what one threshold is worth, where a threshold calls one of two classes."""
    if words.second is None:
        return []
    shares = {words.share(protocol) for protocol in words.shares}
    said = f"{shares.pop().capitalize()} of the reviews are {words.second}."
    if shares:
        said = f"The dotted line is the share of reviews that are {words.second}."
    return [
        f"![Test accuracy of every run against the share it calls {words.second}]({picture})",
        "Each panel is a protocol, each mark a training; the horizontal axis is the share of test "
        f"reviews that it calls {words.second} at a threshold of one half, the vertical axis its "
        f"test accuracy. {said}",
    ]


def _calibration(words: Wording, picture: str) -> list[str]:
    """The picture of how often a probability is right."""
    of, right = "of the class called", "are of that class"
    if words.second is not None:
        of, right = "of the reviews", f"are {words.second}"
    return [
        f"![How often a probability is right, by what it says]({picture})",
        "Each panel is a protocol, each line a model, all its seeds together; the horizontal axis "
        f"is the mean probability {of} in a bin, the vertical axis the share of them that "
        f"{right}. On the dashed line probabilities are right.",
    ]


def differences(records: Records, picture: str) -> list[str]:
    """Every pair of models, and what was asked of them."""
    parts = [
        f"![Differences in AUC of every pair of models, with intervals]({picture})",
        "Each panel is a protocol, each row a pair of models; the horizontal axis is the AUC on "
        "test of the first less that of the second, in points, mean over seeds with its 95 % "
        "interval. Filled marks differ beyond chance, by Holm over all pairs of the panel; hollow "
        "ones are equivalent or undecided.",
    ]
    for protocol, numbers in records.numbers().items():
        own, tested = (
            frame[frame.protocol == protocol] for frame in (records.runs, records.differences)
        )
        parts += [f"# {document.title(protocol)}"]
        parts += document.questions(numbers.contrasts, records.asked)
        parts += document.pairs(numbers.cells, numbers.baselines, tested, own)
    return parts


def units(records: Records, picture: str) -> list[str]:
    """The picture of accuracy by units."""
    _, crosses = _lesson(records)
    return [
        f"![Accuracy by units of every model, means with intervals]({picture})",
        "Each panel is a protocol; the horizontal axis is the units of one direction, on a "
        "logarithmic scale, and the vertical axis accuracy after the last epoch. Filled marks are "
        f"validation, hollow ones test{crosses}. The numbers stand in the tables above.",
    ]


def curves(records: Records, picture: str) -> list[str]:
    """The picture of learning curves."""
    epochs, seeds = records.histories.epoch.max(), records.histories.seed.nunique()
    return [
        f"![Accuracy by epoch of every model, a line for each seed]({picture})",
        f"Each panel is a protocol, each group of lines a model, with a line for each of {seeds} "
        f"seed{'s' * (seeds > 1)}. The horizontal axis is the epoch, 1 to {epochs}; the vertical "
        "axis is accuracy, on validation after the epoch, and as a running mean while training "
        "with dropout on.",
    ]


def flattery(records: Records, picture: str) -> list[str]:
    """What validation says more than test."""
    return [
        str(questions.flattery(records.gaps)),
        "# Validation less test",
        *document.flattery(records.gaps),
        "# Validation against test",
        f"![Validation against test accuracy of every model and seed]({picture})",
        "The horizontal axis is validation accuracy, the vertical axis test accuracy. There is a "
        "mark for each model and protocol, with small dots for single seeds; on the dashed line "
        "the two accuracies are equal.",
    ]
