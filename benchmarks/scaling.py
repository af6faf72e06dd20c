"""The record and the page of what more data and more machines cost: scaling.json and scaling.md."""

from pathlib import Path
from typing import Any

from sentiment.running import host
from sentiment.storage.files import read_json, write_json, write_text

# Machines for which the many cells are reckoned.
MACHINES = (1, 4, 16, 64, 256)


def update(folder: Path, **parts: Any) -> None:
    """Write both files with these parts anew; others stay if this machine measured them."""
    path = folder / "scaling.json"
    here = host.describe()
    before = read_json(path) if path.exists() else {}
    if any(before.get(key) != here[key] for key in here):
        before = {}
    record = {**before, **here, **parts}
    write_json(path, record)
    write_text(folder / "scaling.md", page(record))


def page(record: dict[str, Any]) -> str:
    """Markdown of what the record has."""
    machine = record["host"]
    parts = [
        "# Scaling",
        f"Measured on {machine['cores']} cores of {machine['processor']}, "
        f"{machine['memory_gb']} GB, {machine['system']}.",
    ]
    if corpora := record.get("corpora"):
        parts += of_corpora(corpora)
    # The model is given two of them.
    if len(runs := record.get("runs", [])) > 1:
        parts += of_runs(runs, machine["cores"])
    if len(runs) > 1 and (many := record.get("many")):
        parts += of_many(many, runs)
    return "\n\n".join(parts) + "\n"


def of_corpora(corpora: list[dict[str, Any]]) -> list[str]:
    """Time and memory of the stages before training."""
    names = list(corpora[0]["stages"])
    head = ["times IMDB", "reviews", "million characters"]
    head += [f"{name}, {unit}" for name in names for unit in ("s", "MB")]
    rows = []
    for corpus in corpora:
        row = [corpus["times"], f"{corpus['reviews']:,}", f"{corpus['characters'] / 1e6:,.0f}"]
        for name in names:
            stage = corpus["stages"][name]
            row += [f"{stage['seconds']:,.0f}", f"{stage['peak_mb']:,}"]
        rows.append(row)
    largest = max(stage["peak_mb"] for c in corpora for stage in c["stages"].values())
    return [
        "## More text",
        "Time and peak memory of each stage before training, by the size of the corpus: the "
        "reviews of IMDB so many times over, with other first words and other movies in each copy, "
        "as a table. The word vectors are trained for one epoch, by one thread, as ever.",
        table(head, rows),
        f"No stage held more than {largest:,} MB.",
    ]


def of_runs(runs: list[dict[str, Any]], cores: int) -> list[str]:
    """The same stages on Ray clusters of several sizes, and what the model says."""
    rows = [
        [run["workers"], f"{run['seconds']:,.0f}", f"{modelled(runs, run['workers'], cores):,.0f}"]
        for run in runs
    ]
    stages = runs[0]["stages"]
    return [
        "## More machines",
        f"`sentiment run evaluate --engine ray` on a small grid, {stages} stages of which other "
        "machines can run, with Ray's head and each worker as a process of its own on this one "
        "computer, a worker with one processor.",
        table(["workers", "measured, s", "modelled, s"], rows),
        f"The model: {fixed(runs):,.0f} s that no further worker saves, since each has to start, "
        "to clone and to compile, and the head has stages of its own; and "
        f"{divisible(runs):,.0f} s that the workers share, as far as there are cores for them: "
        f"{cores} here. The first two rows are given to it, and the others are held against it; "
        "that workers beyond the cores compete for them as they start, it leaves out. Of what is "
        f"shared each stage costs {overhead(runs):.1f} s more than it runs: Git, DVC, the "
        "remote, and the start of Python.",
    ]


def of_many(many: dict[str, Any], runs: list[dict[str, Any]]) -> list[str]:
    """A thousand cells: what the head does, and what that means for many machines."""
    rows = []
    for machines in MACHINES:
        cells = many["cells"] * (many["cell_seconds"] + 2 * overhead(runs))
        work = fixed(runs) + cells / machines
        rows.append([machines, hours(work), hours(max(work, at_head(many)))])
    anew = many["stages"] * (many["lock_seconds"] + many["stage_seconds"])
    return [
        f"## {many['cells']:,} cells",
        f"A grid of {many['cells']:,} cells has {many['stages']:,} stages. The head surveys them "
        f"in {many['survey_seconds']:.1f} s and plans them in {many['plan_seconds']:.1f} s. Their "
        f"dvc.lock has {many['lock_bytes'] / 1e6:.1f} MB, and to read and write it takes "
        f"{many['lock_seconds']:.0f} s, which DVC does anew for each stage that it restores: "
        f"{hours(anew)} for all. The head takes up together whatever has come in meanwhile, and "
        "writes the file once for that, so that it needs "
        f"{many['stage_seconds']:.2f} s for each stage, {hours(at_head(many))} for all.",
        f"Modelled, with {many['cell_seconds']:.0f} s for the training and the evaluation of a "
        "cell, their mean in the study:",
        table(["machines", "work of each", "the whole run"], rows),
        "Where both columns differ the head is the limit.",
    ]


def divisible(runs: list[dict[str, Any]]) -> float:
    """Seconds of one worker's run that a second one halves."""
    one, two = runs[:2]
    return 2 * (one["seconds"] - two["seconds"])


def fixed(runs: list[dict[str, Any]]) -> float:
    """Seconds that a run takes with any number of workers."""
    return runs[0]["seconds"] - divisible(runs)


def modelled(runs: list[dict[str, Any]], workers: int, cores: int) -> float:
    """Seconds of a run, from those of one worker and of two."""
    return fixed(runs) + divisible(runs) / min(workers, cores)


def overhead(runs: list[dict[str, Any]]) -> float:
    """Seconds that a stage costs a worker beside what it runs, and what is compiled but once."""
    one, two = runs[:2]
    compiled = two["stage_seconds"] - one["stage_seconds"]
    return (divisible(runs) - (one["stage_seconds"] - compiled)) / one["stages"]


def at_head(many: dict[str, Any]) -> float:
    """Seconds that the head has to do, were all results there: the lock is written some times."""
    return (
        many["survey_seconds"]
        + many["plan_seconds"]
        + many["stages"] * many["stage_seconds"]
        + 10 * many["lock_seconds"]
    )


def hours(seconds: float) -> str:
    """Hours from one on, else minutes."""
    return f"{seconds / 3600:.1f} h" if seconds >= 3600 else f"{seconds / 60:.0f} min"


def table(head: list[str], rows: list[list[Any]]) -> str:
    """A table of Markdown, numbers to the right."""
    lines = [head, ["--:"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)
