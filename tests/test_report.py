"""The page shows what the records say, says what is missing, and needs nothing but itself."""

import copy
import itertools
import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import browser
import pytest
from conftest import Workplace
from matplotlib.figure import Figure
from test_reporting import compare, weights, whole_study

from sentiment.reporting.comparison.figures import save
from sentiment.reporting.study.render import Section, html
from sentiment.storage.files import read_json, write_json, write_text

HOST = {"processor": "A processor", "cores": 2, "memory_gb": 24, "system": "Linux x86_64"}


def write_beside(place: Workplace, seeds: int = 3) -> None:
    """Records of the data, of tokens, of memory in bymovie and of the benchmarks."""
    data = {"dataset": "imdb", "digest": "d1g35t", "movies": {"test": 3581, "train": 3456}}
    write_json(place.folder / "reports/data.json", data)
    parts = {"train": {"reviews": 19824, "positive": 9954}, "test": {"reviews": 2, "positive": 1}}
    shares = {"tokens": 13290950, "dropped_share": 0.009424, "cut_share": 0.16886}
    for protocol in ("lecture", "bymovie"):
        record = {"protocol": protocol, "parts": parts, **shares}
        write_json(place.folder / f"reports/encoding/{protocol}/reviews.json", record)
    folder = place.folder / "reports/memory/bymovie/answers"
    text = "# Memory\n\n| model | left |\n|:--|:--|\n| rnn-50 | 29.3 % |\n\n![Curves](curves.png)\n"
    write_text(folder / "memory.md", text)
    save(Figure(figsize=(1, 1)), folder / "curves.png")
    rows = [f"lstm-5,{seed},{weights('bymovie', 'lstm-5', seed)}\n" for seed in range(seeds)]
    write_text(folder / "weights.csv", "".join(["model,seed,weights\n", *rows]))
    case = {"architecture": "rnn", "units": 50, "allocator": "default", "peak_mb": 901}
    times = {f"step_ms_{which}": 7.8 for which in ("low", "median", "high")}
    benchmarks = {
        "host": {"host": HOST, "versions": {"python": "3.11.7"}},
        "data": {"batch": 32, "length": 400, "origin": "reviews", "vocabulary": 7}
        | {"tokens_mean": 100.0, "distinct_words_mean": 50.0},
        "gflops": 95.5,
        "records": [{"implementation": "ours", **case, **times, "forward_ms_median": 3.3}],
        "bounds": [{"architecture": "rnn", "units": 50, "mflop": 310, "gflops": 62, "ms": 5.0}],
        "missing": [],
    }
    write_json(place.folder / "reports/benchmarks.json", benchmarks)


def report(place: Workplace) -> str:
    """The page as stage `report` makes it of what is in reports/."""
    assert place.stage("report", "reports") is None
    return page(place)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Workplace:
    """A whole study and its page."""
    place = Workplace(tmp_path_factory.mktemp("study"))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place.folder)
        whole_study(place)
        place.set(memory={"protocols": ["bymovie"]})
        write_beside(place)
        assert compare(place) is None
        report(place)
    return place


@pytest.fixture
def study(workplace: Workplace, built: Workplace) -> Workplace:
    """The same to change."""
    shutil.copytree(built.folder, workplace.folder, dirs_exist_ok=True)
    workplace.values = copy.deepcopy(built.values)
    return workplace


def page(place: Workplace) -> str:
    """The page as it was last made."""
    return (place.folder / "reports/index.html").read_text(encoding="utf-8")


def test_equal_records_give_equal_bytes(study: Workplace) -> None:
    before = study.files()
    report(study)
    assert study.files() == before


def change(path: Path, edit: Callable[[Any], Any]) -> None:
    record = read_json(path)
    edit(record)
    write_json(path, record)


CHANGES: dict[str, tuple[str, Callable[[Any], Any], list[str]]] = {
    "a seed's accuracies": (
        "reports/results/lecture/birnn-5.json",
        lambda cell: cell["seeds"][0].update(acc=0.91, val_acc=0.92, test_acc=0.93),
        ["answer", "tables", "measures", "differences", "units", "gaps"],
    ),
    "a seed's history": (
        "reports/results/bymovie/lstm-5.json",
        lambda cell: cell["seeds"][1]["history"][0].update(val_acc=0.5),
        ["curves"],
    ),
    "a cell's weights": (
        "reports/results/lecture/birnn-5.json",
        lambda cell: cell.update(parameters=31337),
        ["cost"],
    ),
    "a baseline": (
        "reports/results/bymovie/baselines/svm.json",
        lambda baseline: baseline.update(test_acc=0.7123),
        ["baselines"],
    ),
    "the data": (
        "reports/data.json",
        lambda data: data.update(digest="0th3r", movies={"test": 3582}),
        ["data", "provenance"],
    ),
    "tokens": (
        "reports/encoding/bymovie/reviews.json",
        lambda encoding: encoding.update(dropped_share=0.5),
        ["data"],
    ),
    "a benchmark": (
        "reports/benchmarks.json",
        lambda found: found["records"][0].update(step_ms_median=8.7),
        ["cost"],
    ),
    "the machine": (
        "reports/benchmarks.json",
        lambda found: found["host"]["host"].update(processor="Another"),
        ["cost", "provenance"],
    ),
}


def sections(text: str) -> dict[str, str]:
    """The page's sections by their names, without the list of files and their digests."""
    found = re.findall(r'<section id="(.*?)"(.*?)</section>', text, flags=re.DOTALL)
    return {name: part.partition("Files read")[0] for name, part in found}


@pytest.mark.parametrize("what", CHANGES)
def test_another_record_gives_another_page_in_its_place(study: Workplace, what: str) -> None:
    path, edit, places = CHANGES[what]
    before = page(study)
    change(study.folder / path, edit)
    compared = path.startswith("reports/results")
    if compared:
        assert compare(study) is None
    after = report(study)
    old, new = sections(before), sections(after)
    assert set(places) <= {name for name in old if old[name] != new[name]}
    # And nothing else of the page depends on it, but for the digests of the files.
    if not compared:
        assert {name for name in old if old[name] != new[name]} == set(places)
    assert before.partition("Files read")[2] != after.partition("Files read")[2]


def test_what_networks_remember_stands_in_the_page_with_its_pictures(study: Workplace) -> None:
    memory = study.folder / "reports/memory/bymovie/answers"
    old = sections(page(study))["memory"]
    assert "29.3 %" in old
    assert "data:image/png;base64," in old
    (memory / "curves.png").unlink()
    text = (memory / "memory.md").read_text(encoding="utf-8").replace("29.3", "31.4")
    write_text(memory / "memory.md", text)
    new = sections(report(study))["memory"]
    assert "31.4 %" in new
    assert "Missing: the picture curves.png" in new


def test_memory_of_other_weights_says_so_and_names_the_models(study: Workplace) -> None:
    assert "Of other weights" not in sections(page(study))["memory"]
    cell = study.folder / "reports/results/bymovie/lstm-5.json"
    change(cell, lambda record: record["seeds"][1].update(weights="0" * 64))
    new = sections(report(study))["memory"]
    assert re.search(r"Of other weights:.*<code>lstm-5</code>.*<code>make study</code>", new)
    # A network that was not asked may change.
    assert new.count("<code>lstm-5</code>") == 1
    other = study.folder / "reports/results/bymovie/birnn-5.json"
    change(other, lambda record: record["seeds"][1].update(weights="0" * 64))
    assert sections(report(study))["memory"] == new


@pytest.mark.parametrize("there_is_an_empty_file", [False, True])
def test_a_missing_record_is_named_in_its_place_and_the_rest_is_there(
    study: Workplace, there_is_an_empty_file: bool
) -> None:
    whole = sections(page(study))
    (study.folder / "reports/memory/bymovie/answers/memory.md").unlink()
    (study.folder / "reports/benchmarks.json").unlink()
    if there_is_an_empty_file:
        # As in a workspace, where nothing is measured.
        write_json(study.folder / "reports/benchmarks.json", {})
    without = sections(report(study))
    told = {name for name, text in without.items() if "<strong>Missing:</strong>" in text}
    assert told == {"memory", "cost", "provenance"}
    assert {name for name in whole if whole[name] != without[name]} == told
    assert "<code>make bench</code>" in without["cost"]


def test_memory_that_was_not_asked_for_is_not_missing(study: Workplace) -> None:
    study.set(memory={"protocols": []})
    memory = sections(report(study))["memory"]
    assert "Not asked" in memory
    assert "Missing" not in memory


def test_with_one_seed_the_page_says_so_and_shows_no_interval(workplace: Workplace) -> None:
    whole_study(workplace, seeds=1)
    write_beside(workplace, seeds=1)
    assert compare(workplace) is None
    shown = sections(report(workplace))
    assert "One seed: no interval can be given" in shown["tables"]
    assert not re.search(r"0\.\d{4} \[0\.", shown["tables"])
    assert "with a line for each of 1 seed." in shown["curves"]


def test_the_page_loads_nothing(built: Workplace) -> None:
    text = page(built)
    loaded = re.findall(r'<(?:script|link|img|source|iframe)\b[^>]*?(?:src|href)="(.{8})', text)
    assert loaded
    assert {address.partition(":")[0] for address in loaded} == {"data"}
    assert "url(" not in text
    assert "@import" not in text


def test_words_of_a_record_cannot_become_markup() -> None:
    shown = html(Section("name", "title", "| a <b> |\n|:--|\n| <script>1</script> |\n"))
    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown


def test_cells_of_a_table_have_their_headings() -> None:
    text = "# Here\n\n| | lesson Acc |\n|:--|:--|\n| rnn | 0.8 |\n| | 0.9 |\n"
    shown = html(Section("name", "title", text))
    assert "<h3>Here</h3>" in shown
    assert "<caption>Here</caption>" in shown
    assert '<th scope="col" class="lesson">lesson Acc</th>' in shown
    assert '<th scope="row">rnn</th>' in shown
    assert '<td class="lesson">0.8</td>' in shown
    # An empty cell heads nothing.
    assert shown.count("<td></td>") == 2


def test_levels_of_headings_are_never_skipped(built: Workplace) -> None:
    levels = [int(level) for level in re.findall(r"<h(\d)", page(built))]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


@pytest.fixture
def window() -> Iterator[browser.Browser]:
    if not (browser.CHROMIUM and browser.DRIVER):
        pytest.skip("no Chromium with ChromeDriver here: the top of README.md says how to get it")
    with browser.chromium() as opened:
        yield opened


# The first column of the first table, as it stands, and how its heading says it is sorted.
COLUMN = """
const table = document.querySelector('table');
const head = table.tHead.rows[0].cells[arguments[0]];
if (arguments[1]) head.querySelector('button').click();
const shown = [...table.tBodies[0].rows].map(row => row.cells[arguments[0]].innerText.trim());
return [shown, head.getAttribute('aria-sort')];
"""
WIDE = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
BACKGROUND = "return getComputedStyle(document.body).backgroundColor"


def test_the_page_works_in_a_browser(built: Workplace, window: browser.Browser) -> None:
    path = built.folder / "reports/index.html"
    backgrounds = set()
    for width in (360, 1400):
        for scheme in ("light", "dark"):
            window.emulate(width, scheme)
            window.open(path.as_uri())
            assert window.run(WIDE) == 0, (width, scheme)
            backgrounds.add(window.run(BACKGROUND))
    assert len(backgrounds) == 2
    assert window.run(COLUMN, 1, False) == [["5", "1", "5"], None]
    assert window.run(COLUMN, 1, True) == [["1", "5", "5"], "ascending"]
    assert window.run(COLUMN, 1, True) == [["5", "5", "1"], "descending"]
    assert window.run("return performance.getEntriesByType('resource').length") == 0
    assert [entry for entry in window.console() if entry["level"] == "SEVERE"] == []


def test_console_errors_would_be_seen(tmp_path: Path, window: browser.Browser) -> None:
    (tmp_path / "page.html").write_text("<script>throw Error('here')</script>", encoding="utf-8")
    window.open((tmp_path / "page.html").as_uri())
    assert "here" in json.dumps(window.console())
